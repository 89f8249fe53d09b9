//! Numbers of varying length, seven bits a byte, least significant first (LEB128).

/// Appends `value`.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads numbers one after the other; None once they run out.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Reader<'_> {
    /// The next number.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<u64> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        if first < 0x80 { Some(u64::from(first)) } else { self.longer(u64::from(first & 0x7f)) }
    }

    fn longer(&mut self, mut value: u64) -> Option<u64> {
        for shift in (7..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// The next number, which may be negative (signed LEB128).
    pub(crate) fn next_signed(&mut self) -> Option<i64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                let unused = 64_u32.saturating_sub(shift + 7);
                return Some(((value << unused) as i64) >> unused);
            }
        }
        None
    }

    /// The next number if it fits.
    #[inline]
    pub(crate) fn next_u32(&mut self) -> Option<u32> {
        u32::try_from(self.next()?).ok()
    }
}

/// Folds the sign into the lowest bit, so that small differences stay short.
pub(crate) fn zigzag(from: u32, to: u32) -> u64 {
    let difference = i64::from(to) - i64::from(from);
    ((difference << 1) ^ (difference >> 63)) as u64
}

/// The number that lies `code` from `from`; None outside of 32 bits.
#[inline]
pub(crate) fn unzigzag(from: u32, code: u64) -> Option<u32> {
    let difference = (code >> 1) as i64 ^ -((code & 1) as i64);
    u32::try_from(i64::from(from).checked_add(difference)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), 1 << 62, u64::MAX];
        let mut out = Vec::new();
        numbers.iter().for_each(|&n| put(&mut out, n));
        let mut reader = Reader(&out);
        numbers.iter().for_each(|&n| assert_eq!(reader.next(), Some(n)));
        assert_eq!(reader.next(), None);
        assert_eq!(Reader(&[0xff; 20]).next(), None);
    }

    #[test]
    fn signed_numbers_come_out() {
        for (bytes, number) in [(&[0x7f][..], -1), (&[0x3f], 63), (&[0x80, 0x7f], -128), (&[0x80, 0x01], 128)]
        {
            assert_eq!(Reader(bytes).next_signed(), Some(number));
        }
        assert_eq!(Reader(&[0xff; 20]).next_signed(), None);
    }

    #[test]
    fn differences_come_back() {
        for (from, to) in [(0, 0), (5, 3), (3, 5), (0, u32::MAX), (u32::MAX, 0)] {
            assert_eq!(unzigzag(from, zigzag(from, to)), Some(to));
        }
        assert_eq!(unzigzag(0, 1), None);
        assert_eq!(unzigzag(u32::MAX, 2), None);
        assert_eq!(unzigzag(7, u64::MAX), None);
    }
}
