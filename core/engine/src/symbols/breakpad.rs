//! Breakpad symbol files (`docs/symbol_files.md` of the Breakpad project): text, one record a line.
//!
//! ```text
//! MODULE Linux x86_64 4C4C44F155553144A150… tank
//! FILE 0 /src/chain.cpp
//! INLINE_ORIGIN 0 tank::first(int)
//! FUNC 1000 5c 0 tank::drive(int)
//! INLINE 0 41 0 0 1010 24
//! 1000 10 39 0
//! PUBLIC 2000 0 _start
//! ```
//!
//! Addresses are image-relative. A line that cannot be read is passed over.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::cancel::Cancel;
use super::code::Code;
use super::debug_file::Summary;
use super::demangle::is_mangled;
use super::dwarf::{LineRow, Lines, NONE, Name, Scope, Tree, UnitPieces, join};
use super::error::DebugFileError;
use super::ident::DebugId;
use super::intervals::{Interval, flatten};
use super::symtab::{Binding, Kind, Symbol, Symbols};

pub(super) const MAGIC: &[u8] = b"MODULE ";
/// Longer lines are cut: no name is as long.
const MAX_LINE: usize = 64 * 1024;
/// Files and functions are numbered; a number beyond what a file can list is damage.
const MAX_NUMBER: u64 = 1 << 24;
const MAX_INLINE_DEPTH: usize = 500;
/// The last public name reaches no further.
const PAGE: u64 = 4096;

/// What the first lines say; the rest is only searched for what there is.
pub(super) fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    let mut lines = lines(data);
    let module = lines.next().and_then(module);
    let (arch, debug_id) = module.ok_or_else(|| DebugFileError::Malformed("its MODULE line".to_owned()))?;
    let info = lines.next().and_then(|line| line.strip_prefix(b"INFO CODE_ID "));
    let code_id = info.and_then(|info| words(info).next()).map(text).map(|id| id.to_lowercase());
    Ok(Summary {
        format: "breakpad",
        index: 0,
        image_name: None,
        arch,
        kind: "debug companion",
        code_id,
        debug_id,
        debug_link: None,
        debug_link_crc: None,
        split_ids: Vec::new(),
        load_address: 0,
        has_debug_info: memchr::memmem::find(data, b"\nFUNC ").is_some(),
        has_symbols: memchr::memmem::find(data, b"\nPUBLIC ").is_some(),

        has_hidden_names: false,
        has_debug_map: false,
    })
}

/// The processor, by the first line.
pub(super) fn processor(data: &[u8]) -> Result<&'static str, DebugFileError> {
    let module = lines(data).next().and_then(module);
    module.map(|(arch, _)| arch).ok_or_else(|| DebugFileError::Malformed("its MODULE line".to_owned()))
}

/// Functions, inlined calls and lines, and the functions of which only the name is known; what was read until then if
/// it is cancelled.
pub(super) fn read<'d>(data: &'d [u8], cancel: &Cancel) -> (UnitPieces<'d>, Symbols<'d>) {
    let mut reader = Reader::default();
    lines(data).take_while(|_| !cancel.is_cancelled()).for_each(|line| reader.line(line));
    reader.finish()
}

fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|byte| *byte == b'\n').map(|line| {
        let line = &line[..line.len().min(MAX_LINE)];
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// Processor and id: `MODULE <system> <processor> <id> <name>`.
fn module(line: &[u8]) -> Option<(&'static str, Option<DebugId>)> {
    let mut words = words(line.strip_prefix(MAGIC)?);
    let (_system, processor, id) = (words.next()?, words.next()?, words.next()?);
    Some((arch(processor), DebugId::of_digits(id)))
}

fn arch(processor: &[u8]) -> &'static str {
    match processor {
        b"x86_64" => "x86_64",
        b"x86_64h" => "x86_64h",
        b"x86" => "x86",
        b"arm64" => "arm64",
        b"arm64e" => "arm64e",
        b"arm" => "arm",
        b"ppc" => "ppc",
        b"ppc64" => "ppc64",
        b"mips" => "mips",
        b"mips64" => "mips64",
        b"riscv" | b"riscv64" => "riscv64",
        _ => "unknown",
    }
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b' ').filter(|word| !word.is_empty())
}

fn text(word: &[u8]) -> &str {
    std::str::from_utf8(word).unwrap_or_default()
}

fn hex(word: &[u8]) -> Option<u64> {
    u64::from_str_radix(text(word), 16).ok()
}

fn decimal(word: &[u8]) -> Option<u64> {
    text(word).parse().ok()
}

/// The words of a record, and the name behind them, in which spaces mean themselves.
struct Record<'d>(&'d [u8]);

