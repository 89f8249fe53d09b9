//! Little-endian numbers and the compressed ones of ECMA-335 (II.23.2), read one after the other.

/// What is left to read. Every read answers None past the end.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'d>(pub(super) &'d [u8]);

impl<'d> Cursor<'d> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'d [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// An unsigned number of up to 29 bits, most significant byte first.
    pub(super) fn unsigned(&mut self) -> Option<u32> {
        self.sized().map(|(value, _)| value)
    }

    /// A signed number: the sign is the lowest bit of what [`Cursor::unsigned`] reads.
    pub(super) fn signed(&mut self) -> Option<i32> {
        let (value, bits) = self.sized()?;
        let magnitude = (value >> 1) as i32;
        Some(if value & 1 == 0 { magnitude } else { magnitude - (1 << (bits - 1)) })
    }

    fn sized(&mut self) -> Option<(u32, u32)> {
        let first = u32::from(self.u8()?);
        if first & 0x80 == 0 {
            return Some((first, 7));
        }
        if first & 0x40 == 0 {
            return Some(((first & 0x3f) << 8 | u32::from(self.u8()?), 14));
        }
        let [a, b, c] = self.array::<3>()?.map(u32::from);
        (first & 0x20 == 0).then_some(((first & 0x1f) << 24 | a << 16 | b << 8 | c, 29))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of II.23.2.
    #[test]
    fn compressed_numbers_are_read_as_the_standard_shows() {
        let unsigned = |bytes: &[u8]| Cursor(bytes).unsigned();
        assert_eq!(unsigned(&[0x03]), Some(3));
        assert_eq!(unsigned(&[0xae, 0x57]), Some(0x2e57));
        assert_eq!(unsigned(&[0xdf, 0xff, 0xff, 0xff]), Some(0x1fff_ffff));
        assert_eq!(unsigned(&[0xae]), None);
        assert_eq!(unsigned(&[0xff]), None);
        let signed = |bytes: &[u8]| Cursor(bytes).signed();
        assert_eq!(signed(&[0x06]), Some(3));
        assert_eq!(signed(&[0x7b]), Some(-3));
        assert_eq!(signed(&[0x01]), Some(-64));
        assert_eq!(signed(&[0x80, 0x01]), Some(-8192));
        assert_eq!(signed(&[0xc0, 0, 0, 1]), Some(-268_435_456));
    }
}
