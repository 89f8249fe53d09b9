//! Packing numbers in as many bits as their range needs.

use super::{BLOCK, packed_len};

/// Smallest and largest of some numbers.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Range {
    pub min: u32,
    pub max: u32,
}

impl Range {
    /// Of at least one number.
    pub(super) fn of(values: &[u32]) -> Self {
        // Baseline vector units compare signed numbers only: shift the range.
        const SHIFT: u32 = 1 << 31;
        let (mut min, mut max) = (i32::MAX, i32::MIN);
        for &value in values {
            let shifted = (value ^ SHIFT) as i32;
            min = min.min(shifted);
            max = max.max(shifted);
        }
        Self { min: min as u32 ^ SHIFT, max: max as u32 ^ SHIFT }
    }

    /// Bits that the largest difference to the smallest number takes.
    pub(super) fn bits(self) -> u32 {
        u32::BITS - (self.max - self.min).leading_zeros()
    }
}

/// Numbers packed together: eight of them make as many bytes as each has bits.
const GROUP: usize = 8;

/// Appends the differences of `values`, at most [`BLOCK`], to the smallest, low bits first.
pub(super) fn pack(out: &mut Vec<u8>, values: &[u32], range: Range) {
    let bits = range.bits();
    if bits == 0 {
        return;
    }
    // Each group writes whole words, of which the next group overwrites what is not its own.
    let mut buffer = [0u8; BLOCK * 4 + 2 * 8];
    let (groups, rest) = values.as_chunks::<GROUP>();
    let mut at = 0;
    for group in groups {
        pack_group(&mut buffer[at..], group, range.min, bits);
        at += bits as usize;
    }
    if !rest.is_empty() {
        let mut group = [range.min; GROUP];
        group[..rest.len()].copy_from_slice(rest);
        pack_group(&mut buffer[at..], &group, range.min, bits);
    }
    out.extend_from_slice(&buffer[..packed_len(values.len(), bits)]);
}

#[inline(always)]
fn pack_group(out: &mut [u8], group: &[u32; GROUP], min: u32, bits: u32) {
    let [a, b, c, d, e, f, g, h] = group.map(|value| u64::from(value - min));
    if bits > 16 {
        return pack_wide(out, group, min, bits);
    }
    let low = a | b << bits | c << (2 * bits) | d << (3 * bits);
    let high = e | f << bits | g << (2 * bits) | h << (3 * bits);
    if bits <= 8 {
        put(out, 0, low | high << (4 * bits));
    } else {
        let both = u128::from(low) | u128::from(high) << (4 * bits);
        put(out, 0, both as u64);
        put(out, 8, (both >> 64) as u64);
    }
}

fn pack_wide(out: &mut [u8], group: &[u32; GROUP], min: u32, bits: u32) {
    let (mut word, mut used, mut at) = (0u64, 0, 0);
    for &value in group {
        // At most 31 bits wait and a number has at most 32.
        word |= u64::from(value - min) << used;
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
                let value = |i: usize| (i as u32).wrapping_mul(0x9e37_79b9).rotate_left(7) & mask;
                let min = if bits == 32 { 0 } else { 1_000 };
                let mut values: Vec<u32> = (0..len).map(|i| min + value(i)).collect();
                values[len - 1] = min + mask;
                values[0] = min;
                let range = Range::of(&values);
                let mut out = vec![0xaa];
                pack(&mut out, &values, range);
                assert_eq!(out.len() - 1, packed_len(len, range.bits()));
                for (i, &value) in values.iter().enumerate() {
                    let number = range.min + unpack(&out[1..], i, range.bits());
                    assert_eq!(number, value, "{bits} bits, {len} long");
                }
            }
        }
    }
}
