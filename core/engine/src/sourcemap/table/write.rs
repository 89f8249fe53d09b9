//! Building a table.

use super::super::error::SourceMapError;
use super::pack::{Ranges, pack};
use super::{BLOCK, LANES, SLACK, head_len, key, key_line};

/// Blocks of fewer rows are not split: their heads would cost more than what is saved.
const MIN_SPLIT: usize = 8;

/// Bytes of VLQ text that a row was written in at least: a letter for each of four numbers and a separator.
const SMALLEST_ROW: usize = 5;

/// A row in lanes: line, column, the table's numbers, zeros.
pub(in super::super) type Row = [u32; LANES];

/// Rows waiting to be packed.
pub(in super::super) struct Rows<const COLUMNS: usize> {
    pub len: usize,
    pub rows: [Row; BLOCK],
}

impl<const COLUMNS: usize> Rows<COLUMNS> {
    pub(in super::super) fn new() -> Self {
        const { assert!(2 + COLUMNS <= LANES) };
        Self { len: 0, rows: [[0; LANES]; BLOCK] }
    }

    pub(in super::super) fn all(&self) -> &[Row] {
        &self.rows[..self.len]
    }

    /// Takes as many rows as there is room for, and returns how many.
    fn fill_from(&mut self, rows: &[Row]) -> usize {
        let count = (BLOCK - self.len).min(rows.len());
        self.rows[self.len..self.len + count].copy_from_slice(&rows[..count]);
        self.len += count;
        count
    }
}

fn row_key(row: &Row) -> u64 {
    key(row[0], row[1])
}

/// Collects rows in order and packs them, a block at a time.
pub(in super::super) struct TableBuilder<const COLUMNS: usize> {
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
pub(in super::super) struct Mark {
    last_key: u64,
    rows: u64,
    offsets: usize,
    blocks: usize,
}

impl<const COLUMNS: usize> TableBuilder<COLUMNS> {
    pub(in super::super) fn new() -> Self {
        Self { pending: Rows::new(), last_key: 0, rows: 0, packed: Packed::default() }
    }

    /// Rows so far; rows of the open block do not count before a mark is set.
    pub(in super::super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Finished blocks so far.
    pub(in super::super) fn blocks(&self) -> usize {
        self.packed.offsets.len()
    }

    /// Appends a row. False, and nothing appended, if its key is smaller than the last one's.
    pub(in super::super) fn push(&mut self, key: u64, values: [u32; COLUMNS]) -> bool {
        if key < self.last_key {
            return false;
        }
        self.last_key = key;
        let row = &mut self.pending.rows[self.pending.len % BLOCK];
        (row[0], row[1]) = (key_line(key), key as u32);
        row[2..2 + COLUMNS].copy_from_slice(&values);
        self.pending.len += 1;
        if self.pending.len == BLOCK {
            self.flush();
        }
        true
    }

    /// Appends rows that are in order; `ranges` are those of all of them. False, and nothing appended, if the
    /// first key is smaller than the last one's.
    pub(in super::super) fn push_rows(&mut self, rows: &Rows<COLUMNS>, ranges: &Ranges) -> bool {
        let [first, .., last] = rows.all() else {
            return rows.all().iter().all(|row| self.push(row_key(row), values(row)));
        };
        if row_key(first) < self.last_key {
            return false;
        }
        self.last_key = row_key(last);
        if self.pending.len == 0 && rows.len == BLOCK {
            self.rows += rows.len as u64;
            self.packed.write::<COLUMNS>(rows.all(), ranges);
            return true;
        }
        let mut rest = rows.all();
        while !rest.is_empty() {
            rest = &rest[self.pending.fill_from(rest)..];
            if self.pending.len == BLOCK {
                self.flush();
            }
        }
        true
    }

    /// Closes the current block and notes where the table stands.
    pub(in super::super) fn mark(&mut self) -> Mark {
        self.flush();
        Mark {
            last_key: self.last_key,
            rows: self.rows,
            offsets: self.packed.offsets.len(),
            blocks: self.packed.blocks.len(),
        }
    }

    /// Forgets all rows since `mark`.
    pub(in super::super) fn rewind(&mut self, mark: Mark) {
        self.pending.len = 0;
        self.last_key = mark.last_key;
        self.rows = mark.rows;
        self.packed.first_keys.truncate(mark.offsets);
        self.packed.offsets.truncate(mark.offsets);
        self.packed.blocks.truncate(mark.blocks);
    }

    /// Lets the next row have any key: it starts an order of its own.
    pub(in super::super) fn restart(&mut self) {
        self.flush();
        self.last_key = 0;
    }

    fn flush(&mut self) {
        let len = std::mem::take(&mut self.pending.len);
        if len > 0 {
            self.rows += len as u64;
            let rows = &self.pending.rows[..len];
            self.packed.write::<COLUMNS>(rows, &Ranges::of(rows));
        }
    }

    /// The sections: first keys, offsets, blocks.
    pub(in super::super) fn finish(mut self) -> Result<[Vec<u8>; 3], SourceMapError> {
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

fn values<const COLUMNS: usize>(row: &Row) -> [u32; COLUMNS] {
    std::array::from_fn(|i| row[2 + i])
}

impl Packed {
    /// Packs rows into one block, or into several where a few rows far from the others would cost all of
    /// them many bits.
    fn write<const COLUMNS: usize>(&mut self, rows: &[Row], ranges: &Ranges) {
        let largest = 2 * SMALLEST_ROW * rows.len() + head_len(COLUMNS);
        if rows.len() <= MIN_SPLIT || ranges.packed_len(rows.len()) <= largest {
            return self.write_block::<COLUMNS>(rows, ranges);
        }
        // The number of rows halves with each step down, from 128 to 8.
        for half in [&rows[..rows.len() / 2], &rows[rows.len() / 2..]] {
            self.write::<COLUMNS>(half, &Ranges::of(half));
        }
    }

    fn write_block<const COLUMNS: usize>(&mut self, rows: &[Row], ranges: &Ranges) {
        self.first_keys.push(row_key(&rows[0]));
        self.offsets.push(self.blocks.len());
        let out = &mut self.blocks;
        out.push(rows.len() as u8);
        out.extend((0..2 + COLUMNS).map(|lane| ranges.bits(lane) as u8));
        for min in &ranges.min[1..2 + COLUMNS] {
            out.extend_from_slice(&min.to_le_bytes());
        }
        for lane in 0..2 + COLUMNS {
            pack(out, rows, lane, ranges.min[lane], ranges.bits(lane));
        }
    }
}
