//! Attributes of functions and inlined calls.

use gimli::constants as dw;

use super::Endian;
use super::abbrevs::Abbrev;
use super::entries::Entries;
use super::forms::Value;
use super::units::{EntryRef, Units};

/// What an entry says about code, name and call site. Values are as they stand in the entry.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Attributes<'u> {
    /// `DW_AT_low_pc`, `DW_AT_high_pc`, `DW_AT_ranges`.
    pub(super) range: [Option<Value<'u>>; 3],
    pub(super) entry_pc: Option<Value<'u>>,
    pub(super) linkage: Option<Value<'u>>,
    pub(super) plain: Option<Value<'u>>,
    pub(super) origin: Option<Value<'u>>,
    pub(super) specification: Option<Value<'u>>,
    pub(super) call_file: Option<u64>,
    /// 1-based; 0 unknown.
    pub(super) call_line: u32,
    /// 1-based; 0 unknown.
    pub(super) call_column: u32,
}

impl<'u> Attributes<'u> {
    /// Reads all attributes of the entry that was just begun. None if they cannot be read.
    pub(super) fn read<E: Endian>(entries: &mut Entries<'u, '_, E>, abbrev: &Abbrev) -> Option<Self> {
        let mut read = Self::default();
        for spec in entries.specs(abbrev) {
            let value = entries.value(spec)?;
            match spec.name {
                dw::DW_AT_low_pc => read.range[0] = Some(value),
                dw::DW_AT_high_pc => read.range[1] = Some(value),
                dw::DW_AT_ranges => read.range[2] = Some(value),
                dw::DW_AT_entry_pc => read.entry_pc = Some(value),
                dw::DW_AT_linkage_name | dw::DW_AT_MIPS_linkage_name => read.linkage = Some(value),
                dw::DW_AT_name => read.plain = Some(value),
                dw::DW_AT_abstract_origin => read.origin = Some(value),
                dw::DW_AT_specification => read.specification = Some(value),
                dw::DW_AT_call_file => read.call_file = value.number(),
                dw::DW_AT_call_line => read.call_line = small(value),
                dw::DW_AT_call_column => read.call_column = small(value),
                _ => {}
            }
        }
        Some(read)
    }

    /// The entry that this one takes its name from.
    pub(super) fn reference<E: Endian>(&self, units: &Units<'_, '_, E>, unit: usize) -> Option<EntryRef> {
        let target = |value| match value {
            Value::Entry(offset) => Some(EntryRef { unit, offset: usize::try_from(offset).ok()? }),
            Value::EntryAnywhere(offset) => units.entry_at(offset, unit),
            Value::SupplementaryEntry(offset) => units.supplementary_entry_at(offset),
            _ => None,
        };
        self.origin.and_then(target).or_else(|| self.specification.and_then(target))
    }
}

fn small(value: Value<'_>) -> u32 {
    value.number().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}
