//! Abbreviation tables, made ready for skipping: each parsed once however many units share it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use gimli::{DwAt, DwForm, DwTag, constants as dw};

use super::forms::{Widths, fixed_size};
use crate::symbols::budget::Budget;
use crate::symbols::varint::Reader;

/// Compilers write two dozen attributes; thousands that take no room would make every entry expensive.
const MAX_ATTRIBUTES: u32 = 96;

/// An attribute of an abbreviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) name: DwAt,
    pub(super) form: DwForm,
    /// The value of `DW_FORM_implicit_const`.
    pub(super) constant: i64,
}

/// How to get past attributes that nobody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Bytes(u32),
    /// A value that says itself how long it is.
    Form(DwForm),
}

/// The shape of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Abbrev {
    pub(super) tag: DwTag,
    pub(super) has_children: bool,
    /// Says where code lies.
    pub(super) has_code: bool,
    /// Index of the step that goes past `DW_AT_sibling`, and its form.
    pub(super) sibling: Option<(u32, DwForm)>,
    specs: Range<u32>,
    steps: Range<u32>,
}

/// A table of abbreviations, for units whose forms have the same widths.
#[derive(Debug, Default)]
pub(super) struct Abbrevs {
    list: Vec<Abbrev>,
    /// Places in `list` of the codes that do not count from 1 on.
    odd: HashMap<u64, u32>,
    specs: Vec<Spec>,
    steps: Vec<Step>,
}

impl Abbrevs {
    #[inline]
    pub(super) fn get(&self, code: u64) -> Option<&Abbrev> {
        if self.odd.is_empty() {
            return self.list.get(usize::try_from(code.checked_sub(1)?).ok()?);
        }
        self.list.get(*self.odd.get(&code)? as usize)
    }

    pub(super) fn specs(&self, abbrev: &Abbrev) -> &[Spec] {
        &self.specs[abbrev.specs.start as usize..abbrev.specs.end as usize]
    }

    #[inline]
    pub(super) fn steps(&self, abbrev: &Abbrev) -> &[Step] {
        &self.steps[abbrev.steps.start as usize..abbrev.steps.end as usize]
    }

    /// The steps before that past `DW_AT_sibling`, whose index is `sibling`.
    #[inline]
    pub(super) fn steps_before(&self, abbrev: &Abbrev, sibling: u32) -> &[Step] {
        &self.steps[abbrev.steps.start as usize..sibling as usize]
    }

    /// Parses the table at the start of `bytes`, up to where it is damaged.
    fn parse(bytes: &[u8], widths: Widths, budget: &Budget) -> Option<Self> {
        let mut table = Self::default();
        let mut reader = Reader(bytes);
        while let Some(code) = reader.next().filter(|code| *code != 0) {
            let before = reader.0.len();
            let Some(abbrev) = table.read(&mut reader, widths) else { break };
            if !budget.take_abbrev_bytes((before - reader.0.len()) as u64) {
                return None;
            }
            table.insert(code, abbrev);
        }
        Some(table)
    }

    fn read(&mut self, reader: &mut Reader<'_>, widths: Widths) -> Option<Abbrev> {
        let tag = DwTag(u16::try_from(reader.next()?).ok()?);
        let (&children, rest) = reader.0.split_first()?;
        reader.0 = rest;
        let (specs, steps) = (self.specs.len() as u32, self.steps.len() as u32);
        let (mut has_code, mut sibling) = (false, None);
        while let Some(spec) = read_spec(reader)? {
            if self.specs.len() as u32 - specs >= MAX_ATTRIBUTES {
                return None;
            }
            has_code |= matches!(spec.name, dw::DW_AT_low_pc | dw::DW_AT_ranges);
            if spec.name == dw::DW_AT_sibling {
                sibling = Some((self.steps.len() as u32, spec.form));
            }
            self.step(spec.form, widths, sibling.map_or(steps, |(at, _)| at + 1));
            self.specs.push(spec);
        }
        Some(Abbrev {
            tag,
            has_children: children != 0,
            has_code,
            sibling,
            specs: specs..self.specs.len() as u32,
            steps: steps..self.steps.len() as u32,
        })
    }

    /// Adds a step, joined with the one before it unless that comes before `first`.
    fn step(&mut self, form: DwForm, widths: Widths, first: u32) {
        let mergeable = self.steps.len() as u32 > first;
        match (fixed_size(form, widths), self.steps.last_mut().filter(|_| mergeable)) {
            (Some(size), Some(Step::Bytes(last))) => *last += size,
            (Some(size), _) => self.steps.push(Step::Bytes(size)),
            (None, _) => self.steps.push(Step::Form(form)),
        }
    }

    fn insert(&mut self, code: u64, abbrev: Abbrev) {
        let at = self.list.len() as u32;
        self.list.push(abbrev);
        if self.odd.is_empty() && code == u64::from(at) + 1 {
            return;
        }
        if self.odd.is_empty() {
            self.odd = (0..at).map(|place| (u64::from(place) + 1, place)).collect();
        }
        // Of two that share a code the first one counts.
        self.odd.entry(code).or_insert(at);
    }
}

