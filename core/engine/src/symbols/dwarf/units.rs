//! The units of a file: headers at once, everything else when a unit is first needed.

use std::sync::OnceLock;

use gimli::{
    AttributeValue, DebugAddrBase, DebugInfoOffset, DebugLocListsBase, DebugRngListsBase,
    DebugStrOffsetsBase, Dwarf, SectionId, UnitHeader, UnitOffset, UnitSectionOffset, UnitType,
    constants as dw,
};

use super::abbrevs::AbbrevTables;
use super::attributes::attributes_of;
use super::qualify::ScopeMap;
use super::sections::Sections;
use super::{Endian, Slice};
use crate::symbols::text::cut_at_nul;

/// All units of `.debug_info`, ascending by offset.
pub(super) struct UnitTable<'d, E: Endian> {
    pub(super) dwarf: Dwarf<Slice<'d, E>>,
    endian: E,
    strings: &'d [u8],
    line_strings: &'d [u8],
    line_section: &'d [u8],
    slots: Vec<Slot<'d, E>>,
    abbrevs: AbbrevTables<'d, E>,
}

struct Slot<'d, E: Endian> {
    header: UnitHeader<Slice<'d, E>>,
    start: usize,
    unit: OnceLock<Option<Unit<'d, E>>>,
}

/// What the root of a unit says.
pub(super) struct Unit<'d, E: Endian> {
    pub(super) inner: gimli::Unit<Slice<'d, E>>,
    /// 1 C, 2 C++, 3 Rust, 4 other, 0 unknown.
    pub(super) language: u8,
    /// The compilation directory.
    pub(super) directory: Option<&'d [u8]>,
    /// Offset of the line program in `.debug_line`.
    pub(super) line_program: Option<usize>,
    /// The debug info proper is in another file.
    pub(super) is_skeleton: bool,
    /// Holds what several units share; not compiled by itself.
    pub(super) is_partial: bool,
    /// Functions may be described inside of types.
    pub(super) types_hold_functions: bool,
    pub(super) scopes: OnceLock<ScopeMap<'d>>,
}

/// A debugging information entry: index of its unit, offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryRef {
    pub(super) unit: usize,
    pub(super) offset: UnitOffset<usize>,
}

impl<'d, E: Endian> UnitTable<'d, E> {
    /// Reads the headers. A damaged header hides the units after it.
    pub(super) fn new(sections: &'d Sections<'_>, endian: E) -> Self {
        let dwarf = sections.dwarf(endian);
        let mut slots = Vec::new();
        let mut headers = dwarf.units();
        while let Ok(Some(header)) = headers.next() {
            let UnitSectionOffset(start) = header.offset();
            slots.push(Slot { header, start, unit: OnceLock::new() });
        }
        let offsets = slots.iter().map(|slot| slot.header.debug_abbrev_offset().0).collect();
        let abbrevs = AbbrevTables::new(sections.get(SectionId::DebugAbbrev), endian, offsets);
        let strings = sections.get(SectionId::DebugStr);
        let line_strings = sections.get(SectionId::DebugLineStr);
        let line_section = sections.get(SectionId::DebugLine);
        Self { dwarf, endian, strings, line_strings, line_section, slots, abbrevs }
    }

    pub(super) fn endian(&self) -> E {
        self.endian
    }

