//! Perf maps (`tools/perf/Documentation/jit-interface.txt` of Linux): code that was compiled at run time, a line each.
//!
//! ```text
//! 7f520dfc5b80 3e8 JS:^total /shop/shop.js:2:15
//! ```
//!
//! Start and size in hexadecimal, then a name in which spaces mean themselves. Addresses are those of the process.
//! Code that was moved or thrown away stays in the file: the later line is the newer one.

use super::code::Code;
use super::debug_file::Summary;
use super::dwarf::Name;
use super::intervals::{Cover, Interval, flatten};
use super::symtab::{Binding, Kind, Symbol, Symbols};
use super::text_lines::{first_lines, hex, lines};

/// Runtimes compile some hundred thousand functions.
const MAX_FUNCTIONS: usize = 1 << 24;

/// A function that was compiled.
#[derive(Debug, PartialEq, Eq)]
struct Compiled<'d> {
    start: u64,
    end: u64,
    name: &'d [u8],
}

/// Whether every one of the first lines has the form.
pub(super) fn is_map(data: &[u8]) -> bool {
    first_lines(data).is_some_and(|first| first.iter().all(|line| parsed(line).is_some()))
}

/// What is known from the form alone.
pub(super) fn summarize() -> Summary {
    map_summary("perf_map", "unknown")
}

/// Summary of a list of code at absolute addresses.
pub(super) fn map_summary(format: &'static str, arch: &'static str) -> Summary {
    Summary {
        format,
        index: 0,
        image_name: None,
        arch,
        kind: "address map",
        code_id: None,
        debug_id: None,
        debug_link: None,
        debug_link_crc: None,
        split_ids: Vec::new(),
        load_address: 0,
        has_debug_info: false,
        has_symbols: true,
        has_hidden_names: false,
        has_debug_map: false,
    }
}

/// The functions; a line that cannot be read is passed over.
pub(super) fn read(data: &[u8]) -> Symbols<'_> {
    let compiled: Vec<_> = lines(data).filter_map(parsed).take(MAX_FUNCTIONS).collect();
    let covers = newest(&compiled, |function| function.start..function.end);
    let symbols = covers.map(|(cover, function)| {
        Symbol::new(function.name, cover.start, cover.end - cover.start, Kind::Function, Binding::Global)
    });
    Symbols::new(symbols, &everywhere()).complete()
}

/// No map says where code may lie.
pub(super) fn everywhere() -> Code {
    Code::new(std::iter::once(0..u64::MAX).collect())
}

/// Names of runtimes are shown as they are, mangled ones demangled.
pub(super) fn named(name: &[u8]) -> Name<'_> {
    if super::demangle::is_mangled(name) {
        return Name { linkage: Some(name.into()), ..Name::default() };
    }
    Name { qualified: Some(name.to_vec()), ..Name::default() }
}

/// Which code is at an address in the end: what was written last.
pub(super) fn newest<T>(
    code: &[T],
    range: impl Fn(&T) -> std::ops::Range<u64>,
) -> impl Iterator<Item = (Cover<u32>, &T)> {
    let claim = |(index, item): (usize, &T)| {
        let (range, item) = (range(item), index as u32);
        Interval { start: range.start, end: range.end, priority: item, item }
    };
    let covers = flatten(code.iter().enumerate().map(claim).collect());
    covers.into_iter().map(|cover| (cover, &code[cover.item as usize]))
}

fn parsed(line: &[u8]) -> Option<Compiled<'_>> {
    let (start, rest) = hex(line)?;
    let (size, name) = hex(rest)?;
    let end = start.checked_add(size).filter(|end| *end < u64::MAX)?;
    (!name.trim_ascii().is_empty()).then_some(Compiled { start, end, name: name.trim_ascii() })
}

#[cfg(test)]
mod tests {
    use crate::mapped::Bytes;
    use crate::symbols::symcache::SymCache;
    use crate::symbols::{build_symcache, summarize_debug_file};

    const MAP: &str = "1000 10 first\n1010 20 JS:*total /a b.js:1:2\nnonsense\n1008 4 newer\n1000 0 empty\n";

    fn name(text: &str, address: u64) -> Option<String> {
        let symcache = SymCache::open(Bytes::Owned(build_symcache(text.as_bytes(), 0).unwrap())).unwrap();
        let frames = symcache.lookup(&[address]).unwrap().frames;
        frames.first().map(|frame| symcache.string(frame.function).unwrap())
    }

    #[test]
    fn the_line_written_last_wins_and_names_keep_their_spaces() {
        let map = format!("1 1 a\n2 1 b\n{MAP}");
        let summary = |text: &str| summarize_debug_file(text.as_bytes());
        assert!(summary(&map.replace("nonsense\n", "")).is_ok());
        let map = map.replace("nonsense\n", "");
        assert_eq!(name(&map, 0x1007).as_deref(), Some("first"));
        assert_eq!(name(&map, 0x1008).as_deref(), Some("newer"));
        assert_eq!(name(&map, 0x100c).as_deref(), Some("first"));
        assert_eq!(name(&map, 0x102f).as_deref(), Some("JS:*total /a b.js:1:2"));
        assert_eq!(name(&map, 0x1030), None);
    }

    #[test]
    fn other_texts_are_not_taken_for_maps() {
        for text in
            [MAP, "1 2 a\n1 2 b\n", "12 34\n12 34\n12 34\n12 34\n", "-1 2 a\n-1 2 b\n-1 2 c\n-1 2 d\n"]
        {
            assert!(summarize_debug_file(text.as_bytes()).is_err(), "{text}");
        }
    }
}
