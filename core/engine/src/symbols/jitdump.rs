//! Jitdumps (`tools/perf/Documentation/jitdump-specification.txt` of Linux): code that was compiled at run time, with lines.
//!
//! A header, then records: code that was written, code that was moved, and lines of the code that is written next.
//! A process that crashed leaves the last record incomplete, and that is no error.

use std::collections::HashMap;

use object::elf;

use super::debug_file::Summary;
use super::dwarf::{NONE, Row, UnitPieces};
use super::error::DebugFileError;
use super::flat_unit::FlatUnit;
use super::perf_map::{map_summary, named, newest};
use super::text;

/// `JiTD` as a number of the writer's byte order.
const MAGICS: [[u8; 4]; 2] = [*b"DTiJ", *b"JiTD"];
const HEADER_LEN: usize = 40;
const RECORD_LEN: usize = 16;
const MACHINE_AT: usize = 12;
const LEN_AT: usize = 8;

const CODE_LOAD: u32 = 0;
const CODE_MOVE: u32 = 1;
const DEBUG_INFO: u32 = 2;
const CODE_CLOSE: u32 = 3;

/// Size of the header that V8 adds to addresses.
const V8_BIAS: u64 = 0x40;
/// Stands for the path of the entry before.
const SAME_PATH: &[u8] = b"\xff";

/// Lines of one function.
const MAX_LINES: usize = 1 << 20;

/// Whether the bytes start as a jitdump does.
pub(super) fn is_dump(data: &[u8]) -> bool {
    data.first_chunk().is_some_and(|magic| MAGICS.contains(magic)) && data.len() >= HEADER_LEN
}

/// Processor, and what the records have.
pub(super) fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    let input = Input::of(data)?;
    let arch = input.u32(data, MACHINE_AT).map_or("unknown", arch);
    let has_debug_info = records(data, input).any(|record| record.kind == DEBUG_INFO);
    Ok(Summary { has_debug_info, ..map_summary("jitdump", arch) })
}

fn arch(machine: u32) -> &'static str {
    match u16::try_from(machine).unwrap_or(0) {
        machine if machine == elf::EM_X86_64.0 => "x86_64",
        machine if machine == elf::EM_386.0 => "x86",
        machine if machine == elf::EM_AARCH64.0 => "arm64",
        machine if machine == elf::EM_ARM.0 => "arm",
        machine if machine == elf::EM_PPC64.0 => "ppc64",
        machine if machine == elf::EM_S390.0 => "s390x",
        machine if machine == elf::EM_RISCV.0 => "riscv64",
        _ => "unknown",
    }
}

/// The byte order that numbers are read in.
#[derive(Clone, Copy)]
struct Input {
    is_little_endian: bool,
}

impl Input {
    fn of(data: &[u8]) -> Result<Self, DebugFileError> {
        let cut_off = || DebugFileError::Malformed("the jitdump is cut off".to_owned());
        let magic = data.first_chunk::<4>().filter(|_| data.len() >= HEADER_LEN).ok_or_else(cut_off)?;
        Ok(Self { is_little_endian: *magic == MAGICS[0] })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(if self.is_little_endian { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) })
    }
}

/// What follows a record's prefix.
struct Record<'d> {
    kind: u32,
    body: &'d [u8],
}

/// The records that are whole, up to the one that says that the writer closed the file.
fn records(data: &[u8], input: Input) -> impl Iterator<Item = Record<'_>> {
    let mut at = input.u32(data, LEN_AT).map_or(HEADER_LEN, |len| (len as usize).max(HEADER_LEN));
    std::iter::from_fn(move || {
        let rest = data.get(at..)?;
        let (kind, size) = (input.u32(rest, 0)?, input.u32(rest, 4)? as usize);
        let body = rest.get(RECORD_LEN..size.max(RECORD_LEN))?;
        at += size.max(RECORD_LEN);
        (kind != CODE_CLOSE).then_some(Record { kind, body })
    })
}

/// Code at its last address.
struct Loaded<'d> {
    start: u64,
    end: u64,
    name: &'d [u8],
    /// Where it was when its lines were written.
    written_at: u64,
    lines: &'d [u8],
}

/// The functions with their lines.
pub(super) fn read(data: &[u8]) -> Result<UnitPieces<'_>, DebugFileError> {
    let input = Input::of(data)?;
    let mut loaded = Vec::new();
    let mut by_index = HashMap::new();
    let mut lines: HashMap<u64, &[u8]> = HashMap::new();
    for record in records(data, input) {
        // A record that cannot be read is passed over.
        let _damaged = match record.kind {
            CODE_LOAD => load(record.body, input, &mut lines, &mut by_index, &mut loaded),
            CODE_MOVE => moved(record.body, input, &by_index, &mut loaded),
            DEBUG_INFO => input.u64(record.body, 0).map(|address| {
                lines.insert(address, record.body);
            }),
            _ => None,
        };
    }
    Ok(unit(&loaded, input))
}

