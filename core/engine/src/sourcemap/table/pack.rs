//! Packing numbers in as many bits as their range needs.

use super::{BLOCK, packed_len};

/// Smallest and largest of some numbers.
#[derive(Clone, Copy, Default)]
pub(in super::super) struct Range {
    pub min: u32,
    pub max: u32,
}

impl Range {
    pub(super) fn of(values: &[u32]) -> Self {
        let (mut min, mut max) = (u32::MAX, 0);
        for &value in values {
            min = min.min(value);
            max = max.max(value);
        }
        Self { min, max }
    }

    /// Bits that the largest difference to the smallest number takes.
    pub(super) fn bits(self) -> u32 {
        u32::BITS - (self.max - self.min).leading_zeros()
    }
}

/// Numbers packed together: eight of them make as many bytes as each has bits.
const GROUP: usize = 8;

/// Appends the differences of `values` (at most [`BLOCK`]) to the smallest, low bits first.
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
    if bits <= 8 {
        put(out, 0, join(group, 8, min, bits));
    } else if bits <= 16 {
        let (low, high) = (join(&group[..4], 4, min, bits), join(&group[4..], 4, min, bits));
        put_pair(out, 0, low, high, 4 * bits);
    } else {
        pack_wide(out, group, min, bits);
    }
}

#[cold]
fn pack_wide(out: &mut [u8], group: &[u32; GROUP], min: u32, bits: u32) {
    let (mut word, mut used, mut at) = (0u64, 0, 0);
    for value in group {
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

/// `count` numbers side by side in 64 bits.
#[inline(always)]
fn join(values: &[u32], count: usize, min: u32, bits: u32) -> u64 {
    let mut word = 0;
    for (i, &value) in values[..count].iter().enumerate() {
        word |= u64::from(value - min) << (i as u32 * bits);
    }
    word
}

/// Writes two numbers of `bits` bits, 33 to 64, one behind the other.
#[inline(always)]
fn put_pair(out: &mut [u8], at: usize, low: u64, high: u64, bits: u32) {
    let both = u128::from(low) | u128::from(high) << bits;
    put(out, at, both as u64);
    put(out, at + 8, (both >> 64) as u64);
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
                values[0] = min;
                values[len - 1] = min + mask;
                if len == 1 {
                    values[0] = min;
                }
                let range = Range::of(&values);
                let mut out = vec![0xaa];
                pack(&mut out, &values, range);
                assert_eq!(out.len() - 1, packed_len(len, range.bits()));
                for (i, &value) in values.iter().enumerate() {
                    assert_eq!(range.min + unpack(&out[1..], i, range.bits()), value, "{bits} bits, {len} long");
                }
            }
        }
    }
}
