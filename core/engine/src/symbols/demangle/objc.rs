//! Objective-C: methods are called as they are written, `-[Cart total]`; blocks within them say so:
//! `__13-[Cart total]_block_invoke_2` is the second block of that method.
//!
//! Source: LLVM's clang/lib/AST/Mangle.cpp (the number is the length of the enclosing name, plus what `block_invoke`
//! is followed by) and what its debugger shows. In full the number of the block is told, for short it is not: it changes
//! whenever a block is added before.

use super::Detail;

/// Blocks within blocks within one name.
const MAX_NESTING: usize = 8;

/// Whether a name is that of a block.
pub(super) fn is_mangled(name: &[u8]) -> bool {
    name.starts_with(b"__") && contains(name, b"_block_invoke")
}

/// Whether it is a method, or a block of one.
pub(super) fn is_objective_c(name: &[u8]) -> bool {
    is_method(name) || (is_mangled(name) && (contains(name, b"-[") || contains(name, b"+[")))
}

fn is_method(name: &[u8]) -> bool {
    (name.starts_with(b"-[") || name.starts_with(b"+[")) && name.ends_with(b"]")
}

fn contains(name: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(name, part).is_some()
}

/// `block in -[Cart total]`; None if the name is none of a block.
pub(super) fn demangled(name: &str, detail: Detail) -> Option<String> {
    block(name, detail, 0)
}

fn block(name: &str, detail: Detail, depth: usize) -> Option<String> {
    let inner = name.strip_prefix("__")?;
    let end = inner.rfind("_block_invoke")?;
    let number = inner.get(end + "_block_invoke".len()..)?;
    let function = enclosing(inner.get(..end)?)?;
    let number = block_number(number)?;
    let shown = shown(function, detail, depth)?;
    Some(if detail == Detail::NoArguments {
        format!("block in {shown}")
    } else {
        format!("block #{number} in {shown}")
    })
}

/// Behind the number that tells its length; clang leaves that out where nothing needs it.
fn enclosing(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let function = text.get(digits..)?;
    let is_told = digits == 0 || text.get(..digits)?.parse() == Ok(function.len());
    (is_told && !function.is_empty()).then_some(function)
}

/// `_block_invoke` is the first, `_block_invoke_2` the second.
fn block_number(text: &str) -> Option<u32> {
    let text = text.split('.').next()?;
    if text.is_empty() {
        return Some(1);
    }
    text.strip_prefix('_')?.parse().ok()
}

fn shown(function: &str, detail: Detail, depth: usize) -> Option<String> {
    if depth < MAX_NESTING && is_mangled(function.as_bytes()) {
        return block(function, detail, depth + 1);
    }
    if is_mangled(function.as_bytes()) {
        return None;
    }
    Some(super::demangled(function, detail).unwrap_or_else(|| function.to_owned()))
}
