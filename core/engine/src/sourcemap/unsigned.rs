//! Base64 VLQ without sign (ECMA-426, VLQUnsignedValue), as the newer fields have it.

use super::vlq::{self, Fault};

/// Reads the number at `at`, at most 2^32 - 1, and moves `at` behind it. The error is half a sentence.
pub(super) fn read(text: &[u8], at: &mut usize) -> Result<u32, &'static str> {
    vlq::read(text, at).map(bits).map_err(|fault| match fault {
        Fault::TooLarge => "a number needs more than 32 bits",
        Fault::Digit => "a character is no base64 digit",
        Fault::Unfinished => "a number is not finished",
    })
}

/// The bits of a number that was read with its sign: magnitude above, sign below, minus zero for -2^31.
fn bits(signed: i32) -> u32 {
    signed.unsigned_abs().wrapping_shl(1) | u32::from(signed < 0)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn all_bits_count() {
        let cases = [("A", 0), ("B", 1), ("C", 2), ("f", 31), ("gB", 32), ("hB", 33), ("/////H", 0xfff_ffff)];
        for (text, number) in cases {
            assert_eq!(read(text.as_bytes(), &mut 0), Ok(number), "{text}");
        }
        assert_eq!(read(b"//////D", &mut 0), Ok(u32::MAX));
        assert!(read(b"//////E", &mut 0).is_err());
    }
}
