//! The tree of a unit: its functions and the calls inlined into them.

use gimli::{Abbreviation, DwTag, EntriesRaw, UnitOffset, constants as dw};

use super::attributes::{Attributes, skip_to_sibling};
use super::names::Names;
use super::paths::Files;
use super::units::{EntryRef, Unit};
use super::{Context, Endian, MAX_INLINE_DEPTH, NONE, Name, Slice};
use crate::symbols::intervals::Interval;

/// A function that has code, or a call inlined into another scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::symbols) struct Scope {
    /// Index into the unit's names.
    pub(in crate::symbols) name: u32,
    /// The scope around it, which has a lower index; [`NONE`] for a function.
    pub(in crate::symbols) parent: u32,
    /// The function that it was inlined into in the end; itself for a function.
    pub(in crate::symbols) root: u32,
    /// Call site: index into the unit's files, [`NONE`] if unknown.
    pub(in crate::symbols) call_file: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) call_line: u32,
    /// 1-based; 0 unknown.
    pub(in crate::symbols) call_column: u32,
    /// Address where a function is entered.
    pub(in crate::symbols) entry: u64,
}

/// The functions of a unit.
#[derive(Default)]
pub(in crate::symbols) struct Tree<'d> {
    pub(in crate::symbols) names: Vec<Name<'d>>,
    /// Callers before callees.
    pub(in crate::symbols) scopes: Vec<Scope>,
    /// Ranges of the scopes. Where they overlap the entry that was read later wins: it is the deeper one.
    pub(in crate::symbols) intervals: Vec<Interval<u32, u32>>,
}

/// Reads the tree of a unit, up to the first damaged entry.
pub(super) fn read<'d, E: Endian>(
    context: &Context<'_, 'd, E>,
    index: usize,
    unit: &Unit<'d, E>,
    files: &mut Files<'_, 'd, E>,
) -> Tree<'d> {
    let names = Names::new(context.table, context.budget);
    let mut walk = Walk { context, index, unit, files, names, open: Vec::new(), tree: Tree::default() };
    // The error case is a damaged entry: what was read before it stands.
    let _damaged = walk.run();
    walk.tree.names = walk.names.into_list();
    walk.tree
}

struct Walk<'a, 'f, 'd, E: Endian> {
    context: &'a Context<'a, 'd, E>,
    index: usize,
    unit: &'a Unit<'d, E>,
    files: &'a mut Files<'f, 'd, E>,
    names: Names<'a, 'd, E>,
    open: Vec<Open>,
    tree: Tree<'d>,
}

/// A scope whose children are being read.
#[derive(Clone, Copy)]
struct Open {
    depth: isize,
    scope: u32,
    inline_depth: u32,
}

impl<'d, E: Endian> Walk<'_, '_, 'd, E> {
    fn run(&mut self) -> Option<()> {
        let header = &self.unit.inner.header;
        let abbreviations = &self.unit.inner.abbreviations;
        let mut entries = header.entries_raw(abbreviations, None).ok()?;
        // A reader that starts at a sibling counts depth from there.
        let mut base = 0;
        while !entries.is_empty() {
            let (offset, depth) = (entries.next_offset(), base + entries.next_depth());
            let Some(abbreviation) = entries.read_abbreviation().ok()? else { continue };
            while self.open.last().is_some_and(|open| open.depth >= depth) {
                self.open.pop();
            }
            let sibling = self.entry(&mut entries, abbreviation, offset, depth)?;
            if let Some(sibling) = sibling.filter(|sibling| sibling.0 >= entries.next_offset().0) {
                entries = header.entries_raw(abbreviations, Some(sibling)).ok()?;
                base = depth;
            }
        }
        Some(())
    }

