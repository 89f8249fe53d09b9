//! The namespaces and types around an entry, for functions without a mangled name.

use gimli::{DwTag, constants as dw};

use super::Endian;
use super::attributes::attributes_of;
use super::units::{Unit, UnitTable};

/// Deeper scopes are left out of the name.
const MAX_SCOPES: usize = 32;

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

impl<'d, E: Endian> Unit<'d, E> {
    /// Read when first asked for: most functions have a mangled name.
    pub(super) fn scopes(&self, table: &UnitTable<'d, E>) -> &ScopeMap<'d> {
        self.scopes.get_or_init(|| {
            let mut map = ScopeMap::default();
            // The error case is a damaged entry: what was read before it stands.
            let _damaged = map.read(self, table);
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

    fn read<E: Endian>(&mut self, unit: &Unit<'d, E>, table: &UnitTable<'d, E>) -> Option<()> {
        let mut entries = unit.inner.header.entries_raw(&unit.inner.abbreviations, None).ok()?;
        let mut open: Vec<(isize, usize)> = Vec::new();
        while !entries.is_empty() {
            let (start, depth) = (entries.next_offset().0, entries.next_depth());
            let abbreviation = entries.read_abbreviation().ok()?;
            while let Some(&(_, index)) = open.last().filter(|(outer, _)| *outer >= depth) {
                self.scopes[index].end = start;
                open.pop();
            }
            let Some(abbreviation) = abbreviation else { continue };
            let specifications = attributes_of(abbreviation)?;
            if !abbreviation.has_children() || !is_scope(abbreviation.tag()) {
                entries.skip_attributes(specifications).ok()?;
                continue;
            }
            let mut name = None;
            for specification in specifications {
                let attribute = entries.read_attribute(*specification).ok()?;
                if attribute.name() == dw::DW_AT_name {
                    name = table.string(&unit.inner, attribute.value());
                }
            }
            let parent = open.last().map(|&(_, index)| index);
            open.push((depth, self.scopes.len()));
            let is_namespace = abbreviation.tag() == dw::DW_TAG_namespace;
            self.scopes.push(NamedScope { start, end: usize::MAX, parent, name, is_namespace });
        }
        Some(())
    }
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
