//! The sections that DWARF is spread over, each inflated when it is first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use gimli::{Dwarf, DwarfSections, EndianSlice, SectionId};
use object::{CompressedData, CompressionFormat};

use super::{Endian, split};
use crate::symbols::budget::Budget;
use crate::symbols::debug_file::{Allowance, Container};
use crate::symbols::error::DebugFileError;

/// Sections that locate code and name it; locations of variables, macros and the like stay on disk.
pub(in crate::symbols) const ALL: [SectionId; 10] = [
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
#[derive(Default)]
pub(in crate::symbols) struct Sections<'d> {
    list: Vec<Section<'d>>,
}

struct Section<'d> {
    id: SectionId,
    packed: CompressedData<'d>,
    inflated: OnceLock<Cow<'d, [u8]>>,
}

impl<'d> Sections<'d> {
    /// Finds the sections. An error if they claim to inflate beyond reason.
    pub(in crate::symbols) fn new(file: &dyn Container<'d>) -> Result<Self, DebugFileError> {
        Self::with(file, &ALL, &mut Allowance::default())
    }

    /// The same for some sections of a companion. What they inflate to is taken from `allowance`.
    pub(in crate::symbols) fn with(
        file: &dyn Container<'d>,
        wanted: &[SectionId],
        allowance: &mut Allowance,
    ) -> Result<Self, DebugFileError> {
        Self::named(file, wanted.iter().map(|id| (*id, id.name())), allowance)
    }

    /// The sections of split units, which have names of their own.
    pub(in crate::symbols) fn split(
        file: &dyn Container<'d>,
        allowance: &mut Allowance,
    ) -> Result<Self, DebugFileError> {
        let names = split::SECTIONS.iter().map(|id| (*id, id.dwo_name().unwrap_or_else(|| id.name())));
        Self::named(file, names, allowance)
    }

    fn named(
        file: &dyn Container<'d>,
        wanted: impl Iterator<Item = (SectionId, &'static str)>,
        allowance: &mut Allowance,
    ) -> Result<Self, DebugFileError> {
        let mut list = Vec::with_capacity(ALL.len());
        for (id, name) in wanted {
            let packed = file.section(name);
            allowance.take_section(&packed)?;
            list.push(Section { id, packed, inflated: OnceLock::new() });
        }
        Ok(Self { list })
    }

    /// The bytes of a section; a damaged one is empty.
    pub(super) fn get(&self, id: SectionId) -> &[u8] {
        let Some(section) = self.section(id) else { return &[] };
        section.inflated.get_or_init(|| section.packed.decompress().unwrap_or(Cow::Borrowed(&[])))
    }

    /// A section as it stands in the file; None if it is not compressed.
    pub(super) fn packed(&self, id: SectionId) -> Option<CompressedData<'d>> {
        let section = self.section(id)?;
        (section.packed.format != CompressionFormat::None).then_some(section.packed)
    }

    fn section(&self, id: SectionId) -> Option<&Section<'d>> {
        self.list.iter().find(|section| section.id == id)
    }

    /// Limits on work that follow from the sizes of the sections, those of companions included.
    pub(super) fn budget(&self, others: &[&[Sections<'_>]]) -> Budget {
        let [lists, lines, abbrevs] = [
            &[SectionId::DebugRanges, SectionId::DebugRngLists][..],
            &[SectionId::DebugLine],
            &[SectionId::DebugAbbrev],
        ]
        .map(|ids| ids.iter().map(|id| self.get(*id).len() as u64).sum::<u64>());
        let others = others.iter().copied().flatten();
        let [split, other_abbrevs, other_lists] =
            [SectionId::DebugInfo, SectionId::DebugAbbrev, SectionId::DebugRngLists]
                .map(|id| others.clone().map(|other| other.len(id)).fold(0, u64::saturating_add));
        let info = self.len(SectionId::DebugInfo).saturating_add(split).saturating_add(other_lists);
        Budget::new(info.saturating_add(lists), lines, abbrevs.saturating_add(other_abbrevs), split)
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
