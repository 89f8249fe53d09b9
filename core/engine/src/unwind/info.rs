//! The unwind information of one file.

use super::arch::Arch;
use super::cfi::Cfi;
use super::eh_frame_hdr::Header;
use super::frame::{Frame, Unwound};
use super::place::Place;
use crate::symbols::{Code, DebugFileError, Loaded, guarded};

/// Bytes of a file, whoever holds them.
pub type Data = Box<dyn AsRef<[u8]> + Send + Sync>;

/// How to find the callers of a file's functions. Opening it reads headers only.
pub struct UnwindInfo {
    data: Data,
    contents: Contents,
}

/// What was found in a file, without its bytes.
struct Contents {
    arch: Option<Arch>,
    arch_name: &'static str,
    load_address: u64,
    code: Code,
    /// Virtual address and bytes of what is loaded, ascending.
    parts: Vec<(u64, Place)>,
    sections: Vec<Cfi>,
}

impl UnwindInfo {
    /// Reads the headers of a file. `index`: which one of a universal binary, 0 for any other file.
    pub fn open(data: Data, index: usize) -> Result<Self, DebugFileError> {
        let contents = guarded(|| Contents::read((*data).as_ref(), index))?;
        Ok(Self { data, contents })
    }

    /// The processor as in Sentry's payload.
    #[must_use]
    pub fn arch(&self) -> &'static str {
        self.contents.arch_name
    }

    /// Virtual address where the image begins.
    #[must_use]
    pub fn load_address(&self) -> u64 {
        self.contents.load_address
    }

    /// Whether there are any rules.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        !self.contents.sections.is_empty()
    }

    /// Follows the rules for the frame's address; None if there are none that can be followed.
    pub(super) fn unwind(&self, frame: &Frame<'_>) -> Option<Unwound> {
        if self.contents.arch != Some(frame.registers.arch()) {
            return None;
        }
        let file = (*self.data).as_ref();
        self.contents.sections.iter().find_map(|section| section.unwind(file, frame))
    }

    /// Bytes of the image at a virtual address, as the file has them.
    pub(super) fn bytes(&self, address: u64, len: usize) -> Option<&[u8]> {
        let parts = &self.contents.parts;
        let after = parts.partition_point(|(start, _)| *start <= address);
        let (start, place) = parts.get(after.checked_sub(1)?)?;
        let from = usize::try_from(address - start).ok()?;
        place.bytes((*self.data).as_ref()).get(from..from.checked_add(len)?)
    }

    /// Whether code can lie at a virtual address; None where the file does not say.
    pub(super) fn is_code(&self, address: u64) -> bool {
        self.contents.code.containing(address).is_some()
    }
}

impl Contents {
    fn read(data: &[u8], index: usize) -> Result<Self, DebugFileError> {
        let file = Loaded::parse(data, index)?;
        let parts = file.parts();
        let places = parts.iter().filter_map(|part| Some((part.address, Place::of(part.bytes, data)?)));
        Ok(Self {
            arch: Arch::named(file.arch()).filter(|_| file.is_little_endian()),
            arch_name: file.arch(),
            load_address: file.load_address(),
            code: file.code().clone(),
            parts: places.collect(),
            sections: [eh_frame(&file, data), debug_frame(&file, data)].into_iter().flatten().collect(),
        })
    }
}

fn eh_frame(file: &Loaded<'_>, data: &[u8]) -> Option<Cfi> {
    let (address, section) = file.section(".eh_frame")?;
    let header = file
        .section(".eh_frame_hdr")
        .and_then(|(address, section)| Header::parse(Place::of_section(section, data)?, address, data));
    let header = header.filter(|header| header.eh_frame == address);
    let text = file.section(".text").map_or(0, |(address, _)| address);
    Some(Cfi::eh_frame(Place::of_section(section, data)?, address, text, header))
}

fn debug_frame(file: &Loaded<'_>, data: &[u8]) -> Option<Cfi> {
    let (_, section) = file.section(".debug_frame")?;
    Some(Cfi::debug_frame(Place::of_section(section, data)?))
}
