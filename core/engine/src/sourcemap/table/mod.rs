//! Sorted tables of positions in packed blocks: searched in place, built in one pass, never unpacked.
//!
//! A row has a key, `line << 32 | column`, and `COLUMNS` numbers. Up to [`BLOCK`] rows make a block, in
//! which every number is stored as its difference to the smallest of its kind in just as many bits as the
//! largest difference needs. Rows therefore have fixed places and are found by binary search: first among
//! the keys that the blocks start with, then inside one block.
//!
//! # Layout of a block
//!
//! | size | field |
//! |---|---|
//! | 1 | number of rows, 1 to 128 |
//! | 1 × (2 + C) | bits of: line, column, each of the C numbers; 0 to 32 |
//! | 4 × (1 + C) | smallest column, smallest of each number; the smallest line is the first key's |
//! | … | the lines, the columns, and each number's values: bits in order, low bits first, padded to a byte |
//!
//! Blocks follow each other without gaps; behind the last one are [`SLACK`] zero bytes, so that a reader may
//! always load eight bytes. A second section holds the first key of every block (u64), a third the offset
//! of every block and of the end (u32).

mod pack;
mod read;
mod write;

pub(crate) use read::{Found, Search, Table};
pub(crate) use write::{Ranges, Rows, TableBuilder};

/// Rows in a full block.
pub(crate) const BLOCK: usize = 128;

/// Zero bytes behind the last block.
const SLACK: usize = 8;

/// A position as one number that sorts by line, then by column.
pub(crate) fn key(line0: u32, column0: u32) -> u64 {
    u64::from(line0) << 32 | u64::from(column0)
}

/// The line of a key.
pub(crate) fn key_line(key: u64) -> u32 {
    (key >> 32) as u32
}

/// Length of a block's head for `columns` numbers a row.
const fn head_len(columns: usize) -> usize {
    1 + (2 + columns) + 4 * (1 + columns)
}

/// Bytes that `rows` values of `bits` bits take.
const fn packed_len(rows: usize, bits: u32) -> usize {
    (rows * bits as usize).div_ceil(8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{Container, Kind, Writer};
    use crate::mapped::Bytes;

    const KIND: Kind = Kind { tag: 77, version: 1 };

    fn open(builder: TableBuilder<4>) -> (Container, Table<4>) {
        let mut writer = Writer::new(KIND);
        let [keys, offsets, blocks] = builder.finish().unwrap();
        writer.section(1, keys);
        writer.section(2, offsets);
        writer.section(3, blocks);
        let container = Container::open(Bytes::Owned(writer.finish()), KIND).unwrap();
        let table = Table::open(&container, [1, 2, 3]).unwrap();
        (container, table)
    }

    /// A small generator of test data (xorshift), so that failures repeat.
    fn next(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn every_row_is_found_at_and_behind_its_key() {
        for shift in [60, 50, 40, 33] {
            let (mut state, mut at, mut rows) = (42u64, 0u64, Vec::new());
            let mut builder = TableBuilder::<4>::new();
            for _ in 0..2_000 {
                at += next(&mut state) >> shift;
                let values = [0; 4].map(|_: u32| (next(&mut state) >> (shift - 1)) as u32);
                rows.push((at, values));
                assert!(builder.push(at, values));
            }
            let (container, table) = open(builder);
            let search = table.search(&container).unwrap();
            for (i, &(at, values)) in rows.iter().enumerate() {
                if rows.get(i + 1).is_none_or(|next| next.0 > at) {
                    assert_eq!(search.last_at_or_before(at), Ok(Some((at, values))));
                }
            }
            assert_eq!(search.last_at_or_before(u64::MAX).unwrap(), rows.last().copied());
        }
    }

    #[test]
    fn nothing_is_found_before_the_first_row_or_in_an_empty_table() {
        let mut builder = TableBuilder::<4>::new();
        assert!(builder.push(key(3, 7), [1, 2, 3, 4]));
        let (container, table) = open(builder);
        let search = table.search(&container).unwrap();
        assert_eq!(search.last_at_or_before(key(3, 6)), Ok(None));
        assert_eq!(search.last_at_or_before(key(4, 0)), Ok(Some((key(3, 7), [1, 2, 3, 4]))));
        let (container, table) = open(TableBuilder::new());
        assert_eq!(table.search(&container).unwrap().last_at_or_before(9), Ok(None));
    }

    #[test]
    fn of_equal_keys_the_last_is_found() {
        let mut builder = TableBuilder::<4>::new();
        for i in 0..500 {
            assert!(builder.push(8, [i; 4]));
        }
        let (container, table) = open(builder);
        let found = table.search(&container).unwrap().last_at_or_before(8);
        assert_eq!(found, Ok(Some((8, [499; 4]))));
    }

    #[test]
    fn a_step_back_is_refused() {
        let mut builder = TableBuilder::<4>::new();
        assert!(builder.push(5, [0; 4]));
        assert!(!builder.push(4, [0; 4]));
        assert!(builder.push(5, [0; 4]));
    }

    #[test]
    fn a_rewound_table_is_as_if_the_rows_had_never_come() {
        let mut plain = TableBuilder::<4>::new();
        let mut rewound = TableBuilder::<4>::new();
        for i in 0..300 {
            assert!(plain.push(i, [7; 4]) && rewound.push(i, [7; 4]));
        }
        plain.mark();
        let mark = rewound.mark();
        for i in 300..900 {
            assert!(rewound.push(i, [1; 4]));
        }
        rewound.rewind(mark);
        assert_eq!(plain.rows(), rewound.rows());
        assert_eq!(plain.finish(), rewound.finish());
    }

    #[test]
    fn jumps_do_not_blow_up_their_neighbours() {
        let mut builder = TableBuilder::<4>::new();
        let mut input = 0;
        for i in 0..100_000u32 {
            let jump = if i % 40 == 0 { i.wrapping_mul(0x9e37_79b9) } else { i };
            input += if i % 40 < 2 { 5 * 7 } else { 5 };
            assert!(builder.push(u64::from(i), [jump; 4]));
        }
        let size: usize = builder.finish().unwrap().iter().map(Vec::len).sum();
        assert!(size < 2 * input, "{size} bytes for {input} bytes of text");
    }
}
