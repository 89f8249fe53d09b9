//! From the bytes of a script to the bytes of its function index.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::layout;
use super::places::{Line, Places, decoded, repaired};
use super::scan::{Found, Piece, PieceKind, Range, find_functions};
use crate::container::Writer;
use crate::sourcemap::SourceMapError;
use crate::sourcemap::strings::StringsBuilder;
use crate::sourcemap::table::{TableBuilder, key};

/// Longer texts of pieces are cut here, in bytes.
const MAX_TEXT: usize = 256;

/// Half of 32 bits: a column has to leave a bit for what its piece is.
const MAX_LEN: usize = i32::MAX as usize;

/// What the name of a computed member is called.
const COMPUTED: &[u8] = b"<computed>";

/// Why a script has no function index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The script is larger than this build takes.
    #[error("script too large: it has more than 2 GiB")]
    TooLarge,
}

impl From<SourceMapError> for ScriptError {
    /// Tables and strings are shared with source maps; all that they complain about is size.
    fn from(_: SourceMapError) -> Self {
        Self::TooLarge
    }
}

/// Finds the functions of a script and builds their index.
///
/// `data` is UTF-8; what is not counts as U+FFFD. Any bytes give an index. Time and memory are linear in the length.
pub fn build_function_index(data: &[u8]) -> Result<Vec<u8>, ScriptError> {
    if data.len() > MAX_LEN {
        return Err(ScriptError::TooLarge);
    }
    let text = repaired(data);
    let mut found = find_functions(&text);
    if !found.ranges.is_sorted_by_key(order) {
        found.ranges.sort_by_key(order);
    }
    let mut builder = Builder::new(&text);
    builder.changes(&found.ranges);
    for range in &found.ranges {
        builder.function(&found, range)?;
    }
    builder.finish()
}

/// Outer functions come before what they hold.
fn order(range: &Range) -> (u32, Reverse<u32>) {
    (range.start, Reverse(range.end))
}

struct Builder<'a> {
    text: &'a [u8],
    places: Places<'a>,
    changes: TableBuilder<1>,
    functions: TableBuilder<2>,
    pieces: TableBuilder<3>,
    texts: StringsBuilder,
    /// Ids of texts by their hashes. Of two that share one only the last is known.
    known_texts: HashMap<u64, (&'a [u8], u32), BuildHasherDefault<AlreadyHashed>>,
    seed: u64,
    function_count: u32,
    piece_count: u32,
    line: Line,
}

impl<'a> Builder<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            places: Places::new(text),
            changes: TableBuilder::new(),
            functions: TableBuilder::new(),
            pieces: TableBuilder::new(),
            texts: StringsBuilder::default(),
            known_texts: HashMap::default(),
            seed: RandomState::new().hash_one(0),
            function_count: 0,
            piece_count: 0,
            line: Line::NONE,
        }
    }

    /// Notes where the innermost function changes. Ranges without a kind are holes: nothing is known there.
    fn changes(&mut self, ranges: &[Range]) {
        let (mut open, mut id, mut line): (Vec<(u32, u32)>, u32, Line) = (Vec::new(), 0, Line::NONE);
        for range in ranges {
            self.close(&mut open, range.start, &mut line);
            id += u32::from(range.kind.is_some());
            let value = if range.kind.is_some() { id } else { 0 };
            if range.end > range.start {
                self.change(range.start, value, &mut line);
                open.push((range.end, value));
            }
        }
        self.close(&mut open, u32::MAX, &mut line);
    }

    /// Ends the functions that end at or before `offset`.
    fn close(&mut self, open: &mut Vec<(u32, u32)>, offset: u32, line: &mut Line) {
        while let Some(&(end, _)) = open.last()
            && end <= offset
        {
            open.pop();
            while open.last().is_some_and(|&(outer, _)| outer <= end) {
                open.pop();
            }
            let value = open.last().map_or(0, |&(_, value)| value);
            self.change(end, value, line);
        }
    }

    fn change(&mut self, offset: u32, value: u32, line: &mut Line) {
        let (line0, column0) = self.places.find(offset, line);
        self.changes.push(key(line0, column0), [value]);
    }

    fn function(&mut self, found: &Found, range: &Range) -> Result<(), ScriptError> {
        let Some(kind) = range.kind else { return Ok(()) };
        let pieces = found.pieces(range);
        let head = kind as u32 | (pieces.len() as u32) << layout::PIECES_SHIFT;
        self.functions.push(u64::from(self.function_count), [head, self.piece_count]);
        self.function_count += 1;
        pieces.iter().try_for_each(|piece| self.piece(piece))
    }

    fn piece(&mut self, piece: &Piece) -> Result<(), ScriptError> {
        let text = self.text_id(piece)?;
        let (line0, column0) = self.places.find(piece.start, &mut self.line);
        let is_property = u32::from(piece.kind != PieceKind::Local);
        self.pieces.push(u64::from(self.piece_count), [text, line0, column0 * 2 + is_property]);
        self.piece_count += 1;
        Ok(())
    }

    fn text_id(&mut self, piece: &Piece) -> Result<u32, ScriptError> {
        let text = self.text.get(piece.start as usize..piece.end as usize).unwrap_or_default();
        let text = match piece.kind {
            PieceKind::Quoted => unquoted(text),
            PieceKind::Subscript => COMPUTED,
            _ => text,
        };
        let hash = xxh3_64_with_seed(text, self.seed);
        if let Some(&(known, id)) = self.known_texts.get(&hash)
            && known == text
        {
            return Ok(id);
        }
        let id = self.texts.len() as u32;
        let cut = text.get(..MAX_TEXT).map_or(text, |head| &head[..whole_characters(head)]);
        self.texts.push(&decoded(cut))?;
        self.known_texts.insert(hash, (text, id));
        Ok(id)
    }

    fn finish(self) -> Result<Vec<u8>, ScriptError> {
        let mut writer = Writer::new(layout::KIND);
        writer.section(layout::COUNTS, self.function_count.to_le_bytes().to_vec());
        let tables = [
            (layout::CHANGES, self.changes.finish()?),
            (layout::FUNCTIONS, self.functions.finish()?),
            (layout::PIECES, self.pieces.finish()?),
        ];
        for (ids, sections) in tables {
            for (id, section) in ids.into_iter().zip(sections) {
                writer.section(id, section);
            }
        }
        for (id, section) in layout::TEXTS.into_iter().zip(self.texts.finish()) {
            writer.section(id, section);
        }
        Ok(writer.finish())
    }
}

/// Hashes numbers that are hashes.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A string's content as it is written.
fn unquoted(text: &[u8]) -> &[u8] {
    match text {
        [open, content @ .., close] if open == close => content,
        [_, content @ ..] => content,
        [] => text,
    }
}

/// Length of `text` without the part of a character at its end.
fn whole_characters(text: &[u8]) -> usize {
    match std::str::from_utf8(text) {
        Ok(_) => text.len(),
        Err(error) => error.valid_up_to(),
    }
}
