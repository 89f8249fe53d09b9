//! The sections that DWARF is spread over, each inflated when it is first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use gimli::{Dwarf, DwarfSections, EndianSlice, SectionId};
use object::{CompressedData, CompressionFormat};

use super::Endian;
use super::inflate::inflated;
use crate::symbols::budget::{Budget, Sizes};
use crate::symbols::cancel::Cancel;
use crate::symbols::debug_file::{Allowance, Container};
use crate::symbols::error::DebugFileError;

/// Sections that locate code and name it; locations of variables, macros and the like stay on disk.
const WANTED: [SectionId; 10] = [
    SectionId::DebugAranges,
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugStr,
    SectionId::DebugAbbrev,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugAddr,
    SectionId::DebugStrOffsets,
    SectionId::DebugLineStr,
];

/// The bytes of the sections.
pub(in crate::symbols) struct Sections<'d> {
    list: Vec<Section<'d>>,
    pub(super) cancel: Cancel,
}

struct Section<'d> {
    id: SectionId,
    packed: CompressedData<'d>,
    inflated: OnceLock<Cow<'d, [u8]>>,
}

impl<'d> Sections<'d> {
    /// Finds the sections. An error if they claim to inflate beyond reason.
    pub(in crate::symbols) fn new(file: &dyn Container<'d>, cancel: &Cancel) -> Result<Self, DebugFileError> {
        let mut allowance = Allowance::default();
        let mut list = Vec::with_capacity(WANTED.len());
        for id in WANTED {
            let packed = file.section(id.name());
            allowance.take_section(&packed)?;
            list.push(Section { id, packed, inflated: OnceLock::new() });
        }
        Ok(Self { list, cancel: cancel.clone() })
    }

    /// The bytes of a section; a damaged one is empty.
    pub(super) fn get(&self, id: SectionId) -> &[u8] {
        let Some(section) = self.section(id) else { return &[] };
        section.inflated.get_or_init(|| inflated(section.packed, &self.cancel).unwrap_or_default())
    }

    /// A section as it stands in the file; None if it is not compressed.
    pub(super) fn packed(&self, id: SectionId) -> Option<CompressedData<'d>> {
        let section = self.section(id)?;
        (section.packed.format != CompressionFormat::None).then_some(section.packed)
    }

    fn section(&self, id: SectionId) -> Option<&Section<'d>> {
        self.list.iter().find(|section| section.id == id)
    }

    /// Limits on work that follow from the sizes of the sections.
    pub(super) fn budget(&self) -> Budget {
        let lists = [SectionId::DebugRanges, SectionId::DebugRngLists].map(|id| self.get(id).len() as u64);
        let [lines, abbrevs] =
            [SectionId::DebugLine, SectionId::DebugAbbrev].map(|id| self.get(id).len() as u64);
        Budget::new(&Sizes {
            info: self.len(SectionId::DebugInfo),
            lists: lists[0] + lists[1],
            lines,
            abbrevs,
            packed: self.packed_len(),
        })
    }

    /// Bytes that all sections take in the file.
    fn packed_len(&self) -> u64 {
        self.list.iter().map(|section| section.packed.data.len() as u64).sum()
    }

    /// Bytes of all sections.
    pub(in crate::symbols) fn total_len(&self) -> u64 {
        self.list.iter().map(|section| self.len(section.id)).sum()
    }

    /// Bytes that a section has or, while nobody needed it, claims to have.
    fn len(&self, id: SectionId) -> u64 {
        self.section(id).map_or(0, |section| match section.inflated.get() {
            Some(bytes) => bytes.len() as u64,
            None if section.packed.format == CompressionFormat::None => section.packed.data.len() as u64,
            None => section.packed.uncompressed_size,
        })
    }

    /// All sections but those that are read apart.
    pub(super) fn dwarf<E: Endian>(&self, endian: E) -> Dwarf<EndianSlice<'_, E>> {
        let load = |id| {
            let is_apart = matches!(id, SectionId::DebugInfo | SectionId::DebugAranges);
            let bytes = if is_apart { &[] } else { self.get(id) };
            Ok::<_, std::convert::Infallible>(bytes)
        };
        let Ok(sections) = DwarfSections::load(load);
        sections.borrow(|data| EndianSlice::new(data, endian))
    }
}
