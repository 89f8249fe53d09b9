//! Building the store of texts.

use super::super::error::SourceMapError;
use super::super::json::text::{Piece, pieces};
use super::lines::LineCounter;
use super::{BLOCK, STORED, STRIDE};

/// Takes texts one after the other and compresses them as they come.
pub(in super::super) struct TextsBuilder {
    records: Vec<u8>,
    line_table: Vec<u8>,
    ends: Vec<u8>,
    blocks: Vec<u8>,
    /// The block being filled.
    block: Vec<u8>,
    /// Bytes of `block` whose lines were counted.
    counted: usize,
    compressed: Vec<u8>,
    /// Bytes of the stream before `block`.
    flushed: u64,
    lines: LineCounter,
}

impl TextsBuilder {
    pub(in super::super) fn new() -> Self {
        Self {
            records: Vec::new(),
            line_table: Vec::new(),
            ends: Vec::new(),
            blocks: Vec::new(),
            block: Vec::with_capacity(BLOCK),
            counted: 0,
            compressed: vec![0; lz4_flex::block::get_maximum_output_size(BLOCK)],
            flushed: 0,
            lines: LineCounter::default(),
        }
    }

    /// Appends the text of a source, given as the content of a JSON string. Sources come in ascending order.
    pub(in super::super) fn push_json(&mut self, source: u32, raw: &[u8]) -> Result<(), SourceMapError> {
        let start = self.position();
        let first_entry = self.line_table.len() / 4;
        for piece in pieces(raw) {
            match piece {
                Piece::Text(text) => self.append(text.as_bytes()),
                Piece::Char(char) if char.is_ascii() => self.append_byte(char as u8),
                Piece::Char(char) => self.append(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        let lines = self.finish_lines();
        let too_large = |_| SourceMapError::TooLarge("a source text takes more than 4 GiB");
        let len = u32::try_from(self.position() - start).map_err(too_large)?;
        let first_entry = u32::try_from(first_entry).map_err(too_large)?;
        for number in [source, lines, start as u32, (start >> 32) as u32, len, first_entry] {
            self.records.extend_from_slice(&number.to_le_bytes());
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.flushed + self.block.len() as u64
    }

    fn append(&mut self, mut bytes: &[u8]) {
        while self.block.len() + bytes.len() >= BLOCK {
            let (now, later) = bytes.split_at(BLOCK - self.block.len());
            self.block.extend_from_slice(now);
            self.flush();
            bytes = later;
        }
        self.block.extend_from_slice(bytes);
    }

    /// Most of what is escaped are line ends and quotes.
    fn append_byte(&mut self, byte: u8) {
        self.block.push(byte);
        if self.block.len() == BLOCK {
            self.flush();
        }
    }

    fn count_lines(&mut self) {
        let table = &mut self.line_table;
        self.lines.feed(&self.block[self.counted..], &mut |line, offset| note_line(table, line, offset));
        self.counted = self.block.len();
    }

    fn finish_lines(&mut self) -> u32 {
        self.count_lines();
        let table = &mut self.line_table;
        std::mem::take(&mut self.lines).finish(&mut |line, offset| note_line(table, line, offset))
    }

    fn flush(&mut self) {
        self.count_lines();
        let packed = lz4_flex::block::compress_into(&self.block, &mut self.compressed);
        let (block, flag) = match packed {
            Ok(len) if len < self.block.len() => (&self.compressed[..len], 0),
            _ => (&self.block[..], STORED),
        };
        self.blocks.extend_from_slice(block);
        self.ends.extend_from_slice(&(self.blocks.len() as u64 | flag).to_le_bytes());
        self.flushed += self.block.len() as u64;
        self.block.clear();
        self.counted = 0;
    }

    /// The sections: texts, line table, ends, blocks.
    pub(in super::super) fn finish(mut self) -> [Vec<u8>; 4] {
        if !self.block.is_empty() {
            self.flush();
        }
        [self.records, self.line_table, self.ends, self.blocks]
    }
}

/// Offsets fit u32, or the text's length does not and the text is refused.
fn note_line(table: &mut Vec<u8>, line: u32, offset: u64) {
    if (line as usize).is_multiple_of(STRIDE) {
        table.extend_from_slice(&(offset as u32).to_le_bytes());
    }
}
