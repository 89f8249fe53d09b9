//! Names of functions, found along abstract origins and specifications, across units.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::attributes::Attributes;
use super::text::Text;
use super::units::{EntryRef, Unit, Units};
use super::{Endian, NONE, Name};

/// An inlined call leads to an abstract function, that one to its declaration: real chains have three links.
const MAX_LINKS: usize = 16;

/// The names that a unit uses, each once.
pub(super) struct Names<'a, 'u, 'd, E: Endian> {
    units: &'a Units<'u, 'd, E>,
    ids: HashMap<EntryRef, u32, RandomState>,
    list: Vec<Name<'d>>,
}

impl<'a, 'u, 'd, E: Endian> Names<'a, 'u, 'd, E> {
    pub(super) fn new(units: &'a Units<'u, 'd, E>) -> Self {
        Self { units, ids: HashMap::default(), list: Vec::new() }
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
            name.linkage = attributes.linkage.and_then(|value| self.units.text(unit, value));
            if name.linkage.is_some() {
                return Some(name);
            }
            if name.plain.is_none() {
                name.plain = attributes.plain.and_then(|value| self.units.text(unit, value));
            }
            named_by = Some((unit, entry));
            at = attributes.reference(self.units, entry.unit);
        }
        let (unit, entry) = named_by?;
        let qualified = self.qualified(unit, entry, name.plain.as_ref()?);
        Some(Name { qualified, ..name })
    }

    fn read(&self, entry: EntryRef) -> Option<(&'a Unit<'u, E>, Attributes<'u>)> {
        let unit = self.units.unit(entry.unit)?;
        let mut entries = unit.entry_at(entry.offset);
        let abbrev = entries.next()??;
        let attributes = Attributes::read(&mut entries, abbrev)?;
        let len = entries.offset().saturating_sub(entry.offset);
        self.units.shared.budget.take_name_bytes(len as u64).then_some((unit, attributes))
    }

    /// None if the scopes have no names, or the language no scopes.
    fn qualified(&self, unit: &Unit<'u, E>, entry: EntryRef, plain: &Text<'d>) -> Option<Vec<u8>> {
        if unit.language == 1 {
            return None;
        }
        let mut qualified = unit.scopes(self.units).path(entry.offset)?;
        qualified.extend_from_slice(plain.bytes());
        self.units.shared.budget.take_path_bytes(qualified.len() as u64).then_some(qualified)
    }
}
