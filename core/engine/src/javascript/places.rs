//! From offsets in bytes to lines and columns, and from bytes that may be damaged to text.

use std::borrow::Cow;

use super::scan::REPLACEMENT;
use crate::sourcemap::text::line_end;

/// Bytes between offsets whose distance from the start is noted in UTF-16 code units.
const STRIDE: usize = 64;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The text with another character of one UTF-16 code unit in the place of each sequence that is no UTF-8 and that a
/// decoder would replace by U+FFFD. Its length stays.
pub(super) fn repaired(data: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(data).is_ok() {
        return Cow::Borrowed(data);
    }
    let mut text = Vec::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        text.extend_from_slice(chunk.valid().as_bytes());
        text.extend_from_slice(match chunk.invalid().len() {
            0 => &[],
            1 => &[REPLACEMENT],
            2 => "\u{80}".as_bytes(),
            _ => "\u{fffd}".as_bytes(),
        });
    }
    Cow::Owned(text)
}

/// A piece of a repaired text as a decoder would have it.
pub(super) fn decoded(piece: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(piece);
    let is_repaired = |char: char| char == char::from(REPLACEMENT) || char == '\u{80}';
    if text.contains(is_repaired) { Cow::Owned(text.replace(is_repaired, "\u{fffd}")) } else { text }
}

/// A line that was found: the next search starts there.
#[derive(Clone, Copy)]
pub(super) struct Line {
    number: usize,
    /// UTF-16 code units of the text before it.
    units: u32,
}

impl Line {
    /// No line yet.
    pub(super) const NONE: Self = Self { number: usize::MAX - 1, units: 0 };
}

/// Lines and columns of a text, UTF-8.
pub(super) struct Places<'a> {
    text: &'a [u8],
    /// Where each line starts.
    starts: Vec<u32>,
    /// UTF-16 code units before every so many bytes; nothing if all of the text is ASCII.
    units: Vec<u32>,
}

impl<'a> Places<'a> {
    /// The text is shorter than 4 GiB.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let head = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let (mut starts, mut at) = (vec![head as u32], head);
        while let Some((line, terminator)) = line_end(&text[at..]) {
            at += line + terminator;
            starts.push(at as u32);
        }
        let units = if text.is_ascii() { Vec::new() } else { unit_table(text) };
        Self { text, starts, units }
    }

    /// Line and column (UTF-16 code units) of an offset, from 0. `line` is kept from one call to the next.
    pub(super) fn find(&self, offset: u32, line: &mut Line) -> (u32, u32) {
        let is_on = |line: usize| {
            self.starts.get(line).is_some_and(|&start| start <= offset)
                && self.starts.get(line + 1).is_none_or(|&next| next > offset)
        };
        if !is_on(line.number) {
            line.number = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
            line.units = self.units_before(self.starts.get(line.number).copied().unwrap_or(0));
        }
        (line.number as u32, self.units_before(offset).saturating_sub(line.units))
    }

    fn units_before(&self, offset: u32) -> u32 {
        let offset = offset as usize;
        match self.units.get(offset / STRIDE) {
            Some(units) => {
                units + utf16_units(self.text.get(offset / STRIDE * STRIDE..offset).unwrap_or_default())
            }
            None => offset as u32,
        }
    }
}

fn unit_table(text: &[u8]) -> Vec<u32> {
    let mut sum = 0;
    let mut table = vec![0];
    table.extend(text.chunks(STRIDE).map(|chunk| {
        sum += utf16_units(chunk);
        sum
    }));
    table
}

/// Units of the characters that start in at most [`STRIDE`] bytes: one each, two beyond the basic plane.
fn utf16_units(bytes: &[u8]) -> u32 {
    // In bytes, so that the compiler can count many at once; twice the stride fits.
    let count = |sum: u8, &byte: &u8| {
        sum.wrapping_add(u8::from(byte & 0xc0 != 0x80)).wrapping_add(u8::from(byte >= 0xf0))
    };
    u32::from(bytes.iter().fold(0, count))
}
