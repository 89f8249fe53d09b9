//! The namespaces and types around an entry, for functions without a mangled name.

use gimli::{DwTag, constants as dw};

use super::Endian;
use super::abbrevs::Abbrev;
use super::entries::Entries;
use super::tree::MAX_DEPTH;
use super::units::{Unit, Units};

/// Deeper scopes are left out of the name.
const MAX_SCOPES: usize = 32;

/// Where the namespaces and types of a unit begin and end.
#[derive(Default)]
pub(super) struct ScopeMap<'d> {
    /// A scope comes before those that it contains.
    scopes: Vec<NamedScope<'d>>,
    /// Where another scope becomes the innermost one, ascending by offset in the unit.
    changes: Vec<(usize, Option<u32>)>,
}

struct NamedScope<'d> {
    parent: Option<u32>,
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
        let after = self.changes.partition_point(|(start, _)| *start < offset);
        let mut at = self.changes[..after].last().and_then(|(_, scope)| *scope);
        let mut around = Vec::new();
        while let Some(scope) = at.and_then(|index| self.scopes.get(index as usize)) {
            around.push(scope);
            at = scope.parent.filter(|_| around.len() < MAX_SCOPES);
        }
        let names = around.iter().rev().filter_map(|scope| scope.shown());
        let path: Vec<u8> = names.flat_map(|name| [name, b"::"].concat()).collect();
        (!path.is_empty()).then_some(path)
    }

    fn read<E: Endian>(&mut self, unit: &Unit<'d, E>, units: &Units<'d, '_, E>) -> Option<()> {
        let mut entries = unit.entries();
        // The innermost scope around each entry that is open.
        let mut around: Vec<Option<u32>> = Vec::new();
        let mut innermost = None;
        while !entries.is_empty() && around.len() <= MAX_DEPTH && !units.shared.cancel.is_cancelled() {
            let start = entries.offset();
            let Some(abbrev) = entries.next()? else {
                let Some(outer) = around.pop() else { break };
                self.change(entries.offset() - 1, &mut innermost, outer);
                continue;
            };
            if abbrev.has_children {
                around.push(innermost);
            }
            if abbrev.has_children && is_scope(abbrev.tag) {
                let name = read_name(&mut entries, abbrev, unit, units)?;
                let is_namespace = abbrev.tag == dw::DW_TAG_namespace;
                let scope = u32::try_from(self.scopes.len()).ok()?;
                if !units.shared.budget.take_name_bytes(size_of::<NamedScope<'_>>() as u64) {
                    return None;
                }
                self.scopes.push(NamedScope { parent: innermost, name, is_namespace });
                self.change(start, &mut innermost, Some(scope));
            } else {
                entries.skip(abbrev)?;
            }
        }
        Some(())
    }

    /// Notes what is innermost for entries behind `offset`.
    fn change(&mut self, offset: usize, innermost: &mut Option<u32>, scope: Option<u32>) {
        if *innermost != scope {
            *innermost = scope;
            self.changes.push((offset, scope));
        }
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
