//! What all units of a file share: the sections that their entries point into.

use std::sync::Arc;

use gimli::{Dwarf, SectionId};

use super::abbrevs::AbbrevTables;
use super::sections::Sections;
use super::{Endian, Slice};
use crate::symbols::budget::Budget;
use crate::symbols::cancel::Cancel;
use crate::symbols::companions::Companions;

/// What all units share: the sections beside `.debug_info`.
pub(super) struct Shared<'d, E: Endian> {
    pub(super) dwarf: Dwarf<Slice<'d, E>>,
    pub(super) endian: E,
    pub(super) budget: Arc<Budget>,
    pub(super) cancel: &'d Cancel,
    pub(super) own: Tables<'d>,
    line_section: &'d [u8],
    pub(super) supplementary: Option<Supplementary<'d>>,
    pub(super) inherited: Inherited,
}

/// Sections that entries point into.
pub(super) struct Tables<'d> {
    pub(super) strings: &'d [u8],
    pub(super) line_strings: &'d [u8],
    pub(super) abbrevs: AbbrevTables<'d>,
}

/// The file that dwz put into what several files share.
pub(super) struct Supplementary<'d> {
    pub(super) info: &'d [u8],
    pub(super) tables: Tables<'d>,
}

/// What a split unit has from its skeleton.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inherited {
    pub(super) low_pc: u64,
    pub(super) addr_base: usize,
    /// Up to DWARF 4, where split units have their ranges in the program.
    pub(super) ranges_base: usize,
}

impl<'d> Tables<'d> {
    fn of(sections: &'d Sections<'_>) -> Self {
        Self {
            strings: sections.get(SectionId::DebugStr),
            line_strings: sections.get(SectionId::DebugLineStr),
            abbrevs: AbbrevTables::new(sections.get(SectionId::DebugAbbrev)),
        }
    }
}

impl<'d, E: Endian> Shared<'d, E> {
    /// Inflates the sections that are not inflated yet.
    pub(super) fn new(sections: &'d Sections<'_>, companions: &'d Companions<'_>, endian: E) -> Self {
        let supplementary = companions.supplementary.as_ref();
        let others: [&[Sections<'_>]; 2] =
            [&companions.split, supplementary.map_or(&[], std::slice::from_ref)];
        Self {
            dwarf: sections.dwarf(endian),
            endian,
            budget: Arc::new(sections.budget(&others)),
            cancel: &sections.cancel,
            own: Tables::of(sections),
            line_section: sections.get(SectionId::DebugLine),
            supplementary: supplementary.map(|sections| Supplementary {
                info: sections.get(SectionId::DebugInfo),
                tables: Tables::of(sections),
            }),
            inherited: Inherited::default(),
        }
    }

    /// For a unit whose skeleton is in another file.
    pub(super) fn split(
        dwarf: Dwarf<Slice<'d, E>>,
        endian: E,
        (budget, cancel): (Arc<Budget>, &'d Cancel),
        [strings, abbrevs]: [&'d [u8]; 2],
        inherited: Inherited,
    ) -> Self {
        let own = Tables { strings, line_strings: &[], abbrevs: AbbrevTables::new(abbrevs) };
        Self { dwarf, endian, budget, cancel, own, line_section: &[], supplementary: None, inherited }
    }

    /// Bytes of `.debug_line`.
    pub(super) fn line_section(&self) -> &'d [u8] {
        self.line_section
    }
}