/// The inner None ends the list of an abbreviation.
fn read_spec(reader: &mut Reader<'_>) -> Option<Option<Spec>> {
    let (name, form) = (reader.next()?, reader.next()?);
    if (name, form) == (0, 0) {
        return Some(None);
    }
    let (name, form) = (DwAt(u16::try_from(name).ok()?), DwForm(u16::try_from(form).ok()?));
    let constant = if form == dw::DW_FORM_implicit_const { reader.next_signed()? } else { 0 };
    Some(Some(Spec { name, form, constant }))
}

type Key = (usize, Widths);

/// The tables of a file by their offset.
pub(super) struct AbbrevTables<'d> {
    section: &'d [u8],
    tables: Mutex<HashMap<Key, Option<Arc<Abbrevs>>>>,
}

impl<'d> AbbrevTables<'d> {
    pub(super) fn new(section: &'d [u8]) -> Self {
        Self { section, tables: Mutex::default() }
    }

    /// The table at `offset`; None if it cannot be read. What overlapping tables cost is taken from `budget`.
    pub(super) fn get(&self, offset: usize, widths: Widths, budget: &Budget) -> Option<Arc<Abbrevs>> {
        let key = (offset, widths);
        // A poisoned lock means that a reader panicked, which its caller is told; the tables are whole.
        if let Some(known) = self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let bytes = self.section.get(offset..)?;
        let table = Abbrevs::parse(bytes, widths, budget).map(Arc::new);
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(key, table.clone());
        table
    }

    /// Whether an entry may name a function of another unit.
    ///
    /// Tables stand one after the other; what does not look so counts as yes.
    pub(super) fn refer_to_other_units(&self) -> bool {
        self.any(|spec| {
            let names = matches!(spec.name, dw::DW_AT_abstract_origin | dw::DW_AT_specification);
            names && matches!(spec.form, dw::DW_FORM_ref_addr | dw::DW_FORM_indirect)
        })
    }

    /// Whether the description of a unit may be in another file. What does not look like tables counts as yes.
    pub(super) fn name_split_units(&self) -> bool {
        self.any(|spec| matches!(spec.name, dw::DW_AT_dwo_name | dw::DW_AT_GNU_dwo_name))
    }

    fn any(&self, is_it: impl Fn(&Spec) -> bool) -> bool {
        let mut reader = Reader(self.section);
        while !reader.0.is_empty() {
            match reads_on(&mut reader, &is_it) {
                Some(false) => {}
                Some(true) | None => return true,
            }
        }
        false
    }
}

/// Reads one abbreviation or the end of a table; answers whether it has such an attribute.
fn reads_on(reader: &mut Reader<'_>, is_it: &impl Fn(&Spec) -> bool) -> Option<bool> {
    if reader.next()? == 0 {
        return Some(false);
    }
    reader.next()?;
    reader.0 = reader.0.get(1..)?;
    let mut has_it = false;
    while let Some(spec) = read_spec(reader)? {
        has_it |= is_it(&spec);
    }
    Some(has_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTHS: Widths = Widths { address: 8, offset: 4, reference: 4 };

    fn budget() -> Budget {
        Budget::new(0, 0, 0, 0)
    }

    #[test]
    fn steps_are_joined_but_not_across_the_sibling() {
        // subprogram, children: name strp, low_pc addr, sibling ref4, decl_line data1, frame_base exprloc.
        let table = [1, 0x2e, 1, 3, 0x0e, 0x11, 0x01, 0x01, 0x13, 0x3b, 0x0b, 0x40, 0x18, 0, 0, 0];
        let table = Abbrevs::parse(&table, WIDTHS, &budget()).unwrap();
        let abbrev = table.get(1).unwrap();
        let expected = [Step::Bytes(12), Step::Bytes(4), Step::Bytes(1), Step::Form(dw::DW_FORM_exprloc)];
        assert_eq!(table.steps(abbrev), expected);
        assert_eq!(abbrev.sibling, Some((1, dw::DW_FORM_ref4)));
        assert!(abbrev.has_code && abbrev.has_children);
    }

    #[test]
    fn codes_need_not_count_from_one() {
        let table = [7, 0x34, 0, 0, 0, 1, 0x2e, 0, 0, 0, 0];
        let table = Abbrevs::parse(&table, WIDTHS, &budget()).unwrap();
        assert_eq!(table.get(7).map(|abbrev| abbrev.tag), Some(dw::DW_TAG_variable));
        assert_eq!(table.get(1).map(|abbrev| abbrev.tag), Some(dw::DW_TAG_subprogram));
        assert_eq!(table.get(2), None);
        assert_eq!(table.get(0), None);
    }

    #[test]
    fn references_to_other_units_are_noticed() {
        let own = [1, 0x1d, 0, 0x31, 0x13, 0, 0, 0];
        let other = [1, 0x1d, 0, 0x31, 0x10, 0, 0, 0];
        assert!(!AbbrevTables::new(&own).refer_to_other_units());
        assert!(AbbrevTables::new(&[&own[..], &other[..]].concat()).refer_to_other_units());
        assert!(AbbrevTables::new(&own[..5]).refer_to_other_units());
    }
}
