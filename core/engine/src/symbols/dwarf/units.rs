//! The units of a file: headers at once, everything else when a unit is first needed.

use std::sync::{Arc, OnceLock};

use gimli::{
    DebugAddrBase, DebugAddrIndex, DebugInfo, DebugLocListsBase, DebugRngListsBase, DebugRngListsIndex,
    DebugStrOffsetsBase, DebugStrOffsetsIndex, Dwarf, DwarfFileType, RangeListsOffset, RawRangeListsOffset,
    RngListIter, UnitHeader, UnitSectionOffset, UnitType, constants as dw,
};

use super::abbrevs::Abbrevs;
use super::entries::Entries;
use super::forms::{Value, Widths};
use super::languages::language_code;
use super::shared::{Inherited, Shared, Tables};
use super::text::Text;
use super::wanted::Wanted;
use super::{Endian, Slice};
use crate::symbols::text::cut_at_nul;

/// An entry is shorter; a reference into the middle of a long string must not be read to its end.
const MAX_ENTRY: usize = 64 * 1024;

/// Units of `.debug_info`, ascending by offset: all of them, or one where none refers to another.
pub(super) struct Units<'u, 'd, E: Endian> {
    pub(super) shared: &'u Shared<'d, E>,
    /// Those of the supplementary file come last.
    slots: Vec<Slot<'u, E>>,
    len: usize,
}

struct Slot<'u, E: Endian> {
    header: UnitHeader<Slice<'u, E>>,
    /// Offset in `.debug_info`.
    start: usize,
    bytes: &'u [u8],
    unit: OnceLock<Option<Unit<'u, E>>>,
}

/// What the root of a unit says.
pub(super) struct Unit<'u, E: Endian> {
    pub(super) inner: gimli::Unit<Slice<'u, E>>,
    /// 1 C, 2 C++, 3 Rust, 4 other, 0 unknown.
    pub(super) language: u8,
    /// The compilation directory.
    pub(super) directory: Option<&'u [u8]>,
    /// Offset of the line program in `.debug_line`.
    pub(super) line_program: Option<usize>,
    /// The debug info proper is in another file.
    pub(super) is_skeleton: bool,
    /// What a skeleton and its other half know each other by.
    pub(super) dwo_id: Option<u64>,
    /// Path of the file with the other half of a skeleton.
    pub(super) dwo_name: Option<&'u [u8]>,
    is_supplementary: bool,
    /// Holds what several units share; not compiled by itself.
    pub(super) is_partial: bool,
    /// Functions may be described inside of types.
    pub(super) types_hold_functions: bool,
    root: Root<'u>,
    bytes: &'u [u8],
    abbrevs: Arc<Abbrevs>,
    endian: E,
}

/// Where the root says that the unit's code lies.
#[derive(Default, Clone, Copy)]
struct Root<'u> {
    low: Option<Value<'u>>,
    high: Option<Value<'u>>,
    ranges: Option<Value<'u>>,
}

/// A debugging information entry: index of its unit, offset in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EntryRef {
    pub(super) unit: usize,
    pub(super) offset: usize,
}

impl<'u, 'd, E: Endian> Units<'u, 'd, E> {
    /// Reads the headers in `bytes`, which start at offset `start` of `.debug_info`. A damaged header hides the
    /// units after it, and so does a limit that no real file reaches.
    pub(super) fn new(shared: &'u Shared<'d, E>, bytes: &'u [u8], start: usize) -> Self {
        let mut slots = slots(bytes, start, shared);
        let len = slots.len();
        if let Some(supplementary) = &shared.supplementary {
            slots.extend(self::slots(supplementary.info, 0, shared));
        }
        Self { shared, slots, len }
    }

    /// How many there are, those of the supplementary file left out.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Offset of a unit in `.debug_info`.
    pub(super) fn start(&self, index: usize) -> Option<usize> {
        self.slots.get(index).map(|slot| slot.start)
    }

