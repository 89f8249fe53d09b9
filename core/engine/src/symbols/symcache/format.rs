//! Numbers that the writer and the reader of the index share.

use xxhash_rust::xxh3::xxh3_64;

use crate::container::Kind;

/// Version of the index format; see the history.
pub const FILE_VERSION: u32 = 3;
/// No string, no file.
pub const NONE: u32 = u32::MAX;

/// Entry address of a function of which nothing is known but lines.
pub const UNKNOWN_ENTRY: u64 = u64::MAX;

pub(super) const KIND: Kind = Kind { tag: 2, version: FILE_VERSION };

pub(super) const META: u32 = 1;
pub(super) const STRINGS: u32 = 2;
pub(super) const FUNCTIONS: u32 = 3;
pub(super) const FILES: u32 = 4;
pub(super) const SCOPES: u32 = 5;
pub(super) const BLOCK_STARTS: u32 = 6;
pub(super) const BLOCK_OFFSETS: u32 = 7;
pub(super) const ROWS: u32 = 8;
pub(super) const NAMES: u32 = 9;
pub(super) const NAME_ADDRESSES: u32 = 10;

pub(super) const META_LEN: usize = 32;
pub(super) const FUNCTION_LEN: usize = 12;
pub(super) const ROWS_A_BLOCK: usize = 64;

/// Bits of the number that starts a row.
pub(super) const SCOPE_CHANGES: u64 = 1;
pub(super) const FILE_CHANGES: u64 = 2;
pub(super) const STEP_SHIFT: u32 = 2;

/// Marks the id of a string that is to be demangled.
pub(super) const DEMANGLE: u32 = 1 << 31;

/// What the names of section 9 are in order of.
pub(super) fn name_hash(name: &[u8]) -> u64 {
    xxh3_64(name)
}
