//! Searching a table in its file.

use std::hint::select_unpredictable;

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
        let damaged = IndexError::Damaged("a block number is too large");
        let (Some(keys_end), Some(offsets_end)) = (end.checked_mul(8), end.checked_mul(4)) else {
            return Err(damaged);
        };
        let first_key = first.checked_mul(8).ok_or(damaged)?;
        let keys = container.read(self.first_keys, first_key..keys_end)?;
        let offsets = container.read(self.offsets, first_key / 2..offsets_end.saturating_add(4))?;
        let (keys, offsets) = (keys.as_chunks().0, offsets.as_chunks().0);
        Ok(Search { container, blocks: self.blocks, keys, offsets })
    }
}

/// A row and its key, if there is one.
pub(crate) type Found<const COLUMNS: usize> = Option<(u64, [u32; COLUMNS])>;

/// Finds rows; holds what a batch of searches shares.
pub(crate) struct Search<'a, const COLUMNS: usize> {
    container: &'a Container,
    blocks: Section,
    /// First key of each block.
    keys: &'a [[u8; 8]],
    /// Where each block starts, and the end.
    offsets: &'a [[u8; 4]],
}

impl<'a, const COLUMNS: usize> Search<'a, COLUMNS> {
    /// The last row whose key is `wanted` or less, with its key.
    pub(crate) fn last_at_or_before(&self, wanted: u64) -> Result<Found<COLUMNS>, IndexError> {
        let [found] = self.last_at_or_before_each([wanted])?;
        Ok(found)
    }

    /// The same for each of several keys. They are searched for in step, so that the memory that one needs is
    /// on its way while others are compared.
    pub(crate) fn last_at_or_before_each<const N: usize>(
        &self,
        wanted: [u64; N],
    ) -> Result<[Found<COLUMNS>; N], IndexError> {
        if self.keys.is_empty() {
            return Ok([None; N]);
        }
        let mut blocks = [Block::EMPTY; N];
        for (block, index) in blocks.iter_mut().zip(self.last_blocks(wanted)) {
            *block = self.block(index)?;
        }
        let rows = last_rows(&blocks, wanted);
        Ok(std::array::from_fn(|i| Some(blocks[i].row(rows[i])).filter(|(key, _)| *key <= wanted[i])))
    }

    /// The last block that starts at each key or before it, or the first one.
    #[inline(always)]
    fn last_blocks<const N: usize>(&self, wanted: [u64; N]) -> [usize; N] {
        let (mut indices, mut size) = ([0; N], self.keys.len());
        while size > 1 {
            let half = size / 2;
            for (index, wanted) in indices.iter_mut().zip(wanted) {
                let key = u64::from_le_bytes(self.keys[*index + half]);
                *index += select_unpredictable(key <= wanted, half, 0);
            }
            size -= half;
        }
        indices
    }

    #[inline(always)]
    fn block(&self, index: usize) -> Result<Block<'a, COLUMNS>, IndexError> {
        let [start, end] = [index, index + 1].map(|i| u32::from_le_bytes(self.offsets[i]) as usize);
        let bytes = self.container.read(self.blocks, start..end.saturating_add(SLACK))?;
        Block::parse(bytes, key_line(u64::from_le_bytes(self.keys[index])))
    }
}

/// The last row of each block whose key is the wanted one or less, or the first one.
#[inline(always)]
fn last_rows<const N: usize, const COLUMNS: usize>(
    blocks: &[Block<'_, COLUMNS>; N],
    wanted: [u64; N],
) -> [usize; N] {
    let (mut rows, mut sizes) = ([0; N], [0; N]);
    for (size, block) in sizes.iter_mut().zip(blocks) {
        *size = block.rows;
    }
    for _ in 0..BLOCK.ilog2() {
        for i in 0..N {
            let half = sizes[i] / 2;
            rows[i] += select_unpredictable(blocks[i].key(rows[i] + half) <= wanted[i], half, 0);
            sizes[i] -= half;
        }
    }
    rows
}

/// Where one packed number of every row lies in a block.
#[derive(Clone, Copy)]
struct Packed {
    start: usize,
    bits: u32,
    min: u32,
}

/// The rows of one block.
#[derive(Clone, Copy)]
struct Block<'a, const COLUMNS: usize> {
    /// The block and [`SLACK`] bytes more.
    bytes: &'a [u8],
    rows: usize,
    lines: Packed,
    columns: Packed,
    values: [Packed; COLUMNS],
}

impl<'a, const COLUMNS: usize> Block<'a, COLUMNS> {
    const EMPTY: Self = {
        let none = Packed { start: 0, bits: 0, min: 0 };
        Self { bytes: &[], rows: 0, lines: none, columns: none, values: [none; COLUMNS] }
    };

    #[inline(always)]
    fn parse(bytes: &'a [u8], line: u32) -> Result<Self, IndexError> {
        let damaged = IndexError::Damaged("a block of positions contradicts itself");
        let Some(head) = bytes.get(..head_len(COLUMNS)) else {
            return Err(damaged);
        };
        let rows = usize::from(head[0]);
        let (bits, mins) = head[1..].split_at(2 + COLUMNS);
        let mins: &[[u8; 4]] = mins.as_chunks().0;
        let mut end = head.len();
        let mut next = |bits: u8, min: u32| {
            let packed = Packed { start: end, bits: u32::from(bits), min };
            end += packed_len(rows, packed.bits);
            packed
        };
        let lines = next(bits[0], line);
        let columns = next(bits[1], u32::from_le_bytes(mins[0]));
        let values = std::array::from_fn(|i| next(bits[2 + i], u32::from_le_bytes(mins[1 + i])));
        let sound = (1..=BLOCK).contains(&rows) && bits.iter().all(|&bits| bits <= 32);
        if !sound || end + SLACK > bytes.len() {
            return Err(damaged);
        }
        Ok(Self { bytes, rows, lines, columns, values })
    }

    /// The number of a row. A damaged index may make it wrong, never out of bounds.
    #[inline(always)]
    fn number(&self, packed: Packed, row: usize) -> u32 {
        let bit = row * packed.bits as usize;
        let word = self.bytes.get(packed.start + bit / 8..).and_then(<[u8]>::first_chunk);
        let value = u64::from_le_bytes(*word.unwrap_or(&[0; 8])) >> (bit % 8);
        packed.min.wrapping_add((value & ((1u64 << packed.bits) - 1)) as u32)
    }

    #[inline(always)]
    fn key(&self, row: usize) -> u64 {
        key(self.number(self.lines, row), self.number(self.columns, row))
    }

    #[inline(always)]
    fn row(&self, row: usize) -> (u64, [u32; COLUMNS]) {
        (self.key(row), self.values.map(|packed| self.number(packed, row)))
    }
}