impl<'d> Record<'d> {
    fn word(&mut self) -> Option<&'d [u8]> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let rest = &self.0[start..];
        let end = memchr::memchr(b' ', rest).unwrap_or(rest.len());
        self.0 = &rest[end..];
        Some(&rest[..end])
    }

    fn hex(&mut self) -> Option<u64> {
        self.word().and_then(hex)
    }

    fn decimal(&mut self) -> Option<u64> {
        self.word().and_then(decimal)
    }

    fn number(&mut self) -> Option<u32> {
        self.decimal().filter(|number| *number < MAX_NUMBER).map(|number| number as u32)
    }

    /// Several functions may share code: `FUNC m` says so.
    fn skip_multiple(&mut self) {
        if let Some(rest) = self.0.trim_ascii_start().strip_prefix(b"m ") {
            self.0 = rest;
        }
    }

    fn name(&self) -> &'d [u8] {
        self.0.trim_ascii()
    }
}

#[derive(Default)]
struct Reader<'d> {
    tree: Tree<'d>,
    paths: Vec<Vec<u8>>,
    /// Index of a path by the number that the file gives it.
    files: HashMap<u32, u32>,
    /// Index of a name by the number that the file gives it.
    origins: HashMap<u32, u32>,
    rows: Vec<LineRow>,
    row_ends: Vec<u64>,
    symbols: Vec<Symbol<'d>>,
    /// Where functions start, public ones too.
    starts: Vec<u64>,
    /// Scopes that are open: the function, and what is inlined into it at each depth.
    open: Vec<u32>,
}

impl<'d> Reader<'d> {
    fn line(&mut self, line: &'d [u8]) {
        let mut record = Record(line);
        // A record that cannot be read is left out.
        let _damaged = match record.word() {
            Some(b"FILE") => self.file(record),
            Some(b"INLINE_ORIGIN") => self.origin(record),
            Some(b"FUNC") => self.function(record),
            Some(b"INLINE") => self.inlined(record),
            Some(b"PUBLIC") => self.public(record),
            Some(b"MODULE" | b"INFO" | b"STACK") | None => None,
            Some(_) => self.row(Record(line)),
        };
    }

    fn file(&mut self, mut record: Record<'d>) -> Option<()> {
        let number = record.number()?;
        self.files.insert(number, u32::try_from(self.paths.len()).ok()?);
        self.paths.push(record.name().to_vec());
        Some(())
    }

    fn origin(&mut self, mut record: Record<'d>) -> Option<()> {
        let number = record.number()?;
        let name = self.name(record.name())?;
        self.origins.insert(number, name);
        Some(())
    }

    fn name(&mut self, name: &'d [u8]) -> Option<u32> {
        let id = u32::try_from(self.tree.names.len()).ok()?;
        let is_whole = !is_mangled(name);
        self.tree.names.push(Name {
            linkage: (!is_whole).then(|| name.into()),
            qualified: is_whole.then(|| name.to_vec()),
            ..Name::default()
        });
        Some(id)
    }

    fn function(&mut self, mut record: Record<'d>) -> Option<()> {
        self.open.clear();
        record.skip_multiple();
        let (start, size, _parameters) = (record.hex()?, record.hex()?, record.hex()?);
        let name = self.name(record.name())?;
        let scope = self.scope(name, NONE, NONE, 0)?;
        self.tree.scopes[scope as usize].entry = start;
        self.claim(scope, start, size);
        self.starts.push(start);
        self.open.push(scope);
        Some(())
    }

    /// `INLINE depth call_line call_file origin [address size]+`
    fn inlined(&mut self, mut record: Record<'d>) -> Option<()> {
        let depth = usize::try_from(record.decimal()?).ok().filter(|depth| *depth < MAX_INLINE_DEPTH)?;
        let (line, file, origin) = (record.decimal()?, record.number()?, record.number()?);
        let parent = *self.open.get(depth)?;
        self.open.truncate(depth + 1);
        let name = self.origins.get(&origin).copied().unwrap_or(NONE);
        let file = self.files.get(&file).copied().unwrap_or(NONE);
        let scope = self.scope(name, parent, file, u32::try_from(line).unwrap_or(0))?;
        while let (Some(start), Some(size)) = (record.hex(), record.hex()) {
            self.claim(scope, start, size);
        }
        self.open.push(scope);
        Some(())
    }

    fn scope(&mut self, name: u32, parent: u32, call_file: u32, call_line: u32) -> Option<u32> {
        let scope = u32::try_from(self.tree.scopes.len()).ok()?;
        let root = self.tree.scopes.get(parent as usize).map_or(scope, |parent| parent.root);
        let call_column = 0;
        self.tree.scopes.push(Scope { name, parent, root, call_file, call_line, call_column, entry: 0 });
        Some(scope)
    }

    fn claim(&mut self, scope: u32, start: u64, size: u64) {
        let end = start.saturating_add(size);
        self.tree.intervals.push(Interval { start, end, priority: scope, item: scope });
    }

