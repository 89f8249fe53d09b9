//! The namespaces and types around an entry, for functions without a mangled name.

use gimli::{DwTag, constants as dw};

use super::Endian;
use super::abbrevs::Abbrev;
use super::entries::Entries;
use super::units::{Unit, Units};

/// Deeper scopes are left out of the name.
const MAX_SCOPES: usize = 32;

/// Stands for an open entry that is no scope.
const NO_SCOPE: usize = usize::MAX;

/// Where the namespaces and types of a unit begin and end.
#[derive(Default)]
pub(super) struct ScopeMap<'d> {
    /// Ascending by start; a scope comes before those that it contains.
    scopes: Vec<NamedScope<'d>>,
}

struct NamedScope<'d> {
    /// Offset of the entry in the unit.
    start: usize,
    /// Offset behind its last child.
    end: usize,
    parent: Option<usize>,
    name: Option<&'d [u8]>,
    is_namespace: bool,
}

impl<'u, E: Endian> Unit<'u, E> {
    /// Read when first asked for: most functions have a mangled name.
    pub(super) fn scopes(&self, units: &Units<'u, '_, E>) -> &ScopeMap<'u> {
        self.scopes.get_or_init(|| {
            let mut map = ScopeMap::default();
            // The error case is a damaged entry: what was read before it stands.
            let _damaged = map.read(self, units);
            map
        })
    }
}

impl<'d> ScopeMap<'d> {
    /// The scopes around the entry at `offset`, each followed by `::`; None if there are none.
    pub(super) fn path(&self, offset: usize) -> Option<Vec<u8>> {
        let after = self.scopes.partition_point(|scope| scope.start < offset);
        let mut at = after.checked_sub(1);
        while let Some(index) = at.filter(|&index| self.scopes[index].end <= offset) {
            at = self.scopes[index].parent;
        }
        let mut around = Vec::new();
        while let Some(index) = at.filter(|_| around.len() < MAX_SCOPES) {
            around.push(&self.scopes[index]);
            at = self.scopes[index].parent;
        }
        let names = around.iter().rev().filter_map(|scope| scope.shown());
        let path: Vec<u8> = names.flat_map(|name| [name, b"::"].concat()).collect();
        (!path.is_empty()).then_some(path)
    }

    fn read<E: Endian>(&mut self, unit: &Unit<'d, E>, units: &Units<'d, '_, E>) -> Option<()> {
        let mut entries = unit.entries();
        let mut open: Vec<usize> = Vec::new();
        while !entries.is_empty() {
            let start = entries.offset();
            let Some(abbrev) = entries.next()? else {
                let Some(ended) = open.pop() else { break };
                if let Some(scope) = self.scopes.get_mut(ended) {
                    scope.end = entries.offset();
                }
                continue;
            };
            let scope = if abbrev.has_children && is_scope(abbrev.tag) {
                let name = read_name(&mut entries, abbrev, unit, units)?;
                let parent = open.iter().rev().copied().find(|index| *index != NO_SCOPE);
                let is_namespace = abbrev.tag == dw::DW_TAG_namespace;
                self.scopes.push(NamedScope { start, end: usize::MAX, parent, name, is_namespace });
                self.scopes.len() - 1
            } else {
                entries.skip(abbrev)?;
                NO_SCOPE
            };
            if abbrev.has_children {
                open.push(scope);
            }
        }
        Some(())
    }
}

fn read_name<'u, E: Endian>(
    entries: &mut Entries<'u, '_, E>,
    abbrev: &Abbrev,
    unit: &Unit<'u, E>,
    units: &Units<'u, '_, E>,
) -> Option<Option<&'u [u8]>> {
    let mut name = None;
    for spec in entries.specs(abbrev) {
        let value = entries.value(spec)?;
        if spec.name == dw::DW_AT_name {
            name = units.bytes(unit, value);
        }
    }
    Some(name)
}

impl<'d> NamedScope<'d> {
    fn shown(&self) -> Option<&'d [u8]> {
        let anonymous: &[u8] = b"(anonymous namespace)";
        self.name.or(self.is_namespace.then_some(anonymous))
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
