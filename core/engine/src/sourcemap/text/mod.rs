//! Texts of the original sources, compressed in blocks, with a line table.
//!
//! All texts follow each other in one stream of UTF-8. The stream is cut into blocks of [`BLOCK`] bytes,
//! each compressed by itself (LZ4 block format), or stored as it is where that is no longer. Between two texts
//! there may be a gap up to the next block, so that texts can be compressed side by side. A line table
//! notes where every [`STRIDE`]th line of a text starts. A few lines around a position are therefore had by
//! decompressing the one or two blocks they lie in.
//!
//! Lines end where JavaScript engines end them (ECMA-262, LineTerminatorSequence): at LF, CR, CR LF, U+2028
//! and U+2029.
//!
//! # Sections
//!
//! * texts: a record of [`RECORD_LEN`] bytes for each source that has a text, in the order of the sources:
//!   source (u32), lines (u32), start in the stream (u64), length in bytes (u32), index of its first entry in
//!   the line table (u32);
//! * line table: of each text the offsets (u32, bytes from its start) of lines 16, 32, 48, … counted from 0;
//! * ends: where each block ends in the next section (u64; the highest bit is set if it is stored as it is);
//! * blocks.

mod lines;
mod read;
mod write;

pub(crate) use lines::line_end;
pub(super) use read::Texts;
pub(super) use write::{Done, Jobs, RawText, join, raw_len};

/// Bytes of text in a block; the last block before a gap has what is left.
const BLOCK: usize = 64 * 1024;

/// Every so many lines one is noted in the line table.
const STRIDE: usize = 16;

const RECORD_LEN: usize = 24;

/// In a block's end: the block is not compressed.
const STORED: u64 = 1 << 63;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::{Container, Kind, Writer};
    use crate::mapped::Bytes;

    const KIND: Kind = Kind { tag: 78, version: 1 };

    /// The texts given as the content of JSON strings, as sources 0, 2, 4, …
    fn store(raw: &[&[u8]]) -> (Container, Texts) {
        let texts: Vec<RawText<'_>> = (0..).step_by(2).zip(raw.iter().copied()).collect();
        let mut writer = Writer::new(KIND);
        for (id, section) in (1..).zip(join(Jobs::new(&texts).work().unwrap())) {
            writer.section_of(id, section);
        }
        let container = Container::open(Bytes::Owned(writer.finish()), KIND).unwrap();
        let texts = Texts::open(&container, [1, 2, 3, 4]).unwrap();
        (container, texts)
    }

    /// Lines as the definition says, by the slowest way.
    fn split(text: &str) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => lines.push(String::new()),
                _ => lines.last_mut().unwrap().push(char),
            }
        }
        lines
    }

    #[test]
    fn texts_and_lines_come_back() {
        let long = "const π = 3.14;\r\nfoo(\u{2028}bar) // “quoted”\rbaz\n\n".repeat(6_000);
        let texts = ["", "one line", "a\nb\n", &long, "\n", &long[1..], "\r", "\r\n", "x\u{2029}"];
        let raw: Vec<_> = texts.iter().map(|text| text.as_bytes()).collect();
        let (container, store) = store(&raw);
        for (i, text) in texts.iter().enumerate() {
            let source = 2 * i as u32;
            assert!(store.text(&container, source).unwrap().as_deref() == Some(*text), "{i}");
            let lines = split(text);
            for first in [0, 1, 15, 16, 17, 4_000, lines.len() - 1, lines.len(), lines.len() + 9] {
                for count in [0, 1, 5, 40] {
                    let expected: Vec<_> = lines.iter().skip(first).take(count).cloned().collect();
                    let found = store.lines(&container, source, first as u32, count as u32).unwrap();
                    assert_eq!(found, Some(expected), "text {i}, {count} lines from {first}");
                }
            }
            assert_eq!(store.text(&container, source + 1).unwrap(), None);
        }
    }

    #[test]
    fn terminators_across_blocks_are_one() {
        for shift in 0..4 {
            for terminator in ["\r\n", "\u{2028}", "\r", "\n"] {
                let text = "x".repeat(BLOCK - shift) + terminator + "end";
                let (container, store) = store(&[text.as_bytes()]);
                let lines = store.lines(&container, 0, 0, 9).unwrap().unwrap();
                assert!(lines == split(&text), "{shift} {terminator:?}");
                assert!(store.text(&container, 0).unwrap() == Some(text));
            }
        }
    }

    #[test]
    fn escapes_are_decoded_on_the_way() {
        let (container, store) = store(&[br"a\n\ud800b\r\n\u2028\\"]);
        let expected = ["a", "\u{fffd}b", "", "\\"].map(str::to_owned).to_vec();
        assert_eq!(store.lines(&container, 0, 0, 9).unwrap(), Some(expected));
    }

    #[test]
    fn noise_is_stored_and_not_blown_up() {
        let mut state = 1u32;
        let noise: String = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'0' + (state >> 25) as u8 % 44)
        })
        .take(200_000)
        .collect();
        let (container, store) = store(&[noise.as_bytes()]);
        assert!(store.text(&container, 0).unwrap() == Some(noise));
    }
}
