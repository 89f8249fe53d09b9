//! Split DWARF: units whose description is in another file (`.dwo`, or `.dwp` with many of them).
//!
//! What is left in the program is a skeleton: addresses, ranges (up to DWARF 4) and the line program. It names its other
//! half by an id of 64 bits. Source: DWARF 5, section 7.3; before that the wiki of GCC, "DebugFission".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gimli::{DwarfSections, EndianSlice, SectionId};

use super::sections::Sections;
use super::shared::{Inherited, Shared};
use super::units::{Unit, Units};
use super::{Endian, abbrevs::AbbrevTables, package};
use crate::symbols::budget::{Budget, Sizes};
use crate::symbols::companions::{Companions, Missing, MissingKind};

/// No program has more units than this.
const MAX_MISSING: usize = 1 << 16;

/// Sections of a file with split units.
pub(in crate::symbols) const SECTIONS: [SectionId; 6] = [
    SectionId::DebugCuIndex,
    SectionId::DebugInfo,
    SectionId::DebugAbbrev,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
    SectionId::DebugRngLists,
];

/// Where a split unit is described.
#[derive(Clone, Copy)]
pub(super) struct SplitUnit<'d> {
    info: &'d [u8],
    abbrev: &'d [u8],
    strings: &'d [u8],
    str_offsets: &'d [u8],
    rnglists: &'d [u8],
}

/// All split units of the companions, and the ones that are looked for in vain.
#[derive(Default)]
pub(super) struct SplitUnits<'d> {
    units: HashMap<u64, SplitUnit<'d>>,
    missing: Mutex<Vec<Missing>>,
}

impl<'d> SplitUnits<'d> {
    pub(super) fn new<E: Endian>(files: &'d [Sections<'_>], endian: E) -> Self {
        let mut units = HashMap::new();
        for file in files {
            let index = file.get(SectionId::DebugCuIndex);
            if index.is_empty() {
                units.extend(ids(file, endian).into_iter().map(|id| (id, whole(file))));
            } else {
                let parts = package::read(index, endian);
                units.extend(parts.iter().filter_map(|(id, parts)| Some((*id, part(file, parts)?))));
            }
        }
        Self { units, missing: Mutex::default() }
    }

    /// The other half of a skeleton; None if it is none, or its other half is missing, which is noted.
    pub(super) fn of<E: Endian>(&self, skeleton: &Unit<'_, E>) -> Option<SplitUnit<'d>> {
        let id = skeleton.dwo_id.filter(|_| skeleton.is_skeleton)?;
        let found = self.units.get(&id).copied();
        if found.is_none() {
            self.note(id, skeleton.dwo_name.unwrap_or_default());
        }
        found
    }

    fn note(&self, id: u64, name: &[u8]) {
        // Whoever panics with the lock held leaves nothing half done.
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if missing.len() < MAX_MISSING {
            missing.push(Missing::new(MissingKind::SplitUnit, name, format!("{id:016x}")));
        }
    }

    pub(super) fn into_missing(self) -> Vec<Missing> {
        let mut missing = self.missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        missing.sort(); // threads note them as they come
        missing
    }
}

/// The split units that are missing, without reading any.
pub(in crate::symbols) fn missing<'d, E: Endian>(
    sections: &'d Sections<'_>,
    companions: &'d Companions<'_>,
    endian: E,
) -> Vec<Missing> {
    if !AbbrevTables::new(sections.get(SectionId::DebugAbbrev)).name_split_units() {
        return Vec::new();
    }
    let split = SplitUnits::new(&companions.split, endian);
    let shared = Shared::new(sections, companions, endian);
    let units = Units::new(&shared, sections.get(SectionId::DebugInfo), 0);
    for unit in (0..units.len()).filter_map(|index| units.unit(index)) {
        split.of(unit);
    }
    split.into_missing()
}

/// A file that is no package: every unit uses all of it.
fn whole<'d>(file: &'d Sections<'_>) -> SplitUnit<'d> {
    SplitUnit {
        info: file.get(SectionId::DebugInfo),
        abbrev: file.get(SectionId::DebugAbbrev),
        strings: file.get(SectionId::DebugStr),
        str_offsets: file.get(SectionId::DebugStrOffsets),
        rnglists: file.get(SectionId::DebugRngLists),
    }
}

fn part<'d>(file: &'d Sections<'_>, parts: &package::Parts) -> Option<SplitUnit<'d>> {
    let all = whole(file);
    Some(SplitUnit {
        info: all.info.get(parts.info.clone())?,
        abbrev: all.abbrev.get(parts.abbrev.clone())?,
        strings: all.strings,
        str_offsets: all.str_offsets.get(parts.str_offsets.clone())?,
        rnglists: all.rnglists.get(parts.rnglists.clone())?,
    })
}

/// Ids of the split units in a file that is no package.
pub(in crate::symbols) fn ids<E: Endian>(file: &Sections<'_>, endian: E) -> Vec<u64> {
    let all = whole(file);
    let abbrevs = all.abbrev.len() as u64;
    let budget = Arc::new(Budget::new(&Sizes { abbrevs, packed: abbrevs, ..Sizes::default() }));
    let program = Sections::default();
    let shared = all.shared(&program, endian, budget, Inherited::default());
    let units = Units::new(&shared, all.info, 0);
    (0..units.len()).filter_map(|index| units.unit(index)?.dwo_id).collect()
}

impl<'d> SplitUnit<'d> {
    /// Bytes that reading the unit may go through.
    pub(super) fn len(&self) -> u64 {
        self.info.len() as u64
    }

    pub(super) fn info(&self) -> &'d [u8] {
        self.info
    }

    /// The sections of the unit. Those that a linker changes are in the program.
    pub(super) fn shared<E: Endian>(
        &self,
        program: &'d Sections<'_>,
        endian: E,
        budget: Arc<Budget>,
        inherited: Inherited,
    ) -> Shared<'d, E> {
        let load = |id| {
            Ok::<_, std::convert::Infallible>(match id {
                SectionId::DebugAddr | SectionId::DebugRanges => program.get(id),
                SectionId::DebugStrOffsets => self.str_offsets,
                SectionId::DebugRngLists => self.rnglists,
                _ => &[],
            })
        };
        let Ok(sections) = DwarfSections::load(load);
        let mut dwarf = sections.borrow(|data| EndianSlice::new(data, endian));
        dwarf.file_type = gimli::DwarfFileType::Dwo;
        Shared::split(dwarf, endian, (budget, &program.cancel), [self.strings, self.abbrev], inherited)
    }
}
