//! The bytes of a PDB as pdb2 asks for them: streams are lists of pages, and lists may repeat.

use std::io;

use pdb2::{Source, SourceSlice, SourceView};

/// Streams may be read in all this many times the size of the file, and this many bytes more: they can claim the same
/// pages again and again.
const MAX_READ_RATIO: u64 = 4;
const READ_SLACK: u64 = 64 << 20;

/// The bytes of the file, and how many may still be copied out of it.
#[derive(Debug)]
pub(super) struct Pages<'d> {
    data: &'d [u8],
    allowed: u64,
}

impl<'d> Pages<'d> {
    /// Those of a file that may be read a few times over.
    pub(super) fn new(data: &'d [u8]) -> Self {
        let allowed = (data.len() as u64).saturating_mul(MAX_READ_RATIO).saturating_add(READ_SLACK);
        Self { data, allowed }
    }
}

#[derive(Debug)]
struct Copied(Vec<u8>);

impl SourceView<'_> for Copied {
    fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl<'d> Source<'d> for Pages<'d> {
    fn view(&mut self, slices: &[SourceSlice]) -> io::Result<Box<dyn SourceView<'d> + Send + Sync>> {
        let mut copied = Vec::new();
        for slice in slices {
            let rest = self.allowed.checked_sub(slice.size as u64);
            self.allowed = rest.ok_or(io::ErrorKind::FileTooLarge)?;
            let start = usize::try_from(slice.offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let end = start.checked_add(slice.size).ok_or(io::ErrorKind::UnexpectedEof)?;
            copied.extend_from_slice(self.data.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        Ok(Box::new(Copied(copied)))
    }
}
