//! Source files of a portable PDB: their names, and their texts where the compiler embedded them.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::DeflateDecoder;

use super::cursor::Cursor;
use super::metadata::Metadata;
use super::schema::{CUSTOM_DEBUG_INFORMATION, DOCUMENT, DOCUMENT_TAG};
use crate::symbols::DebugFileError;

/// Longer names are cut: no file system has them.
const MAX_NAME: usize = 4096;
/// Names may take this much in all.
const MAX_NAMES: usize = 64 << 20;
/// A source file is smaller by far.
const MAX_SOURCE: usize = 64 << 20;
const PARENT_TAG_BITS: u32 = 5;

/// Kinds of custom debug information, as GUIDs lie in the file.
const EMBEDDED_SOURCE: [u8; 16] = guid(0x0e8a_571b, 0x6926, 0x466e, 0xb4ad_8ab0_4611_f5fe);
const SOURCE_LINK: [u8; 16] = guid(0xcc11_0556, 0xa091, 0x4d38, 0x9fec_25ab_9a35_1a6a);
const CSHARP: [u8; 16] = guid(0x3f51_62f8, 0x07c6, 0x11d3, 0x9053_00c0_4fa3_02a1);
const VISUAL_BASIC: [u8; 16] = guid(0x3a12_d0b8, 0xc26c, 0x11d0, 0xb442_00a0_244a_1dd2);
const FSHARP: [u8; 16] = guid(0xab4f_38c9, 0xb6e6, 0x43ba, 0xbe3b_5808_0b2c_cce3);

const fn guid(a: u32, b: u16, c: u16, rest: u64) -> [u8; 16] {
    let (a, b, c, d) = (a.to_le_bytes(), b.to_le_bytes(), c.to_le_bytes(), rest.to_be_bytes());
    [a[0], a[1], a[2], a[3], b[0], b[1], c[0], c[1], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7]]
}

/// The names of all documents, by row; the first one is empty, as rows count from 1.
pub(super) fn names(metadata: &Metadata<'_>) -> Vec<Vec<u8>> {
    let mut room = MAX_NAMES;
    let name = |row| {
        let name = name(metadata, row).filter(|name| name.len() <= room).unwrap_or_default();
        room -= name.len();
        name
    };
    (0..=metadata.rows(DOCUMENT)).map(name).collect()
}

/// Parts of the heap, joined by the blob's first byte, which is 0 for none.
fn name(metadata: &Metadata<'_>, row: u32) -> Option<Vec<u8>> {
    let mut cursor = Cursor(metadata.blob(metadata.cell(DOCUMENT, row, 0)?));
    let separator = cursor.u8()?;
    let mut name = Vec::new();
    let mut is_first = true;
    while !cursor.0.is_empty() {
        name.extend(Some(separator).filter(|separator| *separator != 0 && !is_first));
        is_first = false;
        name.extend_from_slice(metadata.blob(cursor.unsigned()?));
        if name.len() > MAX_NAME {
            name.truncate(MAX_NAME);
            break;
        }
    }
    Some(name)
}

/// What Sentry calls the language that a document is written in; 0 if unknown.
pub(super) fn language(metadata: &Metadata<'_>, row: u32) -> u8 {
    match metadata.cell(DOCUMENT, row, 3).and_then(|index| metadata.guid(index)) {
        Some(CSHARP) => super::CSHARP,
        Some(VISUAL_BASIC) => super::VISUAL_BASIC,
        Some(FSHARP) => super::FSHARP,
        _ => 0,
    }
}

/// Blobs of the embedded sources by document row.
pub(super) fn embedded<'d>(metadata: &Metadata<'d>) -> HashMap<u32, &'d [u8]> {
    let of_document = |(parent, blob): (u32, &'d [u8])| {
        let tag = parent & ((1 << PARENT_TAG_BITS) - 1);
        (tag == DOCUMENT_TAG).then_some((parent >> PARENT_TAG_BITS, blob))
    };
    custom(metadata, EMBEDDED_SOURCE).filter_map(of_document).collect()
}

/// JSON that says where sources can be fetched.
pub(super) fn source_link<'d>(metadata: &Metadata<'d>) -> Option<&'d [u8]> {
    custom(metadata, SOURCE_LINK).map(|(_, blob)| blob).find(|blob| !blob.is_empty())
}

/// Parent and value of every custom debug information of one kind.
fn custom<'a, 'd>(metadata: &'a Metadata<'d>, kind: [u8; 16]) -> impl Iterator<Item = (u32, &'d [u8])> + 'a {
    (1..=metadata.rows(CUSTOM_DEBUG_INFORMATION)).filter_map(move |row| {
        let cell = |column| metadata.cell(CUSTOM_DEBUG_INFORMATION, row, column);
        (metadata.guid(cell(1)?)? == kind).then_some((cell(0)?, metadata.blob(cell(2)?)))
    })
}

/// The text behind an embedded source's blob: a format of four bytes, then the text as it is or deflated.
pub(super) fn text(blob: &[u8]) -> Result<Vec<u8>, DebugFileError> {
    let mut cursor = Cursor(blob);
    match cursor.u32().map(u32::cast_signed) {
        Some(0) => Ok(cursor.0.to_vec()),
        Some(size @ 1..) => inflate(cursor.0, size.unsigned_abs() as usize, MAX_SOURCE),
        _ => Err(DebugFileError::Malformed("an embedded source of an unknown format".to_owned())),
    }
}

/// Inflates bytes that are said to become `size`; an error if they become another number or more than `limit`.
pub(super) fn inflate(packed: &[u8], size: usize, limit: usize) -> Result<Vec<u8>, DebugFileError> {
    if size > limit {
        return Err(DebugFileError::TooLarge("what is compressed in it claims to inflate beyond reason"));
    }
    let mut out = Vec::with_capacity(size.min(packed.len().saturating_mul(8)));
    let read = DeflateDecoder::new(packed).take(size as u64 + 1).read_to_end(&mut out);
    if read.is_ok() && out.len() == size {
        return Ok(out);
    }
    Err(DebugFileError::Malformed("what is compressed in it cannot be inflated".to_owned()))
}