    /// None if the unit cannot be read.
    pub(super) fn unit(&self, index: usize) -> Option<&Unit<'u, E>> {
        let slot = self.slots.get(index)?;
        slot.unit.get_or_init(|| self.read(slot, index >= self.len)).as_ref()
    }

    /// The entry at an offset in `.debug_info` of the file that `from`, a unit, is in.
    pub(super) fn entry_at(&self, offset: u64, from: usize) -> Option<EntryRef> {
        if from >= self.len {
            self.supplementary_entry_at(offset)
        } else {
            entry_among(&self.slots[..self.len], offset)
        }
    }

    /// The entry at an offset in `.debug_info` of the supplementary file.
    pub(super) fn supplementary_entry_at(&self, offset: u64) -> Option<EntryRef> {
        let entry = entry_among(&self.slots[self.len..], offset)?;
        Some(EntryRef { unit: entry.unit + self.len, ..entry })
    }

    /// What a split unit has from this one.
    pub(super) fn inheritance(&self, unit: &Unit<'u, E>) -> Inherited {
        let gimli::Unit { low_pc, addr_base, rnglists_base, .. } = &unit.inner;
        Inherited { low_pc: *low_pc, addr_base: addr_base.0, ranges_base: rnglists_base.0 }
    }

    fn tables(&self, is_supplementary: bool) -> &'u Tables<'d> {
        match &self.shared.supplementary {
            Some(supplementary) if is_supplementary => &supplementary.tables,
            _ => &self.shared.own,
        }
    }

    fn supplementary_strings(&self) -> Option<&'d [u8]> {
        self.shared.supplementary.as_ref().map(|supplementary| supplementary.tables.strings)
    }

    /// The text of an attribute; None where there is none, or only in another file.
    pub(super) fn text(&self, unit: &Unit<'_, E>, value: Value<'_>) -> Option<Text<'d>> {
        let tables = self.tables(unit.is_supplementary);
        match value {
            Value::Text(text) => Text::copied(text),
            Value::TextAt(offset) => Text::in_table(tables.strings, offset),
            Value::LineTextAt(offset) => Text::in_table(tables.line_strings, offset),
            Value::TextIndex(index) => Text::in_table(tables.strings, self.string_offset(unit, index)?),
            Value::SupplementaryTextAt(offset) => Text::in_table(self.supplementary_strings()?, offset),
            _ => None,
        }
    }

    /// The same where it need not outlive the unit.
    pub(super) fn bytes(&self, unit: &Unit<'u, E>, value: Value<'u>) -> Option<&'u [u8]> {
        let table = |table, offset| cut_at_nul(table, usize::try_from(offset).ok()?);
        let tables = self.tables(unit.is_supplementary);
        let text = match value {
            Value::Text(text) => Some(text),
            Value::TextAt(offset) => table(tables.strings, offset),
            Value::LineTextAt(offset) => table(tables.line_strings, offset),
            Value::TextIndex(index) => table(tables.strings, self.string_offset(unit, index)?),
            Value::SupplementaryTextAt(offset) => table(self.supplementary_strings()?, offset),
            _ => None,
        };
        text.filter(|text| !text.is_empty())
    }

    fn string_offset(&self, unit: &Unit<'_, E>, index: u64) -> Option<u64> {
        let index = DebugStrOffsetsIndex(usize::try_from(index).ok()?);
        let (format, base) = (unit.inner.header.format(), unit.inner.str_offsets_base);
        let offset = self.shared.dwarf.debug_str_offsets.get_str_offset(format, base, index).ok()?;
        Some(offset.0 as u64)
    }

    /// The address that an attribute says.
    pub(super) fn address(&self, unit: &Unit<'u, E>, value: Value<'_>) -> Option<u64> {
        match value {
            Value::Address(address) => Some(address),
            Value::AddressIndex(index) => {
                let index = DebugAddrIndex(usize::try_from(index).ok()?);
                self.dwarf().address(&unit.inner, index).ok()
            }
            _ => None,
        }
    }

    /// Calls `visit` with every range that an entry claims, until it answers false.
    pub(super) fn for_each_range(
        &self,
        unit: &Unit<'u, E>,
        [low, high, ranges]: [Option<Value<'_>>; 3],
        visit: &mut dyn FnMut(gimli::Range) -> bool,
    ) {
        if let Some(ranges) = ranges {
            let Some(mut ranges) = self.range_list(unit, ranges) else { return };
            while let Ok(Some(range)) = ranges.next() {
                if !visit(range) {
                    return;
                }
            }
        } else if let (Some(begin), Some(high)) = (low.and_then(|low| self.address(unit, low)), high) {
            let end = match high.number() {
                Some(length) => begin.checked_add(length),
                None => self.address(unit, high),
            };
            visit(gimli::Range { begin, end: end.unwrap_or(begin) });
        }
    }

    fn range_list(&self, unit: &Unit<'u, E>, value: Value<'_>) -> Option<RngListIter<Slice<'u, E>>> {
        let dwarf = self.dwarf();
        let offset = match value {
            Value::ListIndex(index) => {
                let index = DebugRngListsIndex(usize::try_from(index).ok()?);
                dwarf.ranges_offset(&unit.inner, index).ok()?
            }
            value => {
                let offset = RawRangeListsOffset(usize::try_from(value.number()?).ok()?);
                dwarf.ranges_offset_from_raw(&unit.inner, offset)
            }
        };
        self.ranges_at(unit, offset)
    }

    fn ranges_at(
        &self,
        unit: &Unit<'u, E>,
        offset: RangeListsOffset<usize>,
    ) -> Option<RngListIter<Slice<'u, E>>> {
        self.dwarf().ranges(&unit.inner, offset).ok()
    }

    fn dwarf(&self) -> &'u Dwarf<Slice<'u, E>> {
        &self.shared.dwarf
    }

    /// Whether the unit may say something that is wanted: its root lists the code of the unit, or does not say
    /// where it lies.
    pub(super) fn may_cover(&self, unit: &Unit<'u, E>, wanted: Wanted<'_>) -> bool {
        let root = unit.root;
        if matches!(wanted, Wanted::All) || (root.ranges.is_none() && root.high.is_none()) {
            return true;
        }
        let mut covers = false;
        self.for_each_range(unit, [root.low, root.high, root.ranges], &mut |range| {
            covers |= wanted.includes(&(range.begin..range.end));
            !covers && self.shared.budget.take_range()
        });
        covers
    }

    fn read(&self, slot: &Slot<'u, E>, is_supplementary: bool) -> Option<Unit<'u, E>> {
        let widths = Widths::of(slot.header.encoding());
        let offset = slot.header.debug_abbrev_offset().0;
        let abbrevs = self.tables(is_supplementary).abbrevs.get(offset, widths, &self.shared.budget)?;
        let mut unit = Unit {
            inner: gimli_unit(slot.header, self.shared.dwarf.file_type, self.shared.inherited),
            dwo_id: match slot.header.type_() {
                UnitType::Skeleton(id) | UnitType::SplitCompilation(id) => Some(id.0),
                _ => None,
            },
            dwo_name: None,
            is_supplementary,
            language: 0,
            directory: None,
            line_program: None,
            is_skeleton: matches!(slot.header.type_(), UnitType::Skeleton(_)),
            is_partial: matches!(slot.header.type_(), UnitType::Partial),
            types_hold_functions: true,
            root: Root::default(),
            bytes: slot.bytes,
            abbrevs,
            endian: self.shared.endian,
        };
        self.read_root(&mut unit)?;
        Some(unit)
    }

    fn read_root(&self, unit: &mut Unit<'u, E>) -> Option<()> {
        let abbrevs = unit.abbrevs.clone();
        let mut entries = unit.entries_with(&abbrevs, unit.inner.header.root_offset().0);
        let abbrev = entries.next()??;
        unit.is_partial |= abbrev.tag == dw::DW_TAG_partial_unit;
        let specs = abbrevs.specs(abbrev);
        let mut values = Vec::with_capacity(specs.len());
        for spec in specs {
            values.push((spec.name, entries.value(spec)?));
        }
        // Addresses and strings may be indexes that count from bases which stand later in the list.
        for (name, value) in &values {
            read_base(unit, *name, *value);
        }
        for (name, value) in values {
            self.read_root_attribute(unit, name, value);
        }
        Some(())
    }

    fn read_root_attribute(&self, unit: &mut Unit<'u, E>, name: gimli::DwAt, value: Value<'u>) {
        match name {
            dw::DW_AT_low_pc => {
                unit.root.low = Some(value);
                unit.inner.low_pc = self.address(unit, value).unwrap_or(0);
            }
            dw::DW_AT_high_pc => unit.root.high = Some(value),
            dw::DW_AT_ranges => unit.root.ranges = Some(value),
            dw::DW_AT_comp_dir => unit.directory = self.bytes(unit, value),
            dw::DW_AT_stmt_list => {
                unit.line_program = value.number().and_then(|offset| usize::try_from(offset).ok());
            }
            dw::DW_AT_language => {
                unit.language = value.number().map_or(0, language_code);
                unit.types_hold_functions = !matches!(unit.language, 1 | 2);
            }
            dw::DW_AT_dwo_name | dw::DW_AT_GNU_dwo_name => {
                let is_split = self.shared.dwarf.file_type == DwarfFileType::Dwo;
                unit.is_skeleton = !is_split;
                unit.dwo_name = self.bytes(unit, value);
            }
            dw::DW_AT_GNU_dwo_id => unit.dwo_id = value.number(),
            _ => {}
        }
    }
}

