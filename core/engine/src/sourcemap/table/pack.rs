//! Packing numbers in as many bits as their range needs.

use super::write::Row;
use super::{BLOCK, LANES, packed_len};

/// Smallest and largest number of each lane.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Ranges {
    pub min: [u32; LANES],
    pub max: [u32; LANES],
}

impl Ranges {
    /// Of at least one row.
    pub(in super::super) fn of(rows: &[Row]) -> Self {
        let (mut min, mut max) = ([u32::MAX; LANES], [0; LANES]);
        for row in rows {
            for lane in 0..LANES {
                min[lane] = min[lane].min(row[lane]);
                max[lane] = max[lane].max(row[lane]);
            }
        }
        Self { min, max }
    }

    /// Bits that the largest difference to the smallest number takes.
    pub(super) fn bits(&self, lane: usize) -> u32 {
        u32::BITS - (self.max[lane] - self.min[lane]).leading_zeros()
    }

    /// Bytes that so many rows take.
    pub(super) fn packed_len(&self, rows: usize) -> usize {
        (0..LANES).map(|lane| packed_len(rows, self.bits(lane))).sum()
    }
}

/// Numbers packed together: eight of them make as many bytes as each has bits.
const GROUP: usize = 8;

/// Appends the differences of a lane's numbers, at most [`BLOCK`], to the smallest, low bits first.
pub(super) fn pack(out: &mut Vec<u8>, rows: &[Row], lane: usize, min: u32, bits: u32) {
    if bits == 0 {
        return;
    }
    // Each group writes whole words, of which the next group overwrites what is not its own.
    let mut buffer = [0u8; BLOCK * 4 + 2 * 8];
    let mut at = 0;
    for group in rows.chunks(GROUP) {
        let mut numbers = [0; GROUP];
        for (number, row) in numbers.iter_mut().zip(group) {
            *number = row[lane % LANES] - min;
        }
        pack_group(&mut buffer[at..], &numbers, bits);
        at += bits as usize;
    }
    out.extend_from_slice(&buffer[..packed_len(rows.len(), bits)]);
}

#[inline(always)]
fn pack_group(out: &mut [u8], group: &[u32; GROUP], bits: u32) {
    let [a, b, c, d, e, f, g, h] = group.map(u64::from);
    if bits <= 8 {
        let low = a | b << bits | c << (2 * bits) | d << (3 * bits);
        let high = e | f << bits | g << (2 * bits) | h << (3 * bits);
        put(out, 0, low | high << (4 * bits));
    } else if bits <= 16 {
        let low = a | b << bits | c << (2 * bits) | d << (3 * bits);
        let high = e | f << bits | g << (2 * bits) | h << (3 * bits);
        let both = u128::from(low) | u128::from(high) << (4 * bits);
        put(out, 0, both as u64);
        put(out, 8, (both >> 64) as u64);
    } else {
        pack_wide(out, group, bits);
    }
}

fn pack_wide(out: &mut [u8], group: &[u32; GROUP], bits: u32) {
    let (mut word, mut used, mut at) = (0u64, 0, 0);
    for &number in group {
        // At most 31 bits wait and a number has at most 32.
        word |= u64::from(number) << used;
        used += bits;
        if used >= 32 {
            out[at..at + 4].copy_from_slice(&(word as u32).to_le_bytes());
            (word, used, at) = (word >> 32, used - 32, at + 4);
        }
    }
    out[at..at + 4].copy_from_slice(&(word as u32).to_le_bytes());
}

#[inline(always)]
fn put(out: &mut [u8], at: usize, word: u64) {
    out[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One bit after the other.
    fn unpack(bytes: &[u8], index: usize, bits: u32) -> u32 {
        let bit = |at: usize| u32::from(bytes[at / 8] >> (at % 8) & 1);
        (0..bits).map(|i| bit(index * bits as usize + i as usize) << i).sum()
    }

    #[test]
    fn every_width_and_length_comes_back() {
        for bits in 0..=32 {
            for len in [1, 2, 7, 8, 9, 63, 127, 128] {
                let mask = ((1u64 << bits) - 1) as u32;
                let min = if bits == 32 { 0 } else { 1_000 };
                let mut rows = [[7; LANES]; BLOCK];
                for (i, row) in rows.iter_mut().enumerate() {
                    row[3] = min + ((i as u32).wrapping_mul(0x9e37_79b9).rotate_left(7) & mask);
                }
                rows[len - 1][3] = min + mask;
                rows[0][3] = min;
                let ranges = Ranges::of(&rows[..len]);
                let mut out = vec![0xaa];
                pack(&mut out, &rows[..len], 3, ranges.min[3], ranges.bits(3));
                assert_eq!(out.len() - 1, packed_len(len, ranges.bits(3)));
                for (i, row) in rows[..len].iter().enumerate() {
                    let number = ranges.min[3] + unpack(&out[1..], i, ranges.bits(3));
                    assert_eq!(number, row[3], "{bits} bits, {len} long");
                }
            }
        }
    }
}
