//! Where lines end.

use memchr::memchr3;

/// First byte of the UTF-8 of U+2028 and U+2029 (and of much other punctuation).
const SEPARATOR_LEAD: u8 = 0xe2;

/// Finds the end of the first line of `text`: the line's length and that of its terminator.
pub(crate) fn line_end(text: &[u8]) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| memchr3(b'\n', b'\r', SEPARATOR_LEAD, rest)) {
        let at = from + found;
        match &text[at..] {
            [b'\r', b'\n', ..] => return Some((at, 2)),
            [b'\n' | b'\r', ..] => return Some((at, 1)),
            [SEPARATOR_LEAD, 0x80, 0xa8 | 0xa9, ..] => return Some((at, 3)),
            _ => from = at + 1,
        }
    }
    None
}
