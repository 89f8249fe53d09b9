//! Unwind information of Breakpad files: `STACK CFI` and, for 32-bit Windows, `STACK WIN`.
//!
//! ```text
//! STACK CFI INIT 1139 2b .cfa: $rsp 8 + .ra: .cfa -8 + ^
//! STACK CFI 113a .cfa: $rsp 16 + $rbp: .cfa -16 + ^
//! STACK WIN 4 1000 54 6 0 8 0 30 0 1 $T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + =
//! ```
//!
//! Addresses are relative to the image. Source: Breakpad, `docs/symbol_files.md`.

use std::sync::OnceLock;

use memchr::memchr;
use memchr::memmem::find;

use super::breakpad_cfi;
use super::breakpad_win::{self, Function};
use super::frame::{Frame, Unwound};

/// Longer lines are cut: no rule is as long.
const MAX_LINE: usize = 16 * 1024;
/// Records around one another.
const MAX_ENCLOSING: usize = 64;
/// Records of a file; 16 bytes of memory each.
const MAX_RECORDS: usize = 1 << 24;

const CFI: &[u8] = b"STACK CFI INIT ";
const WIN: &[u8] = b"STACK WIN ";

/// Where the records of a file lie; found when they are first asked for.
#[derive(Default)]
pub(super) struct Breakpad {
    index: OnceLock<Index>,
}

#[derive(Default)]
struct Index {
    cfi: Vec<Record>,
    win: Vec<Record>,
}

/// A record's range, and where in the file its line is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    start: u32,
    size: u32,
    line: usize,
}

/// Whether a file has such records.
pub(super) fn is_there(data: &[u8]) -> bool {
    find(data, b"\nSTACK ").is_some()
}

impl Breakpad {
    /// Follows the records for the frame's address.
    pub(super) fn unwind(&self, data: &[u8], frame: &Frame<'_>) -> Option<Unwound> {
        let index = self.index.get_or_init(|| Index::read(data));
        let address = u32::try_from(frame.address).ok()?;
        let at_line = |record: &Record| data.get(record.line..).map(lines);
        let cfi =
            around(&index.cfi, address).find_map(|record| breakpad_cfi::unwind(at_line(record)?, frame));
        cfi.or_else(|| {
            let windows =
                around(&index.win, address).filter_map(|record| Function::parse(at_line(record)?.next()?));
            breakpad_win::unwind(windows, frame)
        })
    }
}

/// Records around an address, innermost first.
fn around(records: &[Record], address: u32) -> impl Iterator<Item = &Record> {
    let after = records.partition_point(|record| record.start <= address);
    let near = records.get(..after).unwrap_or(&[]).iter().rev().take(MAX_ENCLOSING);
    near.filter(move |record| address - record.start < record.size)
}

/// Lines as text, without their ends; bytes that are no text end them.
pub(super) fn lines(data: &[u8]) -> impl Iterator<Item = &str> {
    data.split(|byte| *byte == b'\n')
        .map_while(|line| std::str::from_utf8(line.get(..MAX_LINE).unwrap_or(line)).ok())
}

impl Index {
    fn read(data: &[u8]) -> Self {
        let mut index = Self::default();
        // All records stand at the end of the file.
        let mut at = find(data, b"\nSTACK ").map_or(data.len(), |at| at + 1);
        while let Some(rest) = data.get(at..).filter(|rest| !rest.is_empty()) {
            index.take(rest, at);
            at += memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        }
        index.cfi.sort_unstable();
        index.win.sort_unstable_by_key(|record| (record.start, std::cmp::Reverse(record.size), record.line));
        index
    }

    fn take(&mut self, rest: &[u8], line: usize) {
        let (records, words) = if let Some(words) = rest.strip_prefix(CFI) {
            (&mut self.cfi, words)
        } else if let Some(words) = rest.strip_prefix(WIN) {
            // The kind of record comes first.
            (&mut self.win, words.get(2..).unwrap_or(&[]))
        } else {
            return;
        };
        if let Some((start, size)) = range(words).filter(|_| records.len() < MAX_RECORDS) {
            records.push(Record { start, size, line });
        }
    }
}

/// Start and size, hexadecimal.
fn range(words: &[u8]) -> Option<(u32, u32)> {
    let words = std::str::from_utf8(words.get(..words.len().min(40))?).unwrap_or("");
    let mut words = words.split_ascii_whitespace();
    let mut number = || u32::from_str_radix(words.next()?, 16).ok();
    Some((number()?, number()?))
}
