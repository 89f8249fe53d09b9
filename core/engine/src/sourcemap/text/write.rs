//! Building the store of texts.
//!
//! Texts are decoded from JSON straight into the block that is being filled, eight bytes at a time up to the
//! next byte that means something: a backslash, or what may end a line.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

use super::super::error::SourceMapError;
use super::{BLOCK, STORED, STRIDE};
use crate::container::Parts;
use crate::json::text::escape;
use crate::json::{LOW_BITS, equal_bytes};

/// Bytes of undecoded text that are compressed in one go; a text is never divided.
const JOB: usize = 1 << 20;

/// Bytes that are looked at together.
const WORD: usize = 8;

/// A source id and the content of the JSON string that is its text.
pub(in super::super) type RawText<'a> = (u32, &'a [u8]);

/// What a thread has compressed: pieces with their places in the order.
pub(in super::super) type Done = Result<Vec<(usize, Piece)>, SourceMapError>;

/// The work of compressing texts, for as many threads as want to help.
pub(in super::super) struct Jobs<'t, 'a> {
    /// Neighbouring texts with their place in the order, the longest first.
    jobs: Vec<(usize, &'t [RawText<'a>])>,
    next: AtomicUsize,
}

impl<'t, 'a> Jobs<'t, 'a> {
    /// Divides the work. Texts come in the ascending order of their sources.
    pub(in super::super) fn new(texts: &'t [RawText<'a>]) -> Self {
        let (mut jobs, mut rest) = (Vec::new(), texts);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(job_len(rest));
            jobs.push((jobs.len(), now));
            rest = later;
        }
        jobs.sort_by_key(|(_, texts)| Reverse(raw_len(texts)));
        Self { jobs, next: AtomicUsize::new(0) }
    }

    /// Does jobs until none is left.
    pub(in super::super) fn work(&self) -> Done {
        let mut done = Vec::new();
        while let Some((place, texts)) = self.jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let mut builder = PieceBuilder::new();
            texts.iter().try_for_each(|(source, raw)| builder.push(*source, raw))?;
            done.push((*place, builder.finish()));
        }
        Ok(done)
    }
}

