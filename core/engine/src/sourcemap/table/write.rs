//! Building a table.

use super::super::error::SourceMapError;
use super::pack::{Range, pack};
use super::{BLOCK, SLACK, head_len, key, key_line, packed_len};

/// Blocks of fewer rows are not split: their heads would cost more than what is saved.
const MIN_SPLIT: usize = 8;

/// Bytes of VLQ text that a row was written in at least: a letter for each of four numbers and a separator.
const SMALLEST_ROW: usize = 5;

/// Rows in arrays, one for each number.
pub(crate) struct Rows<const COLUMNS: usize> {
    pub len: usize,
    pub lines: [u32; BLOCK],
    pub columns: [u32; BLOCK],
    pub values: [[u32; BLOCK]; COLUMNS],
}

impl<const COLUMNS: usize> Rows<COLUMNS> {
    pub(crate) fn new() -> Self {
        Self { len: 0, lines: [0; BLOCK], columns: [0; BLOCK], values: [[0; BLOCK]; COLUMNS] }
    }

    pub(crate) fn key(&self, row: usize) -> u64 {
        key(self.lines[row], self.columns[row])
    }
}

/// The ranges of all numbers in some rows.
#[derive(Clone, Copy)]
pub(crate) struct Ranges<const COLUMNS: usize> {
    line: Range,
    column: Range,
    values: [Range; COLUMNS],
}

impl<const COLUMNS: usize> Default for Ranges<COLUMNS> {
    fn default() -> Self {
        let none = Range::default();
        Self { line: none, column: none, values: [none; COLUMNS] }
    }
}

impl<const COLUMNS: usize> Ranges<COLUMNS> {
    /// Of the rows from `start` up to `end`, at least one.
    pub(crate) fn of(rows: &Rows<COLUMNS>, start: usize, end: usize) -> Self {
        let mut values = [Range::default(); COLUMNS];
        for (range, column) in values.iter_mut().zip(&rows.values) {
            *range = Range::of(&column[start..end]);
        }
        let line = Range { min: rows.lines[start], max: rows.lines[end - 1] };
        Self { line, column: Range::of(&rows.columns[start..end]), values }
    }

    /// The largest of each number.
    pub(crate) fn maxima(&self) -> [u32; COLUMNS] {
        self.values.map(|range| range.max)
    }

    fn packed_len(&self, rows: usize) -> usize {
        let own = packed_len(rows, self.line.bits()) + packed_len(rows, self.column.bits());
        self.values.iter().fold(own, |sum, range| sum + packed_len(rows, range.bits()))
    }
}

/// Collects rows in order and packs them, a block at a time.
pub(crate) struct TableBuilder<const COLUMNS: usize> {
    pending: Rows<COLUMNS>,
    last_key: u64,
    rows: u64,
    packed: Packed,
}

/// Finished blocks.
#[derive(Default)]
struct Packed {
    first_keys: Vec<u64>,
    offsets: Vec<usize>,
    blocks: Vec<u8>,
}

/// A state to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    last_key: u64,
    rows: u64,
    offsets: usize,
    blocks: usize,
}

impl<const COLUMNS: usize> TableBuilder<COLUMNS> {
    pub(crate) fn new() -> Self {
        Self { pending: Rows::new(), last_key: 0, rows: 0, packed: Packed::default() }
    }

    /// Rows so far; rows of the open block do not count before a mark is set.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Finished blocks so far.
    pub(crate) fn blocks(&self) -> usize {
        self.packed.offsets.len()
    }

    /// Appends a row. False, and nothing appended, if its key is smaller than the last one's.
    pub(crate) fn push(&mut self, key: u64, values: [u32; COLUMNS]) -> bool {
        if key < self.last_key {
            return false;
        }
        self.last_key = key;
        let slot = self.pending.len % BLOCK;
        self.pending.lines[slot] = key_line(key);
        self.pending.columns[slot] = key as u32;
        for (column, value) in self.pending.values.iter_mut().zip(values) {
            column[slot] = value;
        }
        self.pending.len += 1;
        if self.pending.len == BLOCK {
            self.flush();
        }
        true
    }

    /// The rows of the open block, to be filled up in place behind the first `len`.
    pub(crate) fn open_rows(&mut self) -> &mut Rows<COLUMNS> {
        &mut self.pending
    }

