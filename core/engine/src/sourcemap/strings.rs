//! Lists of strings: their text in a row, and a list of where each ends.
//!
//! Two sections: the ends (u32 each, so that string `i` reaches from end `i - 1`, or 0, to end `i`) and
//! the text (UTF-8).

use super::error::SourceMapError;
use crate::container::{Container, IndexError, Parts, Section};
use crate::json::text::{Piece, pieces};

/// Bytes of a piece of the ends: of short strings they take more than the strings, so that they are not to be
/// copied as a whole.
const PIECE: usize = 1 << 20;

/// Collects strings.
#[derive(Default)]
pub(crate) struct StringsBuilder {
    /// Full pieces of the ends, and the one being filled.
    full: Parts,
    ends: Vec<u8>,
    text: Vec<u8>,
}

impl StringsBuilder {
    /// Strings so far.
    pub(crate) fn len(&self) -> usize {
        (self.full.len() * PIECE + self.ends.len()) / 4
    }

    pub(crate) fn push(&mut self, string: &str) -> Result<(), SourceMapError> {
        self.text.extend_from_slice(string.as_bytes());
        self.end_string()
    }

    /// Appends the content of a JSON string, decoding it in place.
    pub(crate) fn push_json(&mut self, raw: &[u8]) -> Result<(), SourceMapError> {
        if raw.iter().all(|&byte| byte.is_ascii() && byte != b'\\') {
            self.text.extend_from_slice(raw);
            return self.end_string();
        }
        for piece in pieces(raw) {
            match piece {
                Piece::Text(text) => self.text.extend_from_slice(text.as_bytes()),
                Piece::Char(char) => self.text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.end_string()
    }

    fn end_string(&mut self) -> Result<(), SourceMapError> {
        let end = u32::try_from(self.text.len());
        let end = end.map_err(|_| SourceMapError::TooLarge("its strings take more than 4 GiB"))?;
        self.ends.extend_from_slice(&end.to_le_bytes());
        if self.ends.len() == PIECE {
            self.full.push(std::mem::take(&mut self.ends));
        }
        Ok(())
    }

    /// The sections: ends, text.
    pub(crate) fn finish(self) -> [Vec<u8>; 2] {
        let [ends, text] = self.finish_parts();
        [ends.concat(), text.concat()]
    }

    /// The same in pieces.
    pub(super) fn finish_parts(mut self) -> [Parts; 2] {
        self.full.push(self.ends);
        [self.full, vec![self.text]]
    }
}

/// Where a list of strings lies in a container.
#[derive(Clone, Copy)]
pub(crate) struct Strings {
    ends: Section,
    text: Section,
}

impl Strings {
    /// Finds the list in the sections `[ends, text]`.
    pub(crate) fn open(container: &Container, ids: [u32; 2]) -> Result<Self, IndexError> {
        Ok(Self { ends: container.section(ids[0])?, text: container.section(ids[1])? })
    }

    /// Number of strings.
    pub(crate) fn len(self) -> usize {
        self.ends.len() / 4
    }

    /// String `index`, or an error if there is none.
    pub(crate) fn get(self, container: &Container, index: usize) -> Result<&str, IndexError> {
        let end = container.u32_at(self.ends, index)? as usize;
        let start = if index == 0 { 0 } else { container.u32_at(self.ends, index - 1)? as usize };
        let bytes = container.read(self.text, start..end)?;
        std::str::from_utf8(bytes).map_err(|_| IndexError::Damaged("a string is no UTF-8"))
    }
}