/// Bytes of text, undecoded.
pub(in super::super) fn raw_len(texts: &[RawText<'_>]) -> usize {
    texts.iter().map(|(_, raw)| raw.len()).sum()
}

/// Number of texts in the next job.
fn job_len(texts: &[RawText<'_>]) -> usize {
    let mut len = 0;
    let last = texts.iter().position(|(_, raw)| {
        len += raw.len();
        len >= JOB
    });
    last.map_or(texts.len(), |last| last + 1)
}

/// Neighbouring texts, compressed. Places count from the start of the piece.
#[derive(Default)]
pub(in super::super) struct Piece {
    records: Vec<Record>,
    line_table: Vec<u8>,
    ends: Vec<u64>,
    blocks: Vec<u8>,
}

struct Record {
    source: u32,
    lines: u32,
    start: u64,
    len: u32,
    first_entry: u32,
}

/// The sections made of all pieces: texts, line table, ends, blocks.
pub(in super::super) fn join(mut pieces: Vec<(usize, Piece)>) -> [Parts; 4] {
    pieces.sort_by_key(|(place, _)| *place);
    let (mut records, mut ends) = (Vec::new(), Vec::new());
    let (mut line_tables, mut blocks) = (Parts::new(), Parts::new());
    let (mut start, mut first_entry, mut end) = (0, 0, 0);
    for (_, piece) in pieces {
        for record in &piece.records {
            record.write(&mut records, start, first_entry);
        }
        ends.extend(piece.ends.iter().flat_map(|own| (own + end).to_le_bytes()));
        start += (piece.ends.len() * BLOCK) as u64;
        first_entry += piece.line_table.len() as u32 / 4;
        end += piece.blocks.len() as u64;
        line_tables.push(piece.line_table);
        blocks.push(piece.blocks);
    }
    [vec![records], line_tables, vec![ends], blocks]
}

impl Record {
    /// Writes the record of a piece whose blocks and entries start there.
    fn write(&self, out: &mut Vec<u8>, start: u64, first_entry: u32) {
        let (start, first_entry) = (self.start + start, self.first_entry + first_entry);
        for number in [self.source, self.lines, start as u32, (start >> 32) as u32, self.len, first_entry] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

/// Takes texts one after the other and compresses them as they come.
struct PieceBuilder {
    piece: Piece,
    /// The block being filled; words are written as a whole, so that it is a little longer.
    block: Box<[u8; BLOCK + WORD]>,
    /// Bytes in the block, less than [`BLOCK`].
    len: usize,
    lines: Lines,
    compressed: Vec<u8>,
    table: CompressTable,
}

/// The lines of the text being read.
#[derive(Default)]
struct Lines {
    /// Where the text starts in the stream.
    start: u64,
    /// Lines that have started, without the first.
    count: u32,
    /// Where the last line started if a CR ended the one before: an LF behind it belongs to that.
    after_cr: Option<u64>,
}

impl PieceBuilder {
    fn new() -> Self {
        Self {
            piece: Piece::default(),
            block: Box::new([0; BLOCK + WORD]),
            len: 0,
            lines: Lines::default(),
            compressed: vec![0; get_maximum_output_size(BLOCK)],
            table: CompressTable::small(),
        }
    }

    fn push(&mut self, source: u32, raw: &[u8]) -> Result<(), SourceMapError> {
        let start = self.position();
        let first_entry = (self.piece.line_table.len() / 4) as u32;
        self.lines = Lines { start, ..Lines::default() };
        match std::str::from_utf8(raw) {
            Ok(text) => self.append(text.as_bytes()),
            Err(_) => self.append_lossy(raw),
        }
        let too_large = |_| SourceMapError::TooLarge("a source text takes more than 4 GiB");
        let len = u32::try_from(self.position() - start).map_err(too_large)?;
        let lines = self.lines.count.saturating_add(1);
        self.piece.records.push(Record { source, lines, start, len, first_entry });
        Ok(())
    }

    /// Length of the stream so far.
    fn position(&self) -> u64 {
        (self.piece.ends.len() * BLOCK + self.len) as u64
    }

    #[cold]
    fn append_lossy(&mut self, raw: &[u8]) {
        for chunk in raw.utf8_chunks() {
            self.append(chunk.valid().as_bytes());
            if !chunk.invalid().is_empty() {
                self.append_char(char::REPLACEMENT_CHARACTER);
            }
        }
    }

    /// Appends undecoded text that is UTF-8.
    fn append(&mut self, mut text: &[u8]) {
        loop {
            text = &text[self.append_plain(text)..];
            if text.is_empty() {
                return;
            }
            text = &text[self.append_special(text)..];
        }
    }

    /// Appends the plain bytes at the start of `text` and returns how many there are.
    fn append_plain(&mut self, text: &[u8]) -> usize {
        let mut at = 0;
        while let Some(word) = text[at..].first_chunk::<WORD>() {
            let plain = plain_bytes(word);
            if plain < WORD {
                self.append_word(word, plain);
                return at + plain;
            }
            self.append_word(word, WORD);
            at += WORD;
        }
        let (rest, mut word) = (&text[at..], [b' '; WORD]);
        word[..rest.len()].copy_from_slice(rest);
        let plain = plain_bytes(&word).min(rest.len());
        self.append_word(&word, plain);
        at + plain
    }

    /// Appends the first `len` bytes of a word.
    #[inline(always)]
    fn append_word(&mut self, word: &[u8; WORD], len: usize) {
        if let Some(place) = self.block.get_mut(self.len..self.len + WORD) {
            place.copy_from_slice(word);
        }
        self.len += len;
        if self.len >= BLOCK {
            self.flush(BLOCK);
        }
    }

    /// Appends what the byte at the start of `text` stands for and returns how much of it was read.
    fn append_special(&mut self, text: &[u8]) -> usize {
        let (len, char) = match text {
            [b'\\', ..] => escape(text),
            [0xe2, 0x80, 0xa8, ..] => (3, '\u{2028}'),
            [0xe2, 0x80, 0xa9, ..] => (3, '\u{2029}'),
            [control @ 0..0x20, ..] => (1, char::from(*control)),
            _ => {
                self.append_word(&[text[0]; WORD], 1);
                return 1;
            }
        };
        self.append_char(char);
        len
    }

    fn append_char(&mut self, char: char) {
        let mut word = [0; WORD];
        let len = char.encode_utf8(&mut word).len();
        self.append_word(&word, len);
        if matches!(char, '\n' | '\r' | '\u{2028}' | '\u{2029}') {
            self.end_line(char);
        }
    }

    /// Notes that a line starts here, behind its terminator.
    fn end_line(&mut self, terminator: char) {
        let (here, table) = (self.position(), &mut self.piece.line_table);
        if terminator == '\n' && self.lines.after_cr == Some(here - 1) {
            // The line started one byte later than it seemed behind the CR.
            if (self.lines.count as usize).is_multiple_of(STRIDE) {
                table.truncate(table.len() - 4);
            }
        } else {
            self.lines.count = self.lines.count.saturating_add(1);
        }
        if (self.lines.count as usize).is_multiple_of(STRIDE) {
            // It fits, or the text is refused at its end.
            table.extend_from_slice(&((here - self.lines.start) as u32).to_le_bytes());
        }
        self.lines.after_cr = (terminator == '\r').then_some(here);
    }

    /// Compresses the first `len` bytes of the block; those behind them begin the next.
    #[inline(never)]
    fn flush(&mut self, len: usize) {
        let block = &self.block[..len];
        let (out, blocks) = (&mut self.compressed, &mut self.piece.blocks);
        let flag = match compress_into_with_table(block, out, &mut self.table) {
            Ok(packed) if packed < len => {
                blocks.extend_from_slice(&out[..packed]);
                0
            }
            _ => {
                blocks.extend_from_slice(block);
                STORED
            }
        };
        self.piece.ends.push(blocks.len() as u64 | flag);
        self.block.copy_within(len..len + WORD, 0);
        self.len -= len;
    }

    fn finish(mut self) -> Piece {
        if self.len > 0 {
            self.flush(self.len);
        }
        self.piece
    }
}

/// How many bytes at the start of a word stand for themselves and end no line.
#[inline(always)]
fn plain_bytes(word: &[u8; WORD]) -> usize {
    let word = u64::from_le_bytes(*word);
    let control = word.wrapping_sub(LOW_BITS * 0x20) & !word & (LOW_BITS << 7);
    let special = control | equal_bytes(word, b'\\') | equal_bytes(word, 0xe2);
    special.trailing_zeros() as usize / 8
}