    fn public(&mut self, mut record: Record<'d>) -> Option<()> {
        record.skip_multiple();
        let (address, _parameters) = (record.hex()?, record.hex()?);
        self.starts.push(address);
        self.symbols.push(Symbol::new(record.name(), address, 0, Kind::Function, Binding::Global));
        Some(())
    }

    /// `address size line file`
    fn row(&mut self, mut record: Record<'d>) -> Option<()> {
        let (start, size, line, file) = (record.hex()?, record.hex()?, record.decimal()?, record.number()?);
        let file = self.files.get(&file).copied().unwrap_or(NONE);
        self.rows.push(LineRow { address: start, file, line: u32::try_from(line).unwrap_or(0), column: 0 });
        self.row_ends.push(start.saturating_add(size));
        Some(())
    }

    fn finish(mut self) -> (UnitPieces<'d>, Symbols<'d>) {
        let lines = lines_of(self.rows, &self.row_ends);
        let unit = join(self.tree, &lines, self.paths, None);
        self.starts.sort_unstable();
        // A public name answers up to the next function; where the code ends nobody says.
        let last = self.starts.last().map_or(0, |last| last.saturating_add(PAGE));
        let code = Code::new(std::iter::once(0..last).collect());
        (unit, Symbols::bounded(self.symbols.into_iter(), &self.starts, &code))
    }
}

/// Every row is a sequence of its own: it says itself where it ends.
fn lines_of(rows: Vec<LineRow>, ends: &[u64]) -> Lines {
    let claim = |(index, (row, end)): (usize, (&LineRow, &u64))| Interval {
        start: row.address,
        end: *end,
        priority: Reverse(end.saturating_sub(row.address)),
        item: index as u32,
    };
    let stretches = flatten(rows.iter().zip(ends).enumerate().map(claim).collect());
    let sequences = (0..rows.len()).map(|index| index..index + 1).collect();
    Lines::new(rows, sequences, stretches)
}

#[cfg(test)]
mod tests {
    use crate::mapped::Bytes;
    use crate::symbols::symcache::{NONE, SymCache};
    use crate::symbols::{build_symcache, summarize_debug_file};

    const FILE: &str = "MODULE Linux x86_64 000102030405060708090A0B0C0D0E0F0 a b\r
INFO CODE_ID ABCDEF
FILE 0 /src/a b.cpp
INLINE_ORIGIN 0 inner(int)
INLINE_ORIGIN 1 _ZN2in5finalEv
FUNC m 1000 20 0 outer(int, char const*)
INLINE 0 7 0 0 1004 8 1010 4
INLINE 1 9 0 1 1006 2
1000 4 5 0
1004 8 6 0
nonsense that is no record
FUNC zz
1010 4 8 0
1014 c 10 0
PUBLIC 2000 0 first public
PUBLIC m 2010 0 second
STACK CFI INIT 1000 20 .cfa: $rsp 8 +
";

    fn calls(address: u64) -> Vec<(String, u32)> {
        let index = build_symcache(FILE.as_bytes(), 0).unwrap();
        let symcache = SymCache::open(Bytes::Owned(index)).unwrap();
        let name = |id| if id == NONE { String::new() } else { symcache.string(id).unwrap() };
        let frames = symcache.lookup(&[address]).unwrap().frames;
        frames.iter().map(|frame| (name(frame.function), frame.line)).collect()
    }

    fn chain(calls: &[(&str, u32)]) -> Vec<(String, u32)> {
        calls.iter().map(|(name, line)| ((*name).to_owned(), *line)).collect()
    }

    #[test]
    fn inlined_calls_nest_and_have_several_ranges() {
        let outer = "outer(int, char const*)";
        assert_eq!(calls(0x1000), chain(&[(outer, 5)]));
        assert_eq!(calls(0x1004), chain(&[("inner(int)", 6), (outer, 7)]));
        assert_eq!(calls(0x1006), chain(&[("in::final()", 6), ("inner(int)", 9), (outer, 7)]));
        assert_eq!(calls(0x1013), chain(&[("inner(int)", 8), (outer, 7)]));
        assert_eq!(calls(0x101f), chain(&[(outer, 10)]));
        assert_eq!(calls(0x1020), chain(&[]));
    }

    #[test]
    fn a_public_name_reaches_to_the_next_one() {
        assert_eq!(calls(0x1fff), chain(&[]));
        assert_eq!(calls(0x200f), chain(&[("first public", 0)]));
        assert_eq!(calls(0x2010), chain(&[("second", 0)]));
        assert_eq!(calls(0x2010 + 4096), chain(&[]));
    }

    #[test]
    fn its_ids_are_read_in_breakpads_spelling() {
        let summary = summarize_debug_file(FILE.as_bytes()).unwrap();
        assert_eq!(summary.code_id.as_deref(), Some("abcdef"));
        assert_eq!(summary.debug_id.unwrap().to_string(), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert!(summarize_debug_file(b"MODULE windows").is_err());
    }
}
