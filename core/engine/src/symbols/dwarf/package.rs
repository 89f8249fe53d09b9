//! The index of a DWARF package (`.dwp`): which parts of its sections belong to which split unit.
//!
//! ```text
//! version u32 (2: GNU) or u16 + padding (5) · columns u32 · units u32 · slots u32
//! slots × id u64 · slots × row u32 (from 1; 0 none) · columns × section u32 · rows of offsets u32 · rows of sizes u32
//! ```
//!
//! Source: DWARF 5, section 7.3.5, and the GNU format that came before it. Ids are put into a table of our own: the hash
//! table of a damaged file would be searched from end to end for each of them.

use std::collections::HashMap;
use std::ops::Range;

use gimli::Endianity;

/// More columns than there are sections are no index.
const MAX_COLUMNS: usize = 16;
const HEADER: usize = 16;

/// Parts of sections, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) info: Range<usize>,
    pub(super) abbrev: Range<usize>,
    pub(super) str_offsets: Range<usize>,
    /// Only in DWARF 5.
    pub(super) rnglists: Range<usize>,
}

/// Parts by the id of their unit, as far as the index can be read.
pub(super) fn read<E: Endianity>(index: &[u8], endian: E) -> HashMap<u64, Parts> {
    Index::parse(index, endian).map_or_else(HashMap::new, |index| index.units())
}

struct Index<'d, E> {
    endian: E,
    columns: Vec<u32>,
    is_gnu: bool,
    ids: &'d [u8],
    rows: &'d [u8],
    offsets: &'d [u8],
    sizes: &'d [u8],
}

impl<'d, E: Endianity> Index<'d, E> {
    fn parse(bytes: &'d [u8], endian: E) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let number = |at: usize| endian.read_u32(&header[at..at + 4]);
        let is_gnu = number(0) == 2;
        if !is_gnu && endian.read_u16(header) != 5 {
            return None;
        }
        let [columns, units, slots] = [4, 8, 12].map(|at| number(at) as usize);
        if columns > MAX_COLUMNS {
            return None;
        }
        let (ids, rest) = rest.split_at_checked(slots.checked_mul(8)?)?;
        let (rows, rest) = rest.split_at_checked(slots.checked_mul(4)?)?;
        let (kinds, rest) = rest.split_at_checked(columns * 4)?;
        let table = units.checked_mul(columns * 4)?;
        let (offsets, rest) = rest.split_at_checked(table)?;
        let (sizes, _) = rest.split_at_checked(table)?;
        let columns = kinds.chunks_exact(4).map(|kind| endian.read_u32(kind)).collect();
        Some(Self { endian, columns, is_gnu, ids, rows, offsets, sizes })
    }

    fn units(&self) -> HashMap<u64, Parts> {
        let slots = self.ids.chunks_exact(8).zip(self.rows.chunks_exact(4));
        let named = slots.filter_map(|(id, row)| {
            let row = (self.endian.read_u32(row) as usize).checked_sub(1)?;
            Some((self.endian.read_u64(id), self.parts(row)?))
        });
        named.collect()
    }

    fn parts(&self, row: usize) -> Option<Parts> {
        let mut parts = Parts::default();
        for (column, kind) in self.columns.iter().enumerate() {
            let at = row.checked_mul(self.columns.len())?.checked_add(column)?.checked_mul(4)?;
            let number = |table: &[u8]| Some(self.endian.read_u32(table.get(at..)?.get(..4)?) as usize);
            let (start, size) = (number(self.offsets)?, number(self.sizes)?);
            let part = start..start.checked_add(size)?;
            match kind {
                1 => parts.info = part,
                3 => parts.abbrev = part,
                6 => parts.str_offsets = part,
                8 if !self.is_gnu => parts.rnglists = part,
                _ => {}
            }
        }
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use gimli::LittleEndian;

    use super::*;

    fn words(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn a_unit_is_found_by_its_id_in_both_formats() {
        let rest = [2, 1, 2, 0, 0, 7, 1, 0, 1, 1, 8, 16, 4, 100, 50];
        for (version, rnglists) in [(2, 0..0), (5, 4..54)] {
            let parts = read(&words(&[&[version][..], &rest].concat()), LittleEndian);
            let expected = Parts { info: 16..116, rnglists, ..Parts::default() };
            assert_eq!(parts, HashMap::from([(7 | 1 << 32, expected)]));
        }
    }

    #[test]
    fn counts_beyond_the_index_are_no_index() {
        for header in [[5, 2, 1, u32::MAX], [5, 2, u32::MAX, 1], [5, u32::MAX, 1, 1], [3, 1, 1, 1]] {
            assert!(read(&words(&header), LittleEndian).is_empty());
        }
    }
}
