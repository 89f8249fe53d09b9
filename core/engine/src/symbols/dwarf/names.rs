//! Names of functions, found along abstract origins and specifications, across units.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::attributes::Attributes;
use super::units::{EntryRef, Unit, Units};
use super::{Endian, NONE, Name, qualify};

/// An inlined call leads to an abstract function, that one to its declaration: real chains have three links.
const MAX_LINKS: usize = 16;
const LANGUAGE_C: u8 = 1;

/// The names that a unit uses, each once.
pub(super) struct Names<'a, 'u, 'd, E: Endian> {
    units: &'a Units<'u, 'd, E>,
    ids: HashMap<EntryRef, u32, RandomState>,
    list: Vec<Name<'d>>,
    /// The entries that name functions which have no mangled name, and whose scopes are still to be found.
    unqualified: Vec<(EntryRef, u32)>,
}

impl<'a, 'u, 'd, E: Endian> Names<'a, 'u, 'd, E> {
    pub(super) fn new(units: &'a Units<'u, 'd, E>) -> Self {
        Self { units, ids: HashMap::default(), list: Vec::new(), unqualified: Vec::new() }
    }

    /// The names, in the order of their ids.
    pub(super) fn into_list(mut self) -> Vec<Name<'d>> {
        let mut unqualified = std::mem::take(&mut self.unqualified);
        unqualified.sort_unstable_by_key(|(entry, _)| (entry.unit, entry.offset));
        for of_unit in unqualified.chunk_by(|(one, _), (other, _)| one.unit == other.unit) {
            self.qualify(of_unit);
        }
        self.list
    }

    /// Index of the name of the function that `entry` describes; [`NONE`] if it has none.
    pub(super) fn resolve(&mut self, entry: EntryRef) -> u32 {
        if let Some(&id) = self.ids.get(&entry) {
            return id;
        }
        let id = self.find(entry).map_or(NONE, |(name, named_by)| {
            let id = self.list.len() as u32;
            self.unqualified.extend(named_by.map(|entry| (entry, id)));
            self.list.push(name);
            id
        });
        self.ids.insert(entry, id);
        id
    }

    /// A name, and the entry that has it if its scopes are to be found.
    fn find(&self, start: EntryRef) -> Option<(Name<'d>, Option<EntryRef>)> {
        let mut name = Name::default();
        let (mut at, mut named_by) = (Some(start), None);
        for _ in 0..MAX_LINKS {
            let Some(entry) = at else { break };
            let Some((unit, attributes)) = self.read(entry) else { break };
            name.language = unit.language;
            name.linkage = attributes.linkage.and_then(|value| self.units.text(unit, value));
            if name.linkage.is_some() {
                return Some((name, None));
            }
            if name.plain.is_none() {
                name.plain = attributes.plain.and_then(|value| self.units.text(unit, value));
            }
            named_by = Some(entry);
            at = attributes.reference(self.units, entry.unit);
        }
        name.plain.as_ref()?;
        // Functions of C have no scopes.
        let named_by = named_by.filter(|_| name.language != LANGUAGE_C);
        Some((name, named_by))
    }

    fn read(&self, entry: EntryRef) -> Option<(&'a Unit<'u, E>, Attributes<'u>)> {
        let unit = self.units.unit(entry.unit)?;
        let mut entries = unit.entry_at(entry.offset);
        let abbrev = entries.next()??;
        Some((unit, Attributes::read(&mut entries, abbrev)?))
    }

    /// Finds the scopes of functions that entries of one unit name, ascending by offset.
    fn qualify(&mut self, of_unit: &[(EntryRef, u32)]) {
        let budget = &self.units.shared.budget;
        let Some(unit) = of_unit.first().and_then(|(entry, _)| self.units.unit(entry.unit)) else { return };
        if !budget.take_scope_bytes(unit.len() as u64) {
            return;
        }
        let offsets: Vec<usize> = of_unit.iter().map(|(entry, _)| entry.offset).collect();
        for (path, (_, id)) in qualify::paths(unit, self.units, &offsets).into_iter().zip(of_unit) {
            let name = &mut self.list[*id as usize];
            let (Some(mut path), Some(plain)) = (path, &name.plain) else { continue };
            path.extend_from_slice(plain.bytes());
            name.qualified = budget.take_path_bytes(path.len() as u64).then_some(path);
        }
    }
}
