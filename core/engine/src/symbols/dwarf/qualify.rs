//! The namespaces and types around entries, for functions without a mangled name.

use gimli::{DwTag, constants as dw};

use super::Endian;
use super::abbrevs::Abbrev;
use super::entries::Entries;
use super::units::{Unit, Units};

/// Deeper scopes are left out of the name.
const MAX_SCOPES: usize = 32;

/// The scopes around the entries at `offsets` (ascending, from the start of the unit), each followed by `::`.
///
/// None where an entry has none around it, and behind damage. What holds none of the entries is skipped.
pub(super) fn paths<'u, E: Endian>(
    unit: &Unit<'u, E>,
    units: &Units<'u, '_, E>,
    offsets: &[usize],
) -> Vec<Option<Vec<u8>>> {
    let mut search = Search { unit, units, open: Vec::new(), found: Vec::with_capacity(offsets.len()) };
    // The error case is a damaged entry: what was found before it stands.
    let _damaged = search.run(offsets);
    search.found.resize(offsets.len(), None);
    search.found
}

struct Search<'a, 'u, 'd, E: Endian> {
    unit: &'a Unit<'u, E>,
    units: &'a Units<'u, 'd, E>,
    /// What the entries around are called; None for those that are no scope, or have no name.
    open: Vec<Option<&'u [u8]>>,
    found: Vec<Option<Vec<u8>>>,
}

impl<'u, E: Endian> Search<'_, 'u, '_, E> {
    fn run(&mut self, offsets: &[usize]) -> Option<()> {
        let mut entries = self.unit.entries();
        while let Some(wanted) = offsets.get(self.found.len()) {
            let start = entries.offset();
            if *wanted <= start {
                self.found.push(if *wanted == start { self.path() } else { None });
                continue;
            }
            let Some(abbrev) = entries.next()? else {
                self.open.pop()?;
                continue;
            };
            match entries.sibling(abbrev) {
                Some(end) if end <= *wanted => entries.go_to(end),
                _ => self.enter(&mut entries, abbrev)?,
            }
        }
        Some(())
    }

    /// Reads an entry; its children come next.
    fn enter(&mut self, entries: &mut Entries<'u, '_, E>, abbrev: &Abbrev) -> Option<()> {
        if !abbrev.has_children {
            return entries.skip(abbrev);
        }
        let name = if is_scope(abbrev.tag) {
            self.read_name(entries, abbrev)?
        } else {
            entries.skip(abbrev)?;
            None
        };
        self.open.push(name);
        Some(())
    }

    fn read_name(&self, entries: &mut Entries<'u, '_, E>, abbrev: &Abbrev) -> Option<Option<&'u [u8]>> {
        let anonymous: &[u8] = b"(anonymous namespace)";
        let mut name = (abbrev.tag == dw::DW_TAG_namespace).then_some(anonymous);
        for spec in entries.specs(abbrev) {
            let value = entries.value(spec)?;
            if spec.name == dw::DW_AT_name {
                name = self.units.bytes(self.unit, value).or(name);
            }
        }
        Some(name)
    }

    fn path(&self) -> Option<Vec<u8>> {
        let around = self.open.iter().rev().flatten().take(MAX_SCOPES).collect::<Vec<_>>();
        let path: Vec<u8> = around.iter().rev().flat_map(|name| [name, &b"::"[..]].concat()).collect();
        (!path.is_empty()).then_some(path)
    }
}

fn is_scope(tag: DwTag) -> bool {
    matches!(
        tag,
        dw::DW_TAG_namespace
            | dw::DW_TAG_module
            | dw::DW_TAG_class_type
            | dw::DW_TAG_structure_type
            | dw::DW_TAG_union_type
            | dw::DW_TAG_interface_type
            | dw::DW_TAG_enumeration_type
    )
}