/// Process, thread, address of the runtime, address, size, number; name and code follow.
fn load<'d>(
    body: &'d [u8],
    input: Input,
    lines: &mut HashMap<u64, &'d [u8]>,
    by_index: &mut HashMap<u64, usize>,
    loaded: &mut Vec<Loaded<'d>>,
) -> Option<()> {
    let (start, size, index) = (input.u64(body, 16)?, input.u64(body, 24)?, input.u64(body, 32)?);
    let name = text::cut_at_nul(body, 40)?;
    let end = start.checked_add(size).filter(|end| *end < u64::MAX)?;
    by_index.insert(index, loaded.len());
    let lines = lines.remove(&start).unwrap_or(&[]);
    loaded.push(Loaded { start, end, name, written_at: start, lines });
    Some(())
}

/// Process, thread, address of the runtime, old address, new address, size, number. What lay there is older.
fn moved<'d>(
    body: &[u8],
    input: Input,
    by_index: &HashMap<u64, usize>,
    loaded: &mut Vec<Loaded<'d>>,
) -> Option<()> {
    let (start, size, index) = (input.u64(body, 24)?, input.u64(body, 32)?, input.u64(body, 40)?);
    let old = loaded.get_mut(*by_index.get(&index)?)?;
    let end = start.checked_add(size).filter(|end| *end < u64::MAX)?;
    let moved = Loaded { start, end, ..*old };
    old.end = old.start;
    loaded.push(moved);
    Some(())
}

fn unit<'d>(loaded: &[Loaded<'d>], input: Input) -> UnitPieces<'d> {
    let mut unit = FlatUnit::default();
    let mut known: HashMap<u32, (u32, Vec<Line<'d>>)> = HashMap::new();
    for (cover, function) in newest(loaded, |function| function.start..function.end) {
        let (scope, lines) = known.entry(cover.item).or_insert_with(|| {
            let name = unit.name(named(function.name));
            (unit.function(name, function.start), lines_of(function, input))
        });
        let first = lines.partition_point(|line| line.address <= cover.start).saturating_sub(1);
        if lines.get(first).is_none_or(|line| line.address > cover.start) {
            unit.row(Row { start: cover.start, scope: *scope, file: NONE, line: 0, column: 0 });
        }
        for line in lines[first..].iter().take_while(|line| line.address < cover.end) {
            let (start, file) = (line.address.max(cover.start), unit.file(line.file));
            unit.row(Row { start, scope: *scope, file, line: line.line, column: line.column });
        }
        unit.close(*scope, cover.start, cover.end);
    }
    unit.finish()
}

/// From `address` on, code is of this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line<'d> {
    address: u64,
    line: u32,
    column: u32,
    file: &'d [u8],
}

/// The lines of a function by ascending address, all of them within its code.
fn lines_of<'d>(function: &Loaded<'d>, input: Input) -> Vec<Line<'d>> {
    let mut lines = entries(function.lines, input);
    // V8 counts the header of the ELF file that `perf inject` makes of the code, and gives columns as discriminators.
    let is_v8 = lines.first().is_some_and(|line| line.address == function.written_at.wrapping_add(V8_BIAS));
    for line in &mut lines {
        line.address = line.address.wrapping_sub(function.written_at).wrapping_add(function.start);
        if is_v8 {
            line.address = line.address.wrapping_sub(V8_BIAS);
        } else {
            line.column = 0;
        }
    }
    lines.retain(|line| (function.start..function.end).contains(&line.address));
    lines.sort_by_key(|line| line.address);
    // Of several at one address the last one has code.
    lines.reverse();
    lines.dedup_by_key(|line| line.address);
    lines.reverse();
    lines
}

