//! What the fuzz targets of debug files share.

#![forbid(unsafe_code)]

pub mod elf;
pub mod program;
pub mod questions;

/// Bytes of the input, one after the other; zeros once they have run out.
pub struct Input<'d>(pub &'d [u8]);

impl<'d> Input<'d> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u8) -> u8 {
        self.byte() % limit
    }

    /// Yes or no.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// As many bytes as the next two say, or what is left.
    pub fn bytes(&mut self) -> &'d [u8] {
        let len = usize::from(self.byte()) | usize::from(self.byte()) << 8;
        let (bytes, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        bytes
    }
}
