//! The tree of a unit: its functions and the calls inlined into them.

use gimli::{DwTag, constants as dw};

use super::abbrevs::Abbrev;
use super::attributes::Attributes;
use super::entries::Entries;
use super::names::Names;
use super::paths::Files;
use super::units::{EntryRef, Unit};
use super::{Context, Endian, MAX_INLINE_DEPTH, NONE, Name};
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
///
/// `files`: the file table that call sites count in; a split unit has that of its skeleton.
pub(super) fn read<'u, 'd, E: Endian>(
    context: &Context<'_, 'u, 'd, E>,
    index: usize,
    unit: &Unit<'u, E>,
    files: &mut Files<'_, '_, 'd, E>,
) -> Tree<'d> {
    let names = Names::new(context.units);
    let mut walk = Walk { context, index, unit, files, names, open: Vec::new(), tree: Tree::default() };
    // The error case is a damaged entry: what was read before it stands.
    let _damaged = walk.run();
    walk.tree.names = walk.names.into_list();
    walk.tree
}

struct Walk<'a, 'f, 's, 'u, 'd, E: Endian> {
    context: &'a Context<'a, 'u, 'd, E>,
    index: usize,
    unit: &'a Unit<'u, E>,
    files: &'a mut Files<'f, 's, 'd, E>,
    names: Names<'a, 'u, 'd, E>,
    open: Vec<Open>,
    tree: Tree<'d>,
}

/// A scope whose children are being read.
#[derive(Clone, Copy)]
struct Open {
    depth: usize,
    scope: u32,
    inline_depth: u32,
}

impl<'u, E: Endian> Walk<'_, '_, '_, 'u, '_, E> {
    fn run(&mut self) -> Option<()> {
        let mut entries = self.unit.entries();
        let mut depth = 0_usize;
        while !entries.is_empty() {
            let offset = entries.offset();
            let Some(abbrev) = entries.next()? else {
                let Some(outer) = depth.checked_sub(1) else { break };
                depth = outer;
                continue;
            };
            while self.open.last().is_some_and(|open| open.depth >= depth) {
                self.open.pop();
            }
            let children = self.entry(&mut entries, abbrev, offset, depth)?;
            depth += usize::from(children);
        }
        Some(())
    }

    /// Reads one entry. Answers whether its children come next.
    #[inline]
    fn entry(
        &mut self,
        entries: &mut Entries<'u, '_, E>,
        abbrev: &Abbrev,
        offset: usize,
        depth: usize,
    ) -> Option<bool> {
        match abbrev.tag {
            dw::DW_TAG_subprogram if abbrev.has_code => {
                let attributes = Attributes::read(entries, abbrev)?;
                self.function(&attributes, offset, depth);
            }
            dw::DW_TAG_inlined_subroutine if self.is_in_function() => {
                let attributes = Attributes::read(entries, abbrev)?;
                self.inlined_call(&attributes, depth);
            }
            tag if abbrev.has_children && !self.may_hold_code(tag) => {
                return Some(!entries.skip_children(abbrev)?);
            }
            tag => {
                entries.skip(abbrev)?;
                if tag == dw::DW_TAG_subprogram {
                    self.open.push(Open { depth, scope: NONE, inline_depth: 0 });
                }
            }
        }
        Some(abbrev.has_children)
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

    /// Whether the function around has code that is wanted.
    fn is_in_function(&self) -> bool {
        self.open.last().is_some_and(|open| open.scope != NONE)
    }

    fn function(&mut self, attributes: &Attributes<'u>, offset: usize, depth: usize) {
        let (scope, known) = (self.tree.scopes.len() as u32, self.tree.intervals.len());
        let first = self.add_ranges(attributes, scope);
        let Some(first) = first.filter(|_| self.tree.intervals.len() > known) else {
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

    fn inlined_call(&mut self, attributes: &Attributes<'u>, depth: usize) {
        let Some(&Open { scope: parent, inline_depth, .. }) = self.open.last() else { return };
        let Some(&Scope { root, .. }) = self.tree.scopes.get(parent as usize) else { return };
        if inline_depth >= MAX_INLINE_DEPTH {
            return;
        }
        let scope = self.tree.scopes.len() as u32;
        self.add_ranges(attributes, scope);
        let origin = attributes.reference(self.context.units, self.index);
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

    /// Notes the ranges that lie in code and are wanted; returns where the first one in code starts.
    fn add_ranges(&mut self, attributes: &Attributes<'u>, scope: u32) -> Option<u64> {
        let (context, intervals) = (self.context, &mut self.tree.intervals);
        let mut first = None;
        context.units.for_each_range(self.unit, attributes.range, &mut |range| {
            if let Some(range) = context.code.clamp(range.begin..range.end) {
                first.get_or_insert(range.start);
                if !context.wanted.includes(&range) {
                    return context.units.shared.budget.take_range();
                }
                intervals.push(Interval { start: range.start, end: range.end, priority: scope, item: scope });
            }
            context.units.shared.budget.take_range()
        });
        first
    }

    fn entry_address(&self, attributes: &Attributes<'u>) -> Option<u64> {
        let address = self.context.units.address(self.unit, attributes.entry_pc?)?;
        self.context.code.containing(address).map(|_| address)
    }
}
