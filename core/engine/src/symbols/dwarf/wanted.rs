//! Which part of debug info is asked for: all of it, or what a few addresses need.

use std::collections::BTreeSet;
use std::ops::Range;

use gimli::{DebugAranges, SectionId};

use super::Endian;
use super::sections::Sections;

/// What is to be read.
#[derive(Debug, Clone, Copy)]
pub(in crate::symbols) enum Wanted<'w> {
    /// Everything.
    All,
    /// What may cover one of these virtual addresses, ascending.
    Around(&'w [u64]),
}

impl Wanted<'_> {
    /// Whether `range` has something that is asked for.
    #[inline]
    pub(super) fn includes(self, range: &Range<u64>) -> bool {
        match self {
            Self::All => true,
            Self::Around(addresses) => {
                let next = addresses.partition_point(|address| *address < range.start);
                addresses.get(next).is_some_and(|address| *address < range.end)
            }
        }
    }

    /// Where the units start that `.debug_aranges` has for the addresses; None if it does not have every one of them.
    ///
    /// Not all compilers write that section, and some leave units out.
    pub(super) fn units<E: Endian>(self, sections: &Sections<'_>, endian: E) -> Option<BTreeSet<usize>> {
        let Self::Around(addresses) = self else { return None };
        let aranges = DebugAranges::new(sections.get(SectionId::DebugAranges), endian);
        let (mut units, mut found) = (BTreeSet::new(), vec![false; addresses.len()]);
        let mut headers = aranges.headers();
        while let Ok(Some(header)) = headers.next() {
            let mut entries = header.entries();
            while let Ok(Some(entry)) = entries.next() {
                let (start, end) = (entry.address(), entry.address().saturating_add(entry.length()));
                let first = addresses.partition_point(|address| *address < start);
                for (address, found) in addresses[first..].iter().zip(&mut found[first..]) {
                    if *address >= end {
                        break;
                    }
                    *found = true;
                    units.insert(header.debug_info_offset().0);
                }
            }
        }
        found.iter().all(|found| *found).then_some(units)
    }
}
