//! Names of functions, found along abstract origins and specifications, across units.

use std::collections::HashMap;

use gimli::EntriesRaw;

use super::attributes::Attributes;
use super::units::{EntryRef, Unit, UnitTable};
use super::{Endian, NONE, Name};
use crate::symbols::budget::Budget;

/// An inlined call leads to an abstract function, that one to its declaration: real chains have three links.
const MAX_LINKS: usize = 16;
/// An entry is shorter; a reference into the middle of a long string must not be read to its end.
const MAX_ENTRY: usize = 64 * 1024;

/// The names that a unit uses, each once.
pub(super) struct Names<'a, 'd, E: Endian> {
    table: &'a UnitTable<'d, E>,
    budget: &'a Budget,
    ids: HashMap<EntryRef, u32>,
    list: Vec<Name<'d>>,
}

impl<'a, 'd, E: Endian> Names<'a, 'd, E> {
    pub(super) fn new(table: &'a UnitTable<'d, E>, budget: &'a Budget) -> Self {
        Self { table, budget, ids: HashMap::new(), list: Vec::new() }
    }

    pub(super) fn into_list(self) -> Vec<Name<'d>> {
        self.list
    }

    /// Index of the name of the function that `entry` describes; [`NONE`] if it has none.
    pub(super) fn resolve(&mut self, entry: EntryRef) -> u32 {
        if let Some(&id) = self.ids.get(&entry) {
            return id;
        }
        let id = self.find(entry).map_or(NONE, |name| {
            self.list.push(name);
            (self.list.len() - 1) as u32
        });
        self.ids.insert(entry, id);
        id
    }

    fn find(&self, start: EntryRef) -> Option<Name<'d>> {
        let mut name = Name::default();
        let (mut at, mut named_by) = (Some(start), None);
        for _ in 0..MAX_LINKS {
            let Some(entry) = at else { break };
            let Some((unit, attributes)) = self.read(entry) else { break };
            name.language = unit.language;
            name.linkage = attributes.linkage.and_then(|value| self.table.string(&unit.inner, value));
            if name.linkage.is_some() {
                return Some(name);
            }
            if name.plain.is_none() {
                name.plain = attributes.plain.and_then(|value| self.table.string(&unit.inner, value));
            }
            named_by = Some((unit, entry));
            at = attributes.reference(self.table, entry.unit);
        }
        let (unit, entry) = named_by?;
        name.qualified = self.qualified(unit, entry, name.plain?);
        Some(name)
    }

    fn read(&self, entry: EntryRef) -> Option<(&'a Unit<'d, E>, Attributes<'d, E>)> {
        let unit = self.table.unit(entry.unit)?;
        let mut input = unit.inner.header.range_from(entry.offset..).ok()?;
        if input.len() > MAX_ENTRY {
            input = input.range_to(..MAX_ENTRY);
        }
        let encoding = unit.inner.header.encoding();
        let mut entries = EntriesRaw::new(input, encoding, &unit.inner.abbreviations, entry.offset);
        let abbreviation = entries.read_abbreviation().ok()??;
        Some((unit, Attributes::read(&mut entries, abbreviation)?))
    }

    /// None if the scopes have no names, or the language no scopes.
    fn qualified(&self, unit: &Unit<'d, E>, entry: EntryRef, plain: &[u8]) -> Option<Vec<u8>> {
        if unit.language == 1 {
            return None;
        }
        let mut qualified = unit.scopes(self.table).path(entry.offset.0)?;
        qualified.extend_from_slice(plain);
        self.budget.take_path_bytes(qualified.len() as u64).then_some(qualified)
    }
}
