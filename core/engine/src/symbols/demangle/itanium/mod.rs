//! C++ names as the Itanium ABI mangles them, which is every compiler but Microsoft's.
//!
//! `_ZN4shop4Cart3addERKSt6vectorIiSaIiEE` is
//! `shop::Cart::add(std::vector<int, std::allocator<int> > const&)`: the grammar is read into a [`tree::Tree`] of
//! small nodes, and the tree is printed. Substitutions (`S_`) are nodes with several parents, whose text is copied
//! when it is needed again. Template parameters (`T_`) get their meaning while printing: the same node means
//! something else in another function.
//!
//! Sources: the Itanium C++ ABI, chapter 5.1 "External names"; for the form of the text, binutils' `c++filt`.

mod builtins;
mod node;
mod parse;
mod phrases;
mod print;
#[cfg(test)]
mod tests;
mod tree;

use std::cell::RefCell;

use super::Detail;
use parse::{Parsed, Parser};
use print::{Printed, Printer};

/// Longer names are not read.
const MAX_MANGLED: usize = 64 * 1024;
/// A short name can stand for gigabytes (substitutions of substitutions): what is longer has no text.
const MAX_DEMANGLED: usize = 256 * 1024;

/// The text of a mangled name; None if it is no mangled name, or one beyond the limits.
///
/// What compilers append stays, as `c++filt` marks it: `f() [clone .cold]`.
pub(super) fn demangle(name: &str, detail: Detail) -> Option<String> {
    if name.len() > MAX_MANGLED {
        return None;
    }
    let name = name.as_bytes();
    // Mach-O puts an underscore before every name.
    if let Some(mangled) = name.strip_prefix(b"_Z").or_else(|| name.strip_prefix(b"__Z")) {
        return whole(mangled, "", detail);
    }
    let mangled = name.strip_prefix(b"___Z").or_else(|| name.strip_prefix(b"____Z"))?;
    whole(mangled, "invocation function for block in ", detail)
}

/// Memory that one name after the other is read in: names are short, and allocating would take half of the time.
#[derive(Default)]
struct Scratch {
    parsed: Parsed,
    printed: Printed,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a thread keeps of the memory for a name.
const MAX_KEPT: usize = 64 * 1024;

fn whole(mangled: &[u8], prefix: &str, detail: Detail) -> Option<String> {
    SCRATCH.with(|scratch| {
        let mut scratch = scratch.try_borrow_mut().ok()?;
        let text = scratch.demangle(mangled, prefix, detail);
        if scratch.parsed.tree.capacity() + scratch.printed.out.capacity() > MAX_KEPT {
            *scratch = Scratch::default();
        }
        text
    })
}

impl Scratch {
    fn demangle(&mut self, mangled: &[u8], prefix: &str, detail: Detail) -> Option<String> {
        let mut parser = Parser::new(mangled, &mut self.parsed);
        let root = parser.encoding()?;
        let rest = mangled.get(parser.at()..)?;
        let clones = if prefix.is_empty() { rest } else { block_suffix(rest)? };
        let mut printer = Printer::new(mangled, &self.parsed.tree, &mut self.printed, detail);
        printer.push(prefix.as_bytes())?;
        printer.root(root, detail)?;
        print_clones(&mut printer, clones)?;
        std::str::from_utf8(&self.printed.out).ok().map(str::to_owned)
    }
}

/// Reads past `_block_invoke`, `_block_invoke_2` and what else compilers number blocks with.
fn block_suffix(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.strip_prefix(b"_block_invoke")?;
    let digits = rest.strip_prefix(b"_").unwrap_or(rest);
    let behind = skip(digits, |byte| byte.is_ascii_digit());
    let is_complete = digits.len() == rest.len() || behind.len() < digits.len();
    is_complete.then_some(behind)
}

/// ` [clone .isra.0] [clone .cold]` for `.isra.0.cold`; None for what no compiler appends.
fn print_clones(printer: &mut Printer, mut rest: &[u8]) -> Option<()> {
    while !rest.is_empty() {
        let behind = behind_clone(rest)?;
        printer.push(b" [clone ")?;
        printer.push(rest.get(..rest.len() - behind.len())?)?;
        printer.push(b"]")?;
        rest = behind;
    }
    Some(())
}

/// What follows a word with a dot before it, and numbers with dots before them.
fn behind_clone(rest: &[u8]) -> Option<&[u8]> {
    let word = rest.strip_prefix(b".")?;
    let mut rest = skip(word, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if rest.len() == word.len() {
        return None;
    }
    while let Some(number) =
        rest.strip_prefix(b".").filter(|rest| rest.first().is_some_and(u8::is_ascii_digit))
    {
        rest = skip(number, |byte| byte.is_ascii_digit());
    }
    Some(rest)
}

fn skip(text: &[u8], is_part: impl Fn(u8) -> bool) -> &[u8] {
    let len = text.iter().take_while(|&&byte| is_part(byte)).count();
    text.get(len..).unwrap_or(&[])
}
