//! Files that a debug file keeps a part of its debug information in, and what tells whether one is the right one.
//!
//! ```text
//! shop           .debug_info: skeletons with ids      .gnu_debugaltlink: name, build id
//!   shop.dwp       .debug_cu_index: ids of all units
//!   cart.dwo       .debug_info.dwo: the unit with an id
//!   common.debug                                      build id; what several files share, put there by dwz
//! ```
//!
//! Nothing depends on names here: a companion is used for what its ids say, and one that fits nowhere is not used. What
//! stays missing is told with the name and id that the debug file knows it by.

use gimli::{BigEndian, LittleEndian};

use super::debug_file::{Allowance, Container};
use super::dwarf::{self, Sections};
use super::error::DebugFileError;
use super::hexadecimal;

/// More files would belong to programs larger than any.
const MAX_COMPANIONS: usize = 1 << 16;
/// Longer names are cut.
const MAX_NAME: usize = 4096;

/// What a companion is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissingKind {
    /// A unit of split DWARF: a `.dwo` file, or a part of a `.dwp` file.
    SplitUnit,
    /// The file that dwz put shared parts into.
    Supplementary,
}

impl MissingKind {
    /// Its name in index files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SplitUnit => "dwo",
            Self::Supplementary => "sup",
        }
    }
}

/// A companion that was not among the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What it is for.
    pub kind: MissingKind,
    /// Path as the debug file has it.
    pub name: String,
    /// Lower-case hexadecimal: id of the unit, or build id.
    pub id: String,
}

impl Missing {
    pub(super) fn new(kind: MissingKind, name: &[u8], id: String) -> Self {
        let name = &name[..name.len().min(MAX_NAME)];
        // What is written down for others ends lines and fields with these.
        let name = String::from_utf8_lossy(name).replace(['\n', '\t'], " ");
        Self { kind, name, id }
    }

    /// One a line: kind, id, name.
    pub(super) fn write(list: &[Self]) -> String {
        list.iter().map(|one| format!("{}\t{}\t{}\n", one.kind.name(), one.id, one.name)).collect()
    }
}

/// The reference to a supplementary file.
pub(super) struct SupplementaryLink<'d> {
    pub(super) name: &'d [u8],
    pub(super) id: &'d [u8],
}

/// The companions of a debug file.
#[derive(Default)]
pub(super) struct Companions<'d> {
    pub(super) split: Vec<Sections<'d>>,
    pub(super) supplementary: Option<Sections<'d>>,
    missing: Vec<Missing>,
}

impl<'d> Companions<'d> {
    /// Sorts out what each file is. Those that cannot be read, or belong to another file, are not used.
    pub(super) fn of(main: &dyn Container<'_>, files: &[&'d [u8]]) -> Result<Self, DebugFileError> {
        let mut found = Self::default();
        let mut allowance = Allowance::default();
        let link = main.supplementary_link();
        for data in files.iter().take(MAX_COMPANIONS) {
            let Ok(file) = super::container(data) else { continue };
            if file.is_little_endian() != main.is_little_endian() {
                continue;
            }
            if file.section(".debug_info.dwo").data.is_empty() {
                let is_it = link.as_ref().is_some_and(|link| file.supplementary_id() == Some(link.id));
                if is_it {
                    found.supplementary = Some(Sections::with(&*file, &dwarf::ALL, &mut allowance)?);
                }
            } else {
                found.split.push(Sections::split(&*file, &mut allowance)?);
            }
        }
        if let Some(link) = link.filter(|_| found.supplementary.is_none()) {
            found.missing.push(Missing::new(MissingKind::Supplementary, link.name, hexadecimal(link.id)));
        }
        Ok(found)
    }

    /// Bytes of all sections.
    pub(super) fn total_len(&self) -> u64 {
        self.split.iter().chain(&self.supplementary).map(Sections::total_len).fold(0, u64::saturating_add)
    }

    /// The supplementary file, if it is wanted and not here.
    pub(super) fn missing(&self) -> &[Missing] {
        &self.missing
    }
}

/// What `main` refers to and `files` do not hold.
pub(super) fn missing<'d>(
    main: &dyn Container<'d>,
    files: &[&'d [u8]],
) -> Result<Vec<Missing>, DebugFileError> {
    let (sections, companions) = (Sections::new(main)?, Companions::of(main, files)?);
    let split = if main.is_little_endian() {
        dwarf::missing_split_units(&sections, &companions, LittleEndian)
    } else {
        dwarf::missing_split_units(&sections, &companions, BigEndian)
    };
    Ok([companions.missing(), &split].concat())
}

/// Ids of the units in a `.dwo` file, lower-case hexadecimal; none for any other file.
pub(super) fn split_ids(file: &dyn Container<'_>) -> Vec<String> {
    if file.section(".debug_info.dwo").data.is_empty() || !file.section(".debug_cu_index").data.is_empty() {
        return Vec::new();
    }
    let Ok(sections) = Sections::split(file, &mut Allowance::default()) else { return Vec::new() };
    let ids = if file.is_little_endian() {
        dwarf::split_ids(&sections, LittleEndian)
    } else {
        dwarf::split_ids(&sections, BigEndian)
    };
    ids.iter().map(|id| format!("{id:016x}")).collect()
}