impl<'u, E: Endian> Unit<'u, E> {
    pub(super) fn is_type_unit(&self) -> bool {
        matches!(self.inner.header.type_(), UnitType::Type { .. } | UnitType::SplitType { .. })
    }

    /// Bytes of the unit.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The entries from the root on.
    pub(super) fn entries(&self) -> Entries<'u, '_, E> {
        self.entries_with(&self.abbrevs, self.inner.header.root_offset().0)
    }

    /// The one entry at `offset`, in bytes from the start of the unit.
    pub(super) fn entry_at(&self, offset: usize) -> Entries<'u, '_, E> {
        let end = self.bytes.len().min(offset.saturating_add(MAX_ENTRY));
        Entries::new(&self.bytes[..end], offset, &self.abbrevs, self.widths(), self.endian)
    }

    fn entries_with<'t>(&self, abbrevs: &'t Abbrevs, offset: usize) -> Entries<'u, 't, E> {
        Entries::new(self.bytes, offset, abbrevs, self.widths(), self.endian)
    }

    fn widths(&self) -> Widths {
        Widths::of(self.inner.header.encoding())
    }
}

fn slots<'u, E: Endian>(bytes: &'u [u8], start: usize, shared: &Shared<'_, E>) -> Vec<Slot<'u, E>> {
    let mut slots = Vec::new();
    let mut headers = DebugInfo::new(bytes, shared.endian).units();
    while let Ok(Some(header)) = headers.next() {
        let UnitSectionOffset(at) = header.offset();
        let Some(bytes) = bytes.get(at..at + header.length_including_self()) else { break };
        if !shared.budget.take_unit() {
            break;
        }
        slots.push(Slot { header, start: start + at, bytes, unit: OnceLock::new() });
    }
    slots
}

