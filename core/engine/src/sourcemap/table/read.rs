//! Searching a table in its file.

use super::{BLOCK, SLACK, head_len, key, key_line, packed_len};
use crate::container::{Container, IndexError, Section};

/// Where a table lies in a container.
#[derive(Clone, Copy)]
pub(crate) struct Table<const COLUMNS: usize> {
    first_keys: Section,
    offsets: Section,
    blocks: Section,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// Finds the table in the sections `[first keys, offsets, blocks]`.
    pub(crate) fn open(container: &Container, ids: [u32; 3]) -> Result<Self, IndexError> {
        let table = Self {
            first_keys: container.section(ids[0])?,
            offsets: container.section(ids[1])?,
            blocks: container.section(ids[2])?,
        };
        let blocks = table.first_keys.len() / 8;
        let offsets = blocks.checked_add(1).and_then(|n| n.checked_mul(4));
        if !table.first_keys.len().is_multiple_of(8) || offsets != Some(table.offsets.len()) {
            return Err(IndexError::Damaged("a table's parts differ in length"));
        }
        Ok(table)
    }

    /// A search in all blocks.
    pub(crate) fn search<'a>(&self, container: &'a Container) -> Result<Search<'a, COLUMNS>, IndexError> {
        self.search_in(container, 0, self.first_keys.len() / 8)
    }

    /// A search in the blocks from `first` up to `end`.
    pub(crate) fn search_in<'a>(
        &self,
        container: &'a Container,
        first: usize,
        end: usize,
    ) -> Result<Search<'a, COLUMNS>, IndexError> {
        let bytes = |n: usize| n.checked_mul(8).ok_or(IndexError::Damaged("a block number is too large"));
        let keys = container.read(self.first_keys, bytes(first)?..bytes(end)?)?;
        Ok(Search { container, table: *self, first, keys: keys.as_chunks().0 })
    }
}

/// Finds rows; holds what a batch of searches shares.
pub(crate) struct Search<'a, const COLUMNS: usize> {
    container: &'a Container,
    table: Table<COLUMNS>,
    first: usize,
    keys: &'a [[u8; 8]],
}

impl<'a, const COLUMNS: usize> Search<'a, COLUMNS> {
    /// The last row whose key is `wanted` or less, with its key.
    pub(crate) fn last_at_or_before(&self, wanted: u64) -> Result<Option<(u64, [u32; COLUMNS])>, IndexError> {
        let behind = self.keys.partition_point(|key| u64::from_le_bytes(*key) <= wanted);
        let Some(index) = behind.checked_sub(1) else {
            return Ok(None);
        };
        let first_key = u64::from_le_bytes(self.keys[index]);
        let block = self.block(self.first + index, key_line(first_key))?;
        Ok(block.last_at_or_before(wanted))
    }

    fn block(&self, index: usize, line: u32) -> Result<Block<'a, COLUMNS>, IndexError> {
        let start = self.container.u32_at(self.table.offsets, index)? as usize;
        let end = self.container.u32_at(self.table.offsets, index + 1)? as usize;
        let end = end.checked_add(SLACK).ok_or(IndexError::Damaged("a block is too long"))?;
        Block::parse(self.container.read(self.table.blocks, start..end)?, line)
    }
}

/// One packed number of every row.
#[derive(Clone, Copy)]
struct Packed<'a> {
    /// The values' bits and at least [`SLACK`] bytes more.
    bytes: &'a [u8],
    bits: u32,
    min: u32,
}

impl Packed<'_> {
    /// The value of a row. A damaged index may make it wrong, never out of bounds.
    #[inline(always)]
    fn get(&self, row: usize) -> u32 {
        let bit = row * self.bits as usize;
        let Some(word) = self.bytes.get(bit / 8..).and_then(<[u8]>::first_chunk) else {
            return self.min;
        };
        let value = u64::from_le_bytes(*word) >> (bit % 8);
        self.min.wrapping_add((value & ((1u64 << self.bits) - 1)) as u32)
    }
}

/// The rows of one block.
struct Block<'a, const COLUMNS: usize> {
    rows: usize,
    lines: Packed<'a>,
    columns: Packed<'a>,
    values: [Packed<'a>; COLUMNS],
}

impl<'a, const COLUMNS: usize> Block<'a, COLUMNS> {
    fn parse(bytes: &'a [u8], line: u32) -> Result<Self, IndexError> {
        let damaged = IndexError::Damaged("a block of positions contradicts itself");
        let (head, mut rest) = bytes.split_at_checked(head_len(COLUMNS)).ok_or(damaged.clone())?;
        let rows = usize::from(head[0]);
        let (bits, mins) = head[1..].split_at(2 + COLUMNS);
        if rows == 0 || rows > BLOCK || bits.iter().any(|&bits| bits > 32) {
            return Err(damaged);
        }
        let mins = mins.as_chunks().0;
        let mut next = |i: usize| {
            let min = if i == 0 { line } else { u32::from_le_bytes(mins[i - 1]) };
            let packed = Packed { bytes: rest, bits: u32::from(bits[i]), min };
            rest = rest.get(packed_len(rows, packed.bits)..)?;
            (rest.len() >= SLACK).then_some(packed)
        };
        let (lines, columns) = (next(0), next(1));
        let values: [Option<Packed<'a>>; COLUMNS] = std::array::from_fn(|i| next(i + 2));
        let (Some(lines), Some(columns)) = (lines, columns) else {
            return Err(damaged);
        };
        if values.iter().any(Option::is_none) {
            return Err(damaged);
        }
        let values = values.map(|packed| packed.unwrap_or(lines));
        Ok(Self { rows, lines, columns, values })
    }

    #[inline(always)]
    fn key(&self, row: usize) -> u64 {
        key(self.lines.get(row), self.columns.get(row))
    }

    /// The caller knows that the first row's key is `wanted` or less.
    fn last_at_or_before(&self, wanted: u64) -> Option<(u64, [u32; COLUMNS])> {
        let (mut row, mut size) = (0, self.rows);
        while size > 1 {
            let half = size / 2;
            row = if self.key(row + half) <= wanted { row + half } else { row };
            size -= half;
        }
        let found = self.key(row);
        (found <= wanted).then(|| (found, self.values.map(|packed| packed.get(row))))
    }
}