    /// Reads one entry. Returns where to go on if its children are of no interest.
    fn entry(
        &mut self,
        entries: &mut EntriesRaw<'_, Slice<'d, E>>,
        abbreviation: &Abbreviation,
        offset: UnitOffset<usize>,
        depth: isize,
    ) -> Option<Option<UnitOffset<usize>>> {
        match abbreviation.tag() {
            dw::DW_TAG_subprogram if has_code(abbreviation) => {
                let attributes = Attributes::read(entries, abbreviation)?;
                self.function(&attributes, offset, depth);
                Some(None)
            }
            dw::DW_TAG_inlined_subroutine => {
                let attributes = Attributes::read(entries, abbreviation)?;
                self.inlined_call(&attributes, depth);
                Some(None)
            }
            tag => {
                let sibling = skip_to_sibling(entries, abbreviation)?;
                if tag == dw::DW_TAG_subprogram {
                    self.open.push(Open { depth, scope: NONE, inline_depth: 0 });
                }
                let skip = abbreviation.has_children() && !self.may_hold_code(tag);
                Some(sibling.filter(|_| skip))
            }
        }
    }

    fn may_hold_code(&self, tag: DwTag) -> bool {
        match tag {
            dw::DW_TAG_compile_unit
            | dw::DW_TAG_partial_unit
            | dw::DW_TAG_skeleton_unit
            | dw::DW_TAG_subprogram
            | dw::DW_TAG_lexical_block
            | dw::DW_TAG_namespace
            | dw::DW_TAG_module
            | dw::DW_TAG_try_block
            | dw::DW_TAG_catch_block
            | dw::DW_TAG_with_stmt
            | dw::DW_TAG_entry_point
            | dw::DW_TAG_common_block => true,
            dw::DW_TAG_array_type
            | dw::DW_TAG_subroutine_type
            | dw::DW_TAG_call_site
            | dw::DW_TAG_GNU_call_site => false,
            // C++ describes the member functions of a class elsewhere, unless it is local to a function.
            _ => self.unit.types_hold_functions || !self.open.is_empty(),
        }
    }

    fn function(&mut self, attributes: &Attributes<'d, E>, offset: UnitOffset<usize>, depth: isize) {
        let scope = self.tree.scopes.len() as u32;
        let Some(first) = self.add_ranges(attributes, scope) else {
            return self.open.push(Open { depth, scope: NONE, inline_depth: 0 });
        };
        let name = self.names.resolve(EntryRef { unit: self.index, offset });
        self.tree.scopes.push(Scope {
            name,
            parent: NONE,
            root: scope,
            call_file: NONE,
            call_line: 0,
            call_column: 0,
            entry: self.entry_address(attributes).unwrap_or(first),
        });
        self.open.push(Open { depth, scope, inline_depth: 0 });
    }

    fn inlined_call(&mut self, attributes: &Attributes<'d, E>, depth: isize) {
        let Some(&Open { scope: parent, inline_depth, .. }) = self.open.last() else { return };
        let Some(&Scope { root, .. }) = self.tree.scopes.get(parent as usize) else { return };
        if inline_depth >= MAX_INLINE_DEPTH {
            return;
        }
        let scope = self.tree.scopes.len() as u32;
        self.add_ranges(attributes, scope);
        let origin = attributes.reference(self.context.table, self.index);
        self.tree.scopes.push(Scope {
            name: origin.map_or(NONE, |origin| self.names.resolve(origin)),
            parent,
            root,
            call_file: attributes.call_file.map_or(NONE, |file| self.files.id(file)),
            call_line: attributes.call_line,
            call_column: attributes.call_column,
            entry: 0,
        });
        self.open.push(Open { depth, scope, inline_depth: inline_depth + 1 });
    }

    /// Notes the ranges that lie in code; returns where the first one starts.
    fn add_ranges(&mut self, attributes: &Attributes<'d, E>, scope: u32) -> Option<u64> {
        let (context, intervals) = (self.context, &mut self.tree.intervals);
        let mut first = None;
        attributes.for_each_range(context.table, self.unit, &mut |range| {
            if let Some(range) = context.code.clamp(range.begin..range.end) {
                first.get_or_insert(range.start);
                intervals.push(Interval { start: range.start, end: range.end, priority: scope, item: scope });
            }
            context.budget.take_range()
        });
        first
    }

    fn entry_address(&self, attributes: &Attributes<'d, E>) -> Option<u64> {
        let address =
            self.context.table.dwarf.attr_address(&self.unit.inner, attributes.entry_pc?).ok()??;
        self.context.code.containing(address).map(|_| address)
    }
}

fn has_code(abbreviation: &Abbreviation) -> bool {
    abbreviation.attributes().iter().any(|a| matches!(a.name(), dw::DW_AT_low_pc | dw::DW_AT_ranges))
}
