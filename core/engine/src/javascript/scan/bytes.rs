//! What each byte can begin.

/// Classes of bytes as the scanner tells them apart.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// Operators and whatever has no meaning.
    Other,
    /// Letters, `$`, `_`, `\`, and bytes beyond ASCII.
    Word,
    Digit,
    Space,
    /// LF and CR.
    Newline,
    /// The first byte of some character beyond ASCII that is white space, and of many that are not.
    Wide,
}

/// Takes the place of a byte that is no UTF-8: a control character that no text has.
pub(crate) const REPLACEMENT: u8 = 0x1a;

pub(super) const CLASS: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'_' | b'\\' => Class::Word,
            b'0'..=b'9' => Class::Digit,
            // What stands for bytes that are no UTF-8.
            REPLACEMENT => Class::Word,
            b' ' | b'\t' | 0x0b | 0x0c => Class::Space,
            b'\n' | b'\r' => Class::Newline,
            0xc2 | 0xe1 | 0xe2 | 0xe3 | 0xef => Class::Wide,
            0x80.. => Class::Word,
            _ => Class::Other,
        };
        byte += 1;
    }
    table
}

/// Length of a white space character beyond ASCII at the start of `text`, and whether it ends a line.
pub(super) fn wide_space(text: &[u8]) -> Option<(usize, bool)> {
    match text {
        [0xc2, 0xa0, ..] => Some((2, false)),
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => Some((3, true)),
        [0xe1, 0x9a, 0x80, ..]
        | [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..]
        | [0xe2, 0x81, 0x9f, ..]
        | [0xe3, 0x80, 0x80, ..]
        | [0xef, 0xbb, 0xbf, ..] => Some((3, false)),
        _ => None,
    }
}

/// Bytes that continue a word whatever follows them.
const CONTINUES: [bool; 256] = continues();

const fn continues() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(CLASS[byte], Class::Word | Class::Digit);
        byte += 1;
    }
    table
}

/// End of the word that starts at `at`.
#[inline(always)]
pub(super) fn word_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        if CONTINUES[usize::from(byte)] {
            end += 1;
        } else if byte < 0x80 {
            break;
        } else {
            return wide_word_end(text, end);
        }
    }
    end
}

#[cold]
fn wide_word_end(text: &[u8], at: usize) -> usize {
    let mut end = at;
    while let Some(&byte) = text.get(end) {
        match CLASS[usize::from(byte)] {
            Class::Word | Class::Digit => end += 1,
            Class::Wide if wide_space(&text[end..]).is_none() => end += 1,
            _ => break,
        }
    }
    end
}
