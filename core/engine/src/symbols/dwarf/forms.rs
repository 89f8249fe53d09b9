//! Attribute values by their form (DWARF 5, section 7.5.6).

use gimli::{DwForm, constants as dw};

/// What the sizes of a unit's forms depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Widths {
    /// Bytes of an address.
    pub(super) address: u8,
    /// Bytes of an offset into a section: 4 or 8.
    pub(super) offset: u8,
    /// Bytes of `DW_FORM_ref_addr`, which was an address in DWARF 2.
    pub(super) reference: u8,
}

impl Widths {
    pub(super) fn of(encoding: gimli::Encoding) -> Self {
        let offset = encoding.format.word_size();
        let reference = if encoding.version <= 2 { encoding.address_size } else { offset };
        Self { address: encoding.address_size, offset, reference }
    }
}

/// A value as it stands in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value<'u> {
    Address(u64),
    /// Index into `.debug_addr`.
    AddressIndex(u64),
    Number(u64),
    Signed(i64),
    /// Offset into the section that the attribute is about.
    Offset(u64),
    /// Index into `.debug_rnglists` or `.debug_loclists`.
    ListIndex(u64),
    /// A string in the entry itself.
    Text(&'u [u8]),
    /// Offset into `.debug_str`.
    TextAt(u64),
    /// Offset into `.debug_line_str`.
    LineTextAt(u64),
    /// Index into `.debug_str_offsets`.
    TextIndex(u64),
    /// Offset into `.debug_str` of the supplementary file.
    SupplementaryTextAt(u64),
    /// Offset of an entry from the start of its unit.
    Entry(u64),
    /// Offset of an entry in `.debug_info`.
    EntryAnywhere(u64),
    /// Offset of an entry in `.debug_info` of the supplementary file.
    SupplementaryEntry(u64),
    /// Anything that is of no interest here.
    Other,
}

impl Value<'_> {
    /// A number that cannot be negative.
    pub(super) fn number(self) -> Option<u64> {
        match self {
            Self::Number(number) | Self::Offset(number) => Some(number),
            Self::Signed(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }
}

/// Bytes of a value; None where the value itself says.
pub(super) fn fixed_size(form: DwForm, widths: Widths) -> Option<u32> {
    let size = match form {
        dw::DW_FORM_flag_present | dw::DW_FORM_implicit_const => 0,
        dw::DW_FORM_data1 | dw::DW_FORM_ref1 | dw::DW_FORM_flag | dw::DW_FORM_strx1 | dw::DW_FORM_addrx1 => 1,
        dw::DW_FORM_data2 | dw::DW_FORM_ref2 | dw::DW_FORM_strx2 | dw::DW_FORM_addrx2 => 2,
        dw::DW_FORM_strx3 | dw::DW_FORM_addrx3 => 3,
        dw::DW_FORM_data4
        | dw::DW_FORM_ref4
        | dw::DW_FORM_strx4
        | dw::DW_FORM_addrx4
        | dw::DW_FORM_ref_sup4 => 4,
        dw::DW_FORM_data8 | dw::DW_FORM_ref8 | dw::DW_FORM_ref_sig8 | dw::DW_FORM_ref_sup8 => 8,
        dw::DW_FORM_data16 => 16,
        dw::DW_FORM_addr => widths.address,
        dw::DW_FORM_sec_offset
        | dw::DW_FORM_strp
        | dw::DW_FORM_line_strp
        | dw::DW_FORM_strp_sup
        | dw::DW_FORM_GNU_ref_alt
        | dw::DW_FORM_GNU_strp_alt => widths.offset,
        dw::DW_FORM_ref_addr => widths.reference,
        _ => return None,
    };
    Some(size.into())
}
