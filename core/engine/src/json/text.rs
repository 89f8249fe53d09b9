//! Decoding the content of JSON strings, piece by piece, so that a long one is never held twice.
//!
//! Decoding cannot fail: a lone surrogate, a broken escape or a byte that is no UTF-8 becomes U+FFFD, as a
//! browser's decoder would have it.

use std::str::Utf8Chunks;

use memchr::memchr;

/// A part of a decoded string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Valid UTF-8.
    Text(&'a str),
    /// What an escape, or a byte that is no UTF-8, stands for.
    Char(char),
}

/// Iterates over the decoded content of a string given without its quotes.
pub(crate) struct Pieces<'a> {
    /// Undecoded, the part that comes next.
    text: &'a str,
    /// A sequence of bytes that is no UTF-8 stands behind `text`.
    invalid: bool,
    /// What comes behind that.
    chunks: Utf8Chunks<'a>,
}

/// The decoded parts of `raw`, the content of a JSON string.
pub(crate) fn pieces(raw: &[u8]) -> Pieces<'_> {
    // Nearly all text is valid, which is faster to find out as a whole.
    match std::str::from_utf8(raw) {
        Ok(text) => Pieces { text, invalid: false, chunks: [].utf8_chunks() },
        Err(_) => Pieces { text: "", invalid: false, chunks: raw.utf8_chunks() },
    }
}

/// The decoded content of a string.
pub(crate) fn decode(raw: &[u8]) -> String {
    let mut out = String::new();
    for piece in pieces(raw) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Char(char) => out.push(char),
        }
    }
    out
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        while self.text.is_empty() {
            if std::mem::take(&mut self.invalid) {
                return Some(Piece::Char(char::REPLACEMENT_CHARACTER));
            }
            let chunk = self.chunks.next()?;
            (self.text, self.invalid) = (chunk.valid(), !chunk.invalid().is_empty());
        }
        match memchr(b'\\', self.text.as_bytes()) {
            Some(0) => {
                let (len, char) = escape(self.text.as_bytes());
                self.take(len);
                Some(Piece::Char(char))
            }
            end => Some(Piece::Text(self.take(end.unwrap_or(self.text.len())))),
        }
    }
}

impl<'a> Pieces<'a> {
    /// Takes bytes that end with a whole character.
    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.text.split_at_checked(len).unwrap_or((self.text, ""));
        self.text = rest;
        taken
    }
}

/// Length of the escape at the start of `text`, and what it stands for.
#[inline]
pub(crate) fn escape(text: &[u8]) -> (usize, char) {
    match text.get(1) {
        Some(b'n') => (2, '\n'),
        Some(b't') => (2, '\t'),
        Some(b'r') => (2, '\r'),
        Some(b'b') => (2, '\u{8}'),
        Some(b'f') => (2, '\u{c}'),
        Some(b'u') => unicode_escape(text),
        Some(byte) if byte.is_ascii() => (2, char::from(*byte)),
        _ => (1, char::REPLACEMENT_CHARACTER),
    }
}

/// As [`escape`], of `\uXXXX` or a pair of those.
fn unicode_escape(text: &[u8]) -> (usize, char) {
    let Some(first) = unit(text) else {
        return (2, char::REPLACEMENT_CHARACTER);
    };
    if let Some(second) = text.get(6..).and_then(unit)
        && let Some(Ok(char)) = char::decode_utf16([first, second]).next()
    {
        return (if char.len_utf16() == 2 { 12 } else { 6 }, char);
    }
    (6, char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The UTF-16 code unit of an escape `\uXXXX` at the start of `raw`.
fn unit(raw: &[u8]) -> Option<u16> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0u16, |unit, &digit| {
        let value = char::from(digit).to_digit(16)?;
        Some(unit << 4 | value as u16)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decode(br#"a\/b\n\t\\\"\u0041\u00e9"#), "a/b\n\t\\\"A\u{e9}");
        assert_eq!(decode(br"\ud83d\ude00!"), "\u{1f600}!");
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        for raw in [&br"\ud83d"[..], br"\ude00", br"\ud83dx", br"\ud83d\n", br"\ud83d\ud83d\ude00"] {
            assert!(decode(raw).starts_with(char::REPLACEMENT_CHARACTER));
        }
        assert_eq!(decode(br"\ud83d\ud83d\ude00"), "\u{fffd}\u{1f600}");
        assert_eq!(decode(br"\ud83d\u0041"), "\u{fffd}A");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced_one_sequence_at_a_time() {
        assert_eq!(decode(b"ok\xff\xfe!\xe2\x82"), "ok\u{fffd}\u{fffd}!\u{fffd}");
        let encoded_surrogate = b"a\xed\xa0\x80b";
        assert_eq!(decode(encoded_surrogate), String::from_utf8_lossy(encoded_surrogate));
    }

    #[test]
    fn broken_escapes_do_not_fail() {
        assert_eq!(decode(br"\u12"), "\u{fffd}12");
        assert_eq!(decode(br"\uzzzz"), "\u{fffd}zzzz");
        assert_eq!(decode(br"\x"), "x");
        assert_eq!(decode(b"\\"), "\u{fffd}");
        assert_eq!(decode(b"\\\xc3\xa9"), "\u{fffd}\u{e9}");
    }
}
