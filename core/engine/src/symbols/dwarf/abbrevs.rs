//! Abbreviation tables, each parsed once however many units share it.

use std::sync::{Arc, OnceLock};

use gimli::{Abbreviations, DebugAbbrev, DebugAbbrevOffset};

use super::Endian;

/// The tables of a file by their offset.
pub(super) struct AbbrevTables<'d, E: Endian> {
    section: &'d [u8],
    endian: E,
    /// Ascending.
    offsets: Vec<usize>,
    tables: Vec<OnceLock<Option<Arc<Abbreviations>>>>,
}

impl<'d, E: Endian> AbbrevTables<'d, E> {
    /// `offsets`: where the units say that their tables start.
    pub(super) fn new(section: &'d [u8], endian: E, mut offsets: Vec<usize>) -> Self {
        offsets.sort_unstable();
        offsets.dedup();
        let tables = offsets.iter().map(|_| OnceLock::new()).collect();
        Self { section, endian, offsets, tables }
    }

    /// The table at `offset`. It must end before the next one starts: tables that overlap would cost
    /// the square of their size.
    pub(super) fn get(&self, offset: usize) -> Option<Arc<Abbreviations>> {
        let index = self.offsets.binary_search(&offset).ok()?;
        let end = self.offsets.get(index + 1).copied().unwrap_or(self.section.len());
        self.tables[index].get_or_init(|| self.parse(offset, end.min(self.section.len()))).clone()
    }

    fn parse(&self, offset: usize, end: usize) -> Option<Arc<Abbreviations>> {
        let section = DebugAbbrev::new(self.section.get(..end)?, self.endian);
        section.abbreviations(DebugAbbrevOffset(offset)).ok().map(Arc::new)
    }
}