/// Address of the code and number of entries; an entry is address, line, discriminator, and path up to its NUL. None
/// if a path is damaged: some versions of V8 write bytes that they freed.
fn entries<'d>(body: &'d [u8], input: Input) -> Vec<Line<'d>> {
    let count = input.u64(body, 8).and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let mut lines: Vec<Line<'d>> = Vec::new();
    let mut at = 16;
    for _ in 0..count.min(MAX_LINES) {
        let (Some(address), Some(line), Some(column), Some(file)) = (
            input.u64(body, at),
            input.u32(body, at + 8),
            input.u32(body, at + 12),
            text::cut_at_nul(body, at + 16),
        ) else {
            break;
        };
        at += 16 + file.len() + 1;
        let same = lines.last().map(|line| line.file).filter(|_| file == SAME_PATH);
        let file = same.unwrap_or(file);
        if std::str::from_utf8(file).is_err() {
            return Vec::new();
        }
        lines.push(Line { address, line, column, file });
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::mapped::Bytes;
    use crate::symbols::symcache::SymCache;
    use crate::symbols::{build_symcache, summarize_debug_file};

    /// A writer of either byte order.
    struct Dump(Vec<u8>, bool);

    impl Dump {
        fn new(is_little: bool) -> Self {
            let mut dump = Self(Vec::new(), is_little);
            dump.u32s(&[0x4a69_5444, 1, 40, 62, 0, 7]);
            dump.u64s(&[0, 0]);
            dump
        }

        fn u32s(&mut self, numbers: &[u32]) {
            let bytes = |number: &u32| if self.1 { number.to_le_bytes() } else { number.to_be_bytes() };
            self.0.extend(numbers.iter().flat_map(bytes).collect::<Vec<_>>());
        }

        fn u64s(&mut self, numbers: &[u64]) {
            let bytes = |number: &u64| if self.1 { number.to_le_bytes() } else { number.to_be_bytes() };
            self.0.extend(numbers.iter().flat_map(bytes).collect::<Vec<_>>());
        }

        fn load(&mut self, start: u64, size: u64, index: u64, name: &str) {
            self.u32s(&[0, (16 + 40 + name.len() + 1) as u32, 0, 0, 7, 7]);
            self.u64s(&[start, start, size, index]);
            self.0.extend(name.bytes().chain([0]));
        }

        fn lines(&mut self, start: u64, lines: &[(u64, u32, &str)]) {
            let size = lines.iter().map(|(_, _, path)| 17 + path.len()).sum::<usize>();
            self.u32s(&[2, (32 + size) as u32, 0, 0]);
            self.u64s(&[start, lines.len() as u64]);
            for (address, line, path) in lines {
                self.u64s(&[*address]);
                self.u32s(&[*line, 9]);
                self.0.extend(path.bytes().chain([0]));
            }
        }

        fn moved(&mut self, from: u64, to: u64, size: u64, index: u64) {
            self.u32s(&[1, 64, 0, 0, 7, 7]);
            self.u64s(&[from, from, to, size, index]);
        }
    }

    fn at(dump: &[u8], address: u64) -> Option<(String, u32, u32)> {
        let symcache = SymCache::open(Bytes::Owned(build_symcache(dump, 0).unwrap())).unwrap();
        let frames = symcache.lookup(&[address]).unwrap().frames;
        frames.first().map(|frame| (symcache.string(frame.function).unwrap(), frame.line, frame.column))
    }

    fn place(name: &str, line: u32, column: u32) -> Option<(String, u32, u32)> {
        Some((name.to_owned(), line, column))
    }

    #[test]
    fn code_is_found_where_it_was_moved_to_in_either_byte_order() {
        for is_little in [true, false] {
            let mut dump = Dump::new(is_little);
            dump.lines(0x1000, &[(0x1000, 3, "/a.js"), (0x1008, 4, "/a.js")]);
            dump.load(0x1000, 0x10, 1, "first");
            dump.moved(0x1000, 0x2000, 0x10, 1);
            dump.load(0x1008, 0x10, 2, "second");
            let arch = summarize_debug_file(&dump.0).unwrap().arch;
            assert_eq!(arch, "x86_64");
            assert_eq!(at(&dump.0, 0x1000), None);
            assert_eq!(at(&dump.0, 0x2007), place("first", 3, 0));
            assert_eq!(at(&dump.0, 0x200f), place("first", 4, 0));
            assert_eq!(at(&dump.0, 0x1017), place("second", 0, 0));
        }
    }

    #[test]
    fn a_record_that_is_cut_off_ends_the_dump_and_what_is_before_it_stands() {
        let mut dump = Dump::new(true);
        dump.load(0x1000, 0x10, 1, "first");
        let whole = dump.0.len();
        dump.load(0x2000, 0x10, 2, "second");
        for len in whole..dump.0.len() {
            assert_eq!(at(&dump.0[..len], 0x1000), place("first", 0, 0));
            assert_eq!(at(&dump.0[..len], 0x2000), None);
        }
    }

    #[test]
    fn v8_counts_from_the_header_of_an_elf_file_and_gives_columns() {
        let mut dump = Dump::new(true);
        dump.lines(0x1000, &[(0x1040, 3, "/a.js"), (0x104c, 4, "/a.js")]);
        dump.load(0x1000, 0x10, 1, "JS:*total");
        assert_eq!(at(&dump.0, 0x100b), place("JS:*total", 3, 9));
        assert_eq!(at(&dump.0, 0x100c), place("JS:*total", 4, 9));
    }
}