    /// Bytes of `.debug_line`.
    pub(super) fn line_section(&self) -> &'d [u8] {
        self.line_section
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// None if the unit cannot be read.
    pub(super) fn unit(&self, index: usize) -> Option<&Unit<'d, E>> {
        let slot = self.slots.get(index)?;
        slot.unit.get_or_init(|| self.read(slot)).as_ref()
    }

    /// The entry at an offset in `.debug_info`.
    pub(super) fn entry_at(&self, DebugInfoOffset(offset): DebugInfoOffset<usize>) -> Option<EntryRef> {
        let unit = self.slots.partition_point(|slot| slot.start <= offset).checked_sub(1)?;
        Some(EntryRef { unit, offset: UnitOffset(offset - self.slots.get(unit)?.start) })
    }

    /// The text of an attribute; None where there is none, or only in another file.
    pub(super) fn string(
        &self,
        unit: &gimli::Unit<Slice<'d, E>>,
        value: AttributeValue<Slice<'d, E>>,
    ) -> Option<&'d [u8]> {
        let text = match value {
            AttributeValue::String(text) => cut_at_nul(text.slice(), 0),
            AttributeValue::DebugStrRef(offset) => cut_at_nul(self.strings, offset.0),
            AttributeValue::DebugLineStrRef(offset) => cut_at_nul(self.line_strings, offset.0),
            AttributeValue::DebugStrOffsetsIndex(index) => {
                let offset = self.dwarf.string_offset(unit, index).ok()?;
                cut_at_nul(self.strings, offset.0)
            }
            _ => None,
        };
        text.filter(|text| !text.is_empty())
    }

    fn read(&self, slot: &Slot<'d, E>) -> Option<Unit<'d, E>> {
        let abbreviations = self.abbrevs.get(slot.header.debug_abbrev_offset().0)?;
        let mut unit = Unit {
            inner: gimli::Unit {
                header: slot.header,
                abbreviations,
                name: None,
                comp_dir: None,
                low_pc: 0,
                str_offsets_base: DebugStrOffsetsBase(0),
                addr_base: DebugAddrBase(0),
                loclists_base: DebugLocListsBase(0),
                rnglists_base: DebugRngListsBase(0),
                line_program: None,
                dwo_id: None,
            },
            language: 0,
            directory: None,
            line_program: None,
            is_skeleton: matches!(slot.header.type_(), UnitType::Skeleton(_)),
            is_partial: matches!(slot.header.type_(), UnitType::Partial),
            types_hold_functions: true,
            scopes: OnceLock::new(),
        };
        self.read_root(&mut unit)?;
        Some(unit)
    }

    fn read_root(&self, unit: &mut Unit<'d, E>) -> Option<()> {
        let abbreviations = unit.inner.abbreviations.clone();
        let mut entries = unit.inner.header.entries_raw(&abbreviations, None).ok()?;
        let abbreviation = entries.read_abbreviation().ok()??;
        unit.is_partial |= abbreviation.tag() == dw::DW_TAG_partial_unit;
        let mut attributes = Vec::new();
        for specification in attributes_of(abbreviation)? {
            attributes.push(entries.read_attribute(*specification).ok()?);
        }
        // Addresses and strings may be indexes that count from bases which stand later in the list.
        for attribute in &attributes {
            read_base(unit, attribute.value());
        }
        for attribute in &attributes {
            self.read_root_attribute(unit, attribute.name(), attribute.value());
        }
        Some(())
    }

    fn read_root_attribute(
        &self,
        unit: &mut Unit<'d, E>,
        name: gimli::DwAt,
        value: AttributeValue<Slice<'d, E>>,
    ) {
        match (name, value) {
            (dw::DW_AT_low_pc, value) => {
                unit.inner.low_pc = self.dwarf.attr_address(&unit.inner, value).ok().flatten().unwrap_or(0);
            }
            (dw::DW_AT_comp_dir, value) => unit.directory = self.string(&unit.inner, value),
            (dw::DW_AT_stmt_list, AttributeValue::DebugLineRef(offset)) => unit.line_program = Some(offset.0),
            (dw::DW_AT_language, AttributeValue::Language(language)) => {
                unit.language = language_code(language);
                unit.types_hold_functions = !matches!(unit.language, 1 | 2);
            }
            (dw::DW_AT_dwo_name | dw::DW_AT_GNU_dwo_name, _) => unit.is_skeleton = true,
            _ => {}
        }
    }
}

impl<E: Endian> Unit<'_, E> {
    pub(super) fn is_type_unit(&self) -> bool {
        matches!(self.inner.header.type_(), UnitType::Type { .. } | UnitType::SplitType { .. })
    }
}

fn read_base<E: Endian>(unit: &mut Unit<'_, E>, value: AttributeValue<Slice<'_, E>>) {
    match value {
        AttributeValue::DebugStrOffsetsBase(base) => unit.inner.str_offsets_base = base,
        AttributeValue::DebugAddrBase(base) => unit.inner.addr_base = base,
        AttributeValue::DebugRngListsBase(base) => unit.inner.rnglists_base = base,
        _ => {}
    }
}

fn language_code(language: gimli::DwLang) -> u8 {
    match language {
        dw::DW_LANG_C | dw::DW_LANG_C89 | dw::DW_LANG_C99 | dw::DW_LANG_C11 | dw::DW_LANG_C17 => 1,
        dw::DW_LANG_C_plus_plus
        | dw::DW_LANG_C_plus_plus_03
        | dw::DW_LANG_C_plus_plus_11
        | dw::DW_LANG_C_plus_plus_14
        | dw::DW_LANG_C_plus_plus_17
        | dw::DW_LANG_C_plus_plus_20 => 2,
        dw::DW_LANG_Rust => 3,
        dw::DW_LANG_Swift => 5,
        dw::DW_LANG_ObjC => 6,
        dw::DW_LANG_ObjC_plus_plus => 7,
        dw::DW_LANG_D => 8,
        dw::DW_LANG_Go => 9,
        // C#, which gimli has no name for.
        gimli::DwLang(0x32) => 10,
        dw::DW_LANG_Kotlin => 11,
        _ => 4,
    }
}