/// The entry at an offset, by its index among the units.
fn entry_among<E: Endian>(slots: &[Slot<'_, E>], offset: u64) -> Option<EntryRef> {
    let offset = usize::try_from(offset).ok()?;
    let unit = slots.partition_point(|slot| slot.start <= offset).checked_sub(1)?;
    let slot = slots.get(unit)?;
    let offset = offset - slot.start;
    (offset < slot.bytes.len()).then_some(EntryRef { unit, offset })
}

/// What gimli wants to know of a unit whose lists of ranges it reads.
fn gimli_unit<E: Endian>(
    header: UnitHeader<Slice<'_, E>>,
    file_type: DwarfFileType,
    inherited: Inherited,
) -> gimli::Unit<Slice<'_, E>> {
    let encoding = header.encoding();
    let is_old_split = file_type == DwarfFileType::Dwo && encoding.version < 5;
    let rnglists_base = match is_old_split {
        true => DebugRngListsBase(inherited.ranges_base),
        false => DebugRngListsBase::default_for_encoding_and_file(encoding, file_type),
    };
    gimli::Unit {
        header,
        abbreviations: Arc::default(),
        name: None,
        comp_dir: None,
        low_pc: inherited.low_pc,
        str_offsets_base: DebugStrOffsetsBase::default_for_encoding_and_file(encoding, file_type),
        addr_base: DebugAddrBase(inherited.addr_base),
        loclists_base: DebugLocListsBase(0),
        rnglists_base,
        line_program: None,
        dwo_id: None,
    }
}

fn read_base<E: Endian>(unit: &mut Unit<'_, E>, name: gimli::DwAt, value: Value<'_>) {
    let Some(base) = value.number().and_then(|base| usize::try_from(base).ok()) else { return };
    match name {
        dw::DW_AT_str_offsets_base => unit.inner.str_offsets_base = DebugStrOffsetsBase(base),
        dw::DW_AT_addr_base | dw::DW_AT_GNU_addr_base => unit.inner.addr_base = DebugAddrBase(base),
        dw::DW_AT_rnglists_base | dw::DW_AT_GNU_ranges_base => {
            unit.inner.rnglists_base = DebugRngListsBase(base);
        }
        _ => {}
    }
}
