//! Building a table.

use super::super::error::SourceMapError;
use super::{BLOCK, SLACK, head_len, key_line, packed_len};

/// Blocks of fewer rows are not split: their heads would cost more than what is saved.
const MIN_SPLIT: usize = 8;

/// Bytes of VLQ text that a row of `n` numbers was written in at least: a letter each and a separator.
const SMALLEST_ROW: usize = 5;

/// Collects rows in order and packs them, a block at a time.
pub(in super::super) struct TableBuilder<const COLUMNS: usize> {
    lines: [u32; BLOCK],
    columns: [u32; BLOCK],
    values: [[u32; BLOCK]; COLUMNS],
    pending: usize,
    last_key: u64,
    rows: u64,
    first_keys: Vec<u64>,
    offsets: Vec<usize>,
    blocks: Vec<u8>,
}

/// A state to go back to.
#[derive(Clone, Copy)]
pub(in super::super) struct Mark {
    last_key: u64,
    rows: u64,
    offsets: usize,
    blocks: usize,
}

impl<const COLUMNS: usize> TableBuilder<COLUMNS> {
    pub(in super::super) fn new() -> Self {
        Self {
            lines: [0; BLOCK],
            columns: [0; BLOCK],
            values: [[0; BLOCK]; COLUMNS],
            pending: 0,
            last_key: 0,
            rows: 0,
            first_keys: Vec::new(),
            offsets: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Rows so far; rows of the open block do not count before a mark is set.
    pub(in super::super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Blocks so far; a mark was set just before.
    pub(in super::super) fn blocks(&self) -> usize {
        self.offsets.len()
    }

    /// Appends a row. False, and nothing appended, if its key is smaller than the last one's.
    #[inline(always)]
    pub(in super::super) fn push(&mut self, key: u64, values: [u32; COLUMNS]) -> bool {
        if key < self.last_key {
            return false;
        }
        self.last_key = key;
        let slot = self.pending % BLOCK;
        self.lines[slot] = key_line(key);
        self.columns[slot] = key as u32;
        for (column, value) in self.values.iter_mut().zip(values) {
            column[slot] = value;
        }
        self.pending += 1;
        if self.pending == BLOCK {
            self.flush();
        }
        true
    }

    /// Closes the current block and notes where the table stands.
    pub(in super::super) fn mark(&mut self) -> Mark {
        self.flush();
        Mark {
            last_key: self.last_key,
            rows: self.rows,
            offsets: self.offsets.len(),
            blocks: self.blocks.len(),
        }
    }

    /// Forgets all rows since `mark`.
    pub(in super::super) fn rewind(&mut self, mark: Mark) {
        self.pending = 0;
        self.last_key = mark.last_key;
        self.rows = mark.rows;
        self.first_keys.truncate(mark.offsets);
        self.offsets.truncate(mark.offsets);
        self.blocks.truncate(mark.blocks);
    }

    /// Lets the next row have any key: it starts an order of its own.
    pub(in super::super) fn restart(&mut self) {
        self.flush();
        self.last_key = 0;
    }

    fn flush(&mut self) {
        let rows = std::mem::take(&mut self.pending);
        self.rows += rows as u64;
        // Halves are pushed right to left, so at most one per halving waits.
        let mut waiting = vec![(0, rows)];
        while let Some((start, end)) = waiting.pop() {
            if start == end {
                continue;
            }
            let spread = self.spread(start, end);
            let len = end - start;
            if len > MIN_SPLIT && spread.packed_len(len) > 2 * SMALLEST_ROW * len + head_len(COLUMNS) {
                let middle = start + len / 2;
                waiting.push((middle, end));
                waiting.push((start, middle));
            } else {
                self.write_block(start, end, &spread);
            }
        }
    }

    fn spread(&self, start: usize, end: usize) -> Spread<COLUMNS> {
        Spread {
            line: Range::of(&self.lines[start..end]),
            column: Range::of(&self.columns[start..end]),
            values: std::array::from_fn(|i| Range::of(&self.values[i][start..end])),
        }
    }

    fn write_block(&mut self, start: usize, end: usize, spread: &Spread<COLUMNS>) {
        let first_key = super::key(self.lines[start], self.columns[start]);
        self.first_keys.push(first_key);
        self.offsets.push(self.blocks.len());
        let out = &mut self.blocks;
        out.push((end - start) as u8);
        out.extend(spread.ranges().map(|range| range.bits() as u8));
        out.extend(spread.ranges().skip(1).flat_map(|range| range.min.to_le_bytes()));
        pack(out, &self.lines[start..end], spread.line);
        pack(out, &self.columns[start..end], spread.column);
        for (values, range) in self.values.iter().zip(spread.values) {
            pack(out, &values[start..end], range);
        }
    }

    /// The sections: first keys, offsets, blocks.
    pub(in super::super) fn finish(mut self) -> Result<[Vec<u8>; 3], SourceMapError> {
        self.flush();
        self.offsets.push(self.blocks.len());
        self.blocks.resize(self.blocks.len() + SLACK, 0);
        let keys = self.first_keys.iter().flat_map(|key| key.to_le_bytes()).collect();
        let offsets: Result<Vec<_>, _> = self.offsets.iter().map(|&offset| u32::try_from(offset)).collect();
        let offsets = offsets.map_err(|_| SourceMapError::TooLarge("its positions take more than 4 GiB"))?;
        Ok([keys, offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect(), self.blocks])
    }
}

/// Smallest and largest of some values.
#[derive(Clone, Copy)]
struct Range {
    min: u32,
    max: u32,
}

impl Range {
    fn of(values: &[u32]) -> Self {
        let min = values.iter().fold(u32::MAX, |min, &value| min.min(value));
        let max = values.iter().fold(0, |max, &value| max.max(value));
        Self { min, max }
    }

    fn bits(self) -> u32 {
        u32::BITS - (self.max - self.min).leading_zeros()
    }
}

/// The ranges of all numbers in a block.
struct Spread<const COLUMNS: usize> {
    line: Range,
    column: Range,
    values: [Range; COLUMNS],
}

impl<const COLUMNS: usize> Spread<COLUMNS> {
    fn ranges(&self) -> impl Iterator<Item = Range> + '_ {
        [self.line, self.column].into_iter().chain(self.values)
    }

    fn packed_len(&self, rows: usize) -> usize {
        self.ranges().map(|range| packed_len(rows, range.bits())).sum()
    }
}

fn pack(out: &mut Vec<u8>, values: &[u32], range: Range) {
    let bits = range.bits();
    if bits == 0 {
        return;
    }
    let end = out.len() + packed_len(values.len(), bits);
    let (mut word, mut used) = (0u64, 0);
    for &value in values {
        // At most 31 bits wait and a value has at most 32.
        word |= u64::from(value - range.min) << used;
        used += bits;
        if used >= 32 {
            out.extend_from_slice(&(word as u32).to_le_bytes());
            word >>= 32;
            used -= 32;
        }
    }
    out.extend_from_slice(&(word as u32).to_le_bytes());
    out.truncate(end);
}
