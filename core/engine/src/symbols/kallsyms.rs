//! Symbols of a Linux kernel: `/proc/kallsyms` of a running one, `System.map` of one that was built.
//!
//! ```text
//! ffffffff81000000 T _stext
//! ffffffffc0a41000 t nf_tables_newrule [nf_tables]
//! ```
//!
//! Address, type as `nm` has it, name, and the module that it belongs to. Addresses are image-relative to `_text`.

use std::borrow::Cow;

use super::debug_file::Summary;
use super::error::DebugFileError;
use super::perf_map::{everywhere, map_summary};
use super::symtab::{Binding, Kind, Symbol, Symbols};
use super::text_lines::{first_lines, hex, lines};

/// Kernels have a few hundred thousand symbols.
const MAX_SYMBOLS: usize = 1 << 24;
/// Between the kernel and its modules, and behind each of them, is no code: no function is longer.
const MAX_FUNCTION: u64 = 1 << 16;
/// Digits of an address, 32 and 64 bits.
const WIDTHS: [usize; 2] = [8, 16];

const MARKERS: [&[u8]; 6] = [b"_text", b"_stext", b"__pi__text", b"_etext", b"_sinittext", b"_einittext"];

/// A line of the list.
struct Line<'d> {
    address: u64,
    kind: u8,
    name: &'d [u8],
    /// Empty for the kernel itself.
    module: &'d [u8],
}

/// Whether every one of the first lines has the form, and not all types are digits: then it may be a perf map.
pub(super) fn is_list(data: &[u8]) -> bool {
    let Some(first) = first_lines(data) else { return false };
    let symbols: Option<Vec<_>> = first.iter().map(|line| parsed(line)).collect();
    symbols.is_some_and(|symbols| symbols.iter().any(|symbol| !symbol.kind.is_ascii_hexdigit()))
}

/// An error if the kernel hid its addresses.
pub(super) fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    if symbols(data).all(|symbol| symbol.address == 0) {
        return Err(DebugFileError::Unsupported(
            "every address in it is 0, as the kernel hides them: read /proc/kallsyms as root, after \
             sysctl kernel.kptr_restrict=1, or use the System.map of that kernel",
        ));
    }
    Ok(Summary { load_address: text_start(data), ..map_summary("kallsyms", "unknown") })
}

/// The functions of a list, from the start of the kernel on: what is below it are offsets.
pub(super) struct Functions<'d>(Vec<Function<'d>>);

/// A function as it is shown, module included.
struct Function<'d> {
    name: Cow<'d, [u8]>,
    start: u64,
    size: u64,
    is_global: bool,
}

/// Reads the functions. Addresses are absolute; each function ends at the next symbol, whatever that is.
pub(super) fn read(data: &[u8]) -> Functions<'_> {
    let start = text_start(data).max(1);
    let mut all: Vec<_> = symbols(data).filter(|symbol| symbol.address >= start).take(MAX_SYMBOLS).collect();
    all.sort_by_key(|symbol| symbol.address);
    let mut functions = Vec::new();
    let mut next = u64::MAX;
    for (index, symbol) in all.iter().enumerate().rev() {
        if let Some(later) = all.get(index + 1).filter(|later| later.address > symbol.address) {
            next = later.address;
        }
        if is_function(symbol) {
            let size = (next - symbol.address).min(MAX_FUNCTION);
            functions.push(Function {
                name: shown(symbol),
                start: symbol.address,
                size,
                is_global: symbol.kind.is_ascii_uppercase(),
            });
        }
    }
    Functions(functions)
}

impl Functions<'_> {
    /// The same as symbols.
    pub(super) fn symbols(&self) -> Symbols<'_> {
        Symbols::new(self.0.iter().map(Function::symbol), &everywhere()).complete()
    }
}

impl Function<'_> {
    fn symbol(&self) -> Symbol<'_> {
        let binding = if self.is_global { Binding::Global } else { Binding::Local };
        Symbol::new(&self.name, self.start, self.size, Kind::Function, binding)
    }
}

fn shown<'d>(symbol: &Line<'d>) -> Cow<'d, [u8]> {
    if symbol.module.is_empty() {
        return Cow::Borrowed(symbol.name);
    }
    Cow::Owned([symbol.name, b" [", symbol.module, b"]"].concat())
}

/// Names of places and not of functions.
fn is_marker(name: &[u8]) -> bool {
    MARKERS.contains(&name) || name.starts_with(b"__pfx_")
}

fn is_function(symbol: &Line<'_>) -> bool {
    matches!(symbol.kind, b'T' | b't' | b'W' | b'w') && !is_marker(symbol.name)
}

fn text_start(data: &[u8]) -> u64 {
    let is_start = |symbol: &Line<'_>| symbol.name == b"_text" || symbol.name == b"_stext";
    symbols(data).find(is_start).map_or(0, |symbol| symbol.address)
}

fn symbols(data: &[u8]) -> impl Iterator<Item = Line<'_>> {
    lines(data).filter_map(parsed)
}

fn parsed(line: &[u8]) -> Option<Line<'_>> {
    let (address, rest) = hex(line)?;
    let &[kind, b' ', ref name @ ..] = rest else { return None };
    let is_wide = WIDTHS.contains(&(line.len() - rest.len() - 1));
    let end = name.iter().position(|byte| matches!(byte, b'\t' | b' ')).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let module = rest.trim_ascii();
    let inner = module.strip_prefix(b"[").and_then(|module| module.strip_suffix(b"]"));
    let is_whole =
        is_wide && kind.is_ascii_alphabetic() && !name.is_empty() && (module.is_empty() || inner.is_some());
    is_whole.then_some(Line { address, kind, name, module: inner.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use crate::mapped::Bytes;
    use crate::symbols::symcache::SymCache;
    use crate::symbols::{build_symcache, summarize_debug_file};

    const LIST: &str = "ffffffff81000000 T _text
ffffffff81000000 T startup_64
ffffffff81000040 t inner
ffffffff81000040 T outer
ffffffff81000080 d data
ffffffffc0a41000 t nf_tables_newrule\t[nf_tables]
";

    fn name(address: u64) -> Option<String> {
        let symcache = SymCache::open(Bytes::Owned(build_symcache(LIST.as_bytes(), 0).unwrap())).unwrap();
        let frames = symcache.lookup(&[address.wrapping_sub(symcache.load_address())]).unwrap().frames;
        frames.first().map(|frame| symcache.string(frame.function).unwrap())
    }

    #[test]
    fn functions_end_at_the_next_symbol_and_modules_are_named() {
        assert_eq!(name(0xffff_ffff_8100_003f).as_deref(), Some("startup_64"));
        assert_eq!(name(0xffff_ffff_8100_007f).as_deref(), Some("outer"));
        assert_eq!(name(0xffff_ffff_8100_0080), None);
        assert_eq!(name(0xffff_ffff_c0a4_1010).as_deref(), Some("nf_tables_newrule [nf_tables]"));
        assert_eq!(name(0xffff_ffff_c0a5_1000), None);
    }

    #[test]
    fn hidden_addresses_are_an_error_that_says_how_to_get_them() {
        let hidden: String = LIST.lines().map(|line| format!("{:016x}{}\n", 0, &line[16..])).collect();
        let error = summarize_debug_file(hidden.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("kptr_restrict"), "{error}");
        assert!(build_symcache(hidden.as_bytes(), 0).is_err());
    }
}
