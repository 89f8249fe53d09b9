//! What a process has of a file in memory, and the sections that say how its stack is unwound.

use object::CompressedData;

use super::code::Code;
use super::debug_file::Container;
use super::error::DebugFileError;
use super::{container, guarded, macho};

/// Bytes of a file that are loaded at a virtual address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'d> {
    pub(crate) address: u64,
    pub(crate) bytes: &'d [u8],
}

/// A file as a loader sees it. Nothing but headers has been read.
pub(crate) struct Loaded<'d>(Box<dyn Container<'d> + 'd>);

impl<'d> Loaded<'d> {
    /// `index`: which one of a universal binary, 0 for any other file.
    pub(crate) fn parse(data: &'d [u8], index: usize) -> Result<Self, DebugFileError> {
        guarded(|| match macho::members(data) {
            None if index == 0 => container(data).map(Self),
            None => Err(DebugFileError::Empty),
            Some(members) => {
                let member = members.get(index).ok_or(DebugFileError::Empty)?;
                macho::parse_member(member).map(Self)
            }
        })
    }

    /// Processor as in Sentry's payload.
    pub(crate) fn arch(&self) -> &'static str {
        self.0.arch()
    }

    /// Virtual address where the image begins.
    pub(crate) fn load_address(&self) -> u64 {
        self.0.origin()
    }

    pub(crate) fn is_little_endian(&self) -> bool {
        self.0.is_little_endian()
    }

    /// Where code lies.
    pub(crate) fn code(&self) -> &Code {
        self.0.code()
    }

    /// What is loaded that the file has bytes of, in order of address.
    pub(crate) fn parts(&self) -> Vec<Part<'d>> {
        let mut parts = self.0.parts();
        parts.retain(|part| !part.bytes.is_empty());
        parts.sort_by_key(|part| part.address);
        parts
    }

    /// A section by its ELF name with its virtual address; None where there is none.
    pub(crate) fn section(&self, name: &str) -> Option<(u64, CompressedData<'d>)> {
        let data = self.0.section(name);
        (!data.data.is_empty()).then(|| (self.0.section_address(name), data))
    }

    /// What the headers of a PE image say of its functions' frames: virtual address and bytes of the exception table.
    pub(crate) fn exception_table(&self) -> Option<Part<'d>> {
        self.0.exception_table()
    }
}