    /// Takes `count` rows, at least one, that were filled in behind the open block's own and are in order.
    /// `ranges` are theirs. False, and none taken, if the first key is smaller than the last one's.
    pub(crate) fn take_rows(&mut self, count: usize, ranges: &Ranges<COLUMNS>) -> bool {
        let (first, len) = (self.pending.len, self.pending.len + count);
        if self.pending.key(first) < self.last_key {
            return false;
        }
        self.last_key = self.pending.key(len - 1);
        self.pending.len = len;
        if count == BLOCK {
            self.pending.len = 0;
            self.rows += len as u64;
            self.packed.write(&self.pending, 0, len, ranges);
        } else if len == BLOCK {
            self.flush();
        }
        true
    }

    /// Closes the current block and notes where the table stands.
    pub(crate) fn mark(&mut self) -> Mark {
        self.flush();
        Mark {
            last_key: self.last_key,
            rows: self.rows,
            offsets: self.packed.offsets.len(),
            blocks: self.packed.blocks.len(),
        }
    }

    /// Forgets all rows since `mark`.
    pub(crate) fn rewind(&mut self, mark: Mark) {
        self.pending.len = 0;
        self.last_key = mark.last_key;
        self.rows = mark.rows;
        self.packed.first_keys.truncate(mark.offsets);
        self.packed.offsets.truncate(mark.offsets);
        self.packed.blocks.truncate(mark.blocks);
    }

    /// Lets the next row have any key: it starts an order of its own.
    pub(crate) fn restart(&mut self) {
        self.flush();
        self.last_key = 0;
    }

    fn flush(&mut self) {
        let len = std::mem::take(&mut self.pending.len);
        if len > 0 {
            self.rows += len as u64;
            self.packed.write(&self.pending, 0, len, &Ranges::of(&self.pending, 0, len));
        }
    }

    /// The sections: first keys, offsets, blocks.
    pub(crate) fn finish(mut self) -> Result<[Vec<u8>; 3], SourceMapError> {
        self.flush();
        let Packed { first_keys, mut offsets, mut blocks } = self.packed;
        offsets.push(blocks.len());
        blocks.resize(blocks.len() + SLACK, 0);
        if u32::try_from(blocks.len()).is_err() {
            return Err(SourceMapError::TooLarge("its positions take more than 4 GiB"));
        }
        let keys = first_keys.iter().flat_map(|key| key.to_le_bytes()).collect();
        let offsets = offsets.iter().flat_map(|&offset| (offset as u32).to_le_bytes()).collect();
        Ok([keys, offsets, blocks])
    }
}

impl Packed {
    /// Packs rows into one block, or into several where a few rows far from the others would cost all of
    /// them many bits.
    fn write<const COLUMNS: usize>(
        &mut self,
        rows: &Rows<COLUMNS>,
        start: usize,
        end: usize,
        ranges: &Ranges<COLUMNS>,
    ) {
        let len = end - start;
        if len <= MIN_SPLIT || ranges.packed_len(len) <= 2 * SMALLEST_ROW * len + head_len(COLUMNS) {
            return self.write_block(rows, start, end, ranges);
        }
        // Each step down halves the rows, from 128 to 8 at most.
        let middle = start + len / 2;
        self.write(rows, start, middle, &Ranges::of(rows, start, middle));
        self.write(rows, middle, end, &Ranges::of(rows, middle, end));
    }

    fn write_block<const COLUMNS: usize>(
        &mut self,
        rows: &Rows<COLUMNS>,
        start: usize,
        end: usize,
        ranges: &Ranges<COLUMNS>,
    ) {
        self.first_keys.push(rows.key(start));
        self.offsets.push(self.blocks.len());
        let out = &mut self.blocks;
        out.push((end - start) as u8);
        out.extend_from_slice(&[ranges.line.bits() as u8, ranges.column.bits() as u8]);
        out.extend_from_slice(&ranges.values.map(|range| range.bits() as u8));
        out.extend_from_slice(&ranges.column.min.to_le_bytes());
        for range in &ranges.values {
            out.extend_from_slice(&range.min.to_le_bytes());
        }
        pack(out, &rows.lines[start..end], ranges.line);
        pack(out, &rows.columns[start..end], ranges.column);
        for (values, range) in rows.values.iter().zip(ranges.values) {
            pack(out, &values[start..end], range);
        }
    }
}
