//! Columns of the metadata tables: ECMA-335 II.22, and the Portable PDB specification for 0x30 and above.

use Column::{Blob, Coded, Guid, Index, String, U16, U32};

/// What a column holds, which says how wide it is.
#[derive(Clone, Copy)]
pub(super) enum Column {
    U16,
    U32,
    String,
    Guid,
    Blob,
    /// Row of one table.
    Index(usize),
    /// Row of one of several tables; the lowest bits say which.
    Coded(&'static CodedIndex),
}

/// Tables that a coded index can point at, and how many bits tell them apart.
pub(super) struct CodedIndex {
    pub(super) tag_bits: u32,
    pub(super) tables: &'static [usize],
}

pub(super) const TABLES: usize = 0x38;
pub(super) const TYPE_DEF: usize = 0x02;
pub(super) const METHOD_DEF: usize = 0x06;
pub(super) const NESTED_CLASS: usize = 0x29;
pub(super) const GENERIC_PARAM: usize = 0x2a;
pub(super) const DOCUMENT: usize = 0x30;
pub(super) const METHOD_DEBUG_INFORMATION: usize = 0x31;
pub(super) const STATE_MACHINE_METHOD: usize = 0x36;
pub(super) const CUSTOM_DEBUG_INFORMATION: usize = 0x37;

/// Tag of a document in the parent of custom debug information.
pub(super) const DOCUMENT_TAG: u32 = 22;

const TYPE_DEF_OR_REF: CodedIndex = CodedIndex { tag_bits: 2, tables: &[0x02, 0x01, 0x1b] };
const HAS_CONSTANT: CodedIndex = CodedIndex { tag_bits: 2, tables: &[0x04, 0x08, 0x17] };
const HAS_CUSTOM_ATTRIBUTE: CodedIndex = CodedIndex {
    tag_bits: 5,
    tables: &[
        0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26,
        0x27, 0x28, 0x2a, 0x2c, 0x2b,
    ],
};
const HAS_FIELD_MARSHAL: CodedIndex = CodedIndex { tag_bits: 1, tables: &[0x04, 0x08] };
const HAS_DECL_SECURITY: CodedIndex = CodedIndex { tag_bits: 2, tables: &[0x02, 0x06, 0x20] };
const MEMBER_REF_PARENT: CodedIndex = CodedIndex { tag_bits: 3, tables: &[0x02, 0x01, 0x1a, 0x06, 0x1b] };
const HAS_SEMANTICS: CodedIndex = CodedIndex { tag_bits: 1, tables: &[0x14, 0x17] };
const METHOD_DEF_OR_REF: CodedIndex = CodedIndex { tag_bits: 1, tables: &[0x06, 0x0a] };
const MEMBER_FORWARDED: CodedIndex = CodedIndex { tag_bits: 1, tables: &[0x04, 0x06] };
const IMPLEMENTATION: CodedIndex = CodedIndex { tag_bits: 2, tables: &[0x26, 0x23, 0x27] };
const CUSTOM_ATTRIBUTE_TYPE: CodedIndex = CodedIndex { tag_bits: 3, tables: &[0x06, 0x0a] };
const RESOLUTION_SCOPE: CodedIndex = CodedIndex { tag_bits: 2, tables: &[0x00, 0x1a, 0x23, 0x01] };
pub(super) const TYPE_OR_METHOD_DEF: CodedIndex = CodedIndex { tag_bits: 1, tables: &[0x02, 0x06] };
const HAS_CUSTOM_DEBUG_INFORMATION: CodedIndex = CodedIndex {
    tag_bits: 5,
    tables: &[
        0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0a, 0x00, 0x0e, 0x17, 0x14, 0x11, 0x1a, 0x1b, 0x20, 0x23, 0x26,
        0x27, 0x28, 0x2a, 0x2c, 0x2b, 0x30, 0x32, 0x33, 0x34, 0x35,
    ],
};

/// The columns of a table; None for a number that no standard gives a meaning.
pub(super) fn columns(table: usize) -> Option<&'static [Column]> {
    Some(match table {
        0x00 => &[U16, String, Guid, Guid, Guid],
        0x01 => &[Coded(&RESOLUTION_SCOPE), String, String],
        TYPE_DEF => &[U32, String, String, Coded(&TYPE_DEF_OR_REF), Index(0x04), Index(METHOD_DEF)],
        0x03 => &[Index(0x04)],
        0x04 => &[U16, String, Blob],
        0x05 => &[Index(METHOD_DEF)],
        METHOD_DEF => &[U32, U16, U16, String, Blob, Index(0x08)],
        0x07 => &[Index(0x08)],
        0x08 => &[U16, U16, String],
        0x09 => &[Index(TYPE_DEF), Coded(&TYPE_DEF_OR_REF)],
        0x0a => &[Coded(&MEMBER_REF_PARENT), String, Blob],
        0x0b => &[U16, Coded(&HAS_CONSTANT), Blob],
        0x0c => &[Coded(&HAS_CUSTOM_ATTRIBUTE), Coded(&CUSTOM_ATTRIBUTE_TYPE), Blob],
        0x0d => &[Coded(&HAS_FIELD_MARSHAL), Blob],
        0x0e => &[U16, Coded(&HAS_DECL_SECURITY), Blob],
        0x0f => &[U16, U32, Index(TYPE_DEF)],
        0x10 => &[U32, Index(0x04)],
        0x11 => &[Blob],
        0x12 => &[Index(TYPE_DEF), Index(0x14)],
        0x13 => &[Index(0x14)],
        0x14 => &[U16, String, Coded(&TYPE_DEF_OR_REF)],
        0x15 => &[Index(TYPE_DEF), Index(0x17)],
        0x16 => &[Index(0x17)],
        0x17 => &[U16, String, Blob],
        0x18 => &[U16, Index(METHOD_DEF), Coded(&HAS_SEMANTICS)],
        0x19 => &[Index(TYPE_DEF), Coded(&METHOD_DEF_OR_REF), Coded(&METHOD_DEF_OR_REF)],
        0x1a => &[String],
        0x1b => &[Blob],
        0x1c => &[U16, Coded(&MEMBER_FORWARDED), String, Index(0x1a)],
        0x1d => &[U32, Index(0x04)],
        0x1e => &[U32, U32],
        0x1f => &[U32],
        0x20 => &[U32, U16, U16, U16, U16, U32, Blob, String, String],
        0x21 => &[U32],
        0x22 => &[U32, U32, U32],
        0x23 => &[U16, U16, U16, U16, U32, Blob, String, String, Blob],
        0x24 => &[U32, Index(0x23)],
        0x25 => &[U32, U32, U32, Index(0x23)],
        0x26 => &[U32, String, Blob],
        0x27 => &[U32, U32, String, String, Coded(&IMPLEMENTATION)],
        0x28 => &[U32, U32, String, Coded(&IMPLEMENTATION)],
        NESTED_CLASS => &[Index(TYPE_DEF), Index(TYPE_DEF)],
        GENERIC_PARAM => &[U16, U16, Coded(&TYPE_OR_METHOD_DEF), String],
        0x2b => &[Coded(&METHOD_DEF_OR_REF), Blob],
        0x2c => &[Index(GENERIC_PARAM), Coded(&TYPE_DEF_OR_REF)],
        DOCUMENT => &[Blob, Guid, Blob, Guid],
        METHOD_DEBUG_INFORMATION => &[Index(DOCUMENT), Blob],
        0x32 => &[Index(METHOD_DEF), Index(0x35), Index(0x33), Index(0x34), U32, U32],
        0x33 => &[U16, U16, String],
        0x34 => &[String, Blob],
        0x35 => &[Index(0x35), Blob],
        STATE_MACHINE_METHOD => &[Index(METHOD_DEF), Index(METHOD_DEF)],
        CUSTOM_DEBUG_INFORMATION => &[Coded(&HAS_CUSTOM_DEBUG_INFORMATION), Guid, Blob],
        _ => return None,
    })
}
