//! The sections that DWARF is spread over, inflated.

use std::borrow::Cow;

use gimli::{Dwarf, DwarfSections, EndianSlice, SectionId};

use super::Endian;
use crate::symbols::debug_file::{Allowance, Container};
use crate::symbols::error::DebugFileError;
use crate::symbols::inflate::in_parallel;

/// Sections that locate code and name it; locations of variables, macros and the like stay on disk.
const WANTED: [SectionId; 10] = [
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugStr,
    SectionId::DebugAbbrev,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugAddr,
    SectionId::DebugStrOffsets,
    SectionId::DebugLineStr,
    SectionId::DebugTypes,
];

/// The bytes of the sections.
pub(in crate::symbols) struct Sections<'d> {
    data: Vec<(SectionId, Cow<'d, [u8]>)>,
}

impl<'d> Sections<'d> {
    /// Reads the sections, inflating where needed, two at a time.
    pub(in crate::symbols) fn read(file: &dyn Container<'d>) -> Result<Self, DebugFileError> {
        let mut allowance = Allowance::default();
        let mut packed = Vec::with_capacity(WANTED.len());
        for id in WANTED {
            let section = file.section(id.name());
            allowance.take_section(&section)?;
            packed.push((id, section));
        }
        Ok(Self { data: in_parallel(packed) })
    }

    pub(super) fn get(&self, id: SectionId) -> &[u8] {
        self.data.iter().find(|(other, _)| *other == id).map_or(&[], |(_, data)| data)
    }

    /// Bytes that describe address ranges.
    pub(super) fn ranges_len(&self) -> u64 {
        let ids = [SectionId::DebugInfo, SectionId::DebugRanges, SectionId::DebugRngLists];
        ids.iter().map(|id| self.get(*id).len() as u64).sum()
    }

    /// Bytes of line programs.
    pub(super) fn lines_len(&self) -> u64 {
        self.get(SectionId::DebugLine).len() as u64
    }

    /// Bytes of all sections.
    pub(in crate::symbols) fn total_len(&self) -> u64 {
        self.data.iter().map(|(_, data)| data.len() as u64).sum()
    }

    pub(super) fn dwarf<E: Endian>(&self, endian: E) -> Dwarf<EndianSlice<'_, E>> {
        let load = |id| Ok::<_, std::convert::Infallible>(self.get(id));
        let Ok(sections) = DwarfSections::load(load);
        sections.borrow(|data| EndianSlice::new(data, endian))
    }
}
