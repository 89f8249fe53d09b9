//! Attributes of functions and inlined calls.

use gimli::{Abbreviation, AttributeSpecification, AttributeValue, EntriesRaw, UnitOffset, constants as dw};

use super::units::{EntryRef, Unit, UnitTable};
use super::{Endian, Slice};

/// Compilers write two dozen attributes; thousands that take no room would make every entry expensive.
const MAX_ATTRIBUTES: usize = 96;

type Value<'d, E> = AttributeValue<Slice<'d, E>>;

/// The attributes of an abbreviation; None if there are unreasonably many.
pub(super) fn attributes_of(abbreviation: &Abbreviation) -> Option<&[AttributeSpecification]> {
    let attributes = abbreviation.attributes();
    (attributes.len() <= MAX_ATTRIBUTES).then_some(attributes)
}

/// What an entry says about code, name and call site. Values are as they stand in the entry.
pub(super) struct Attributes<'d, E: Endian> {
    pub(super) low_pc: Option<Value<'d, E>>,
    pub(super) high_pc: Option<Value<'d, E>>,
    pub(super) ranges: Option<Value<'d, E>>,
    pub(super) entry_pc: Option<Value<'d, E>>,
    pub(super) linkage: Option<Value<'d, E>>,
    pub(super) plain: Option<Value<'d, E>>,
    pub(super) origin: Option<Value<'d, E>>,
    pub(super) specification: Option<Value<'d, E>>,
    pub(super) call_file: Option<u64>,
    /// 1-based; 0 unknown.
    pub(super) call_line: u32,
    /// 1-based; 0 unknown.
    pub(super) call_column: u32,
    pub(super) sibling: Option<UnitOffset<usize>>,
}

impl<'d, E: Endian> Attributes<'d, E> {
    /// Reads all attributes of the entry whose abbreviation was just read. None if they cannot be read.
    pub(super) fn read(
        entries: &mut EntriesRaw<'_, Slice<'d, E>>,
        abbreviation: &Abbreviation,
    ) -> Option<Self> {
        let mut read = Self {
            low_pc: None,
            high_pc: None,
            ranges: None,
            entry_pc: None,
            linkage: None,
            plain: None,
            origin: None,
            specification: None,
            call_file: None,
            call_line: 0,
            call_column: 0,
            sibling: None,
        };
        for specification in attributes_of(abbreviation)? {
            let attribute = entries.read_attribute_inline(*specification).ok()?;
            read.set(&attribute);
        }
        Some(read)
    }

    #[inline]
    fn set(&mut self, attribute: &gimli::Attribute<Slice<'d, E>>) {
        match attribute.name() {
            dw::DW_AT_low_pc => self.low_pc = Some(attribute.value()),
            dw::DW_AT_high_pc => self.high_pc = Some(attribute.value()),
            dw::DW_AT_ranges => self.ranges = Some(attribute.value()),
            dw::DW_AT_entry_pc => self.entry_pc = Some(attribute.value()),
            dw::DW_AT_linkage_name | dw::DW_AT_MIPS_linkage_name => self.linkage = Some(attribute.value()),
            dw::DW_AT_name => self.plain = Some(attribute.value()),
            dw::DW_AT_abstract_origin => self.origin = Some(attribute.value()),
            dw::DW_AT_specification => self.specification = Some(attribute.value()),
            dw::DW_AT_call_file => self.call_file = attribute_index(attribute),
            dw::DW_AT_call_line => self.call_line = attribute_number(attribute),
            dw::DW_AT_call_column => self.call_column = attribute_number(attribute),
            dw::DW_AT_sibling => self.sibling = sibling(attribute),
            _ => {}
        }
    }

    /// The entry that this one takes its name from.
    pub(super) fn reference(&self, table: &UnitTable<'d, E>, unit: usize) -> Option<EntryRef> {
        let target = |value| match value {
            AttributeValue::UnitRef(offset) => Some(EntryRef { unit, offset }),
            AttributeValue::DebugInfoRef(offset) => table.entry_at(offset),
            _ => None,
        };
        self.origin.and_then(target).or_else(|| self.specification.and_then(target))
    }

    /// Calls `visit` with every range of code that the entry claims.
    pub(super) fn for_each_range(
        &self,
        table: &UnitTable<'d, E>,
        unit: &Unit<'d, E>,
        visit: &mut dyn FnMut(gimli::Range) -> bool,
    ) {
        let address = |value| table.dwarf.attr_address(&unit.inner, value).ok().flatten();
        if let Some(ranges) = self.ranges {
            let Ok(Some(mut ranges)) = table.dwarf.attr_ranges(&unit.inner, ranges) else { return };
            while let Ok(Some(range)) = ranges.next() {
                if !visit(range) {
                    return;
                }
            }
        } else if let (Some(begin), Some(high)) = (self.low_pc.and_then(address), self.high_pc) {
            let end = match high.udata_value() {
                Some(length) => begin.checked_add(length),
                None => address(high),
            };
            visit(gimli::Range { begin, end: end.unwrap_or(begin) });
        }
    }
}

/// Skips the attributes of an entry and returns where its children end, if it says so.
pub(super) fn skip_to_sibling<'d, E: Endian>(
    entries: &mut EntriesRaw<'_, Slice<'d, E>>,
    abbreviation: &Abbreviation,
) -> Option<Option<UnitOffset<usize>>> {
    let specifications = attributes_of(abbreviation)?;
    let Some(at) = specifications.iter().position(|s| s.name() == dw::DW_AT_sibling) else {
        entries.skip_attributes(specifications).ok()?;
        return Some(None);
    };
    entries.skip_attributes(&specifications[..at]).ok()?;
    let attribute = entries.read_attribute(specifications[at]).ok()?;
    entries.skip_attributes(&specifications[at + 1..]).ok()?;
    Some(sibling(&attribute))
}

fn sibling<E: Endian>(attribute: &gimli::Attribute<Slice<'_, E>>) -> Option<UnitOffset<usize>> {
    if let AttributeValue::UnitRef(offset) = attribute.value() { Some(offset) } else { None }
}

fn attribute_index<E: Endian>(attribute: &gimli::Attribute<Slice<'_, E>>) -> Option<u64> {
    match attribute.value() {
        AttributeValue::FileIndex(index) => Some(index),
        value => value.udata_value(),
    }
}

fn attribute_number<E: Endian>(attribute: &gimli::Attribute<Slice<'_, E>>) -> u32 {
    attribute.udata_value().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}
