//! The source index: which sections its file has.
//!
//! The file is a [`container`](crate::container) of kind 1. All numbers are little endian. Lookups read it in
//! place: a position is found by two binary searches, a few source lines by decompressing one or two blocks.
//!
//! # A worked example
//!
//! ```text
//! {"version": 3, "sources": ["a.js"], "names": ["f"], "mappings": "AAAA,IAAIA"}
//! ```
//!
//! has the segments (line 0, column 0) → a.js 0:0 and (0, 4) → a.js 0:4 named f, all counted from 0. Its index has
//! one block of positions:
//!
//! | bytes | meaning |
//! |---|---|
//! | `02` | two rows |
//! | `00 03 00 00 03 01` | bits a row: line 0, column 3, source 0, original line 0, original column 3, name 1 |
//! | `00000000 01000000 00000000 00000000 00000000` | smallest column 0, source 1 (an id plus one), original line 0, original column 0, name 0 (none) |
//! | `20` | columns 0 and 4, three bits each |
//! | `20` | original columns 0 and 4 |
//! | `02` | names none and 1 (an id plus one) |
//! | `00` × 8 | slack |
//!
//! and the section "first keys" holds one number, 0, the key (line 0, column 0).
//!
//! # Sections, version 2
//!
//! | id | content |
//! |---|---|
//! | 1 | head: number of positions (u64), sources (u32), flags (u32; bit 0: has a file name, bit 1: has a debug id) |
//! | 2, 3 | two strings (see `strings`): the file name and the debug id, empty where there is none |
//! | 4, 5, 6 | positions: a table (see `table`) keyed by generated line and column; its four numbers are source id plus one (0: no source), original line, original column, name id plus one (0: no name) |
//! | 7, 8 | names of the sources, `sourceRoot` in front |
//! | 9 | a byte a source; bit 0: the map names it, bit 1: it is ignored |
//! | 10, 11 | names |
//! | 12, 13, 14, 15 | texts of the sources (see `text`) |
//! | 16, 17, 18 | functions: a table keyed by original line and column; its number is a function name's id plus one (0: outside of all functions). Each source's rows begin a block and an order of their own |
//! | 19 | a record of 12 bytes for each source that has functions, in the order of the sources: source, first block, end block (u32 each) |
//! | 20, 21 | names of functions |
//! | 22, 23 | defects of the map that were passed over, a sentence each |
//! | 24 | scopes (see `scopes`): a record as in 19 for each source that has scopes |
//! | 25, 26, 27 | a table keyed by original line and column; its number is the function from there on. Each source's rows begin a block and an order of their own |
//! | 28, 29, 30 | a table keyed by generated line and column; its number is the innermost range from there on plus one (0: none) |
//! | 31, 32, 33 | ranges: a table keyed by their number, from 0; its numbers are the range around it plus one (0: none), its function, and its flags: bit 0: a stack frame of the generated code, bit 1: a hidden one, the bits above: its call plus one (0: none) |
//! | 34, 35, 36 | inlined calls: a table keyed by their number, from 0; its numbers are source, line and column |
//! | 37, 38, 39 | range mappings (see `range_mappings`): a table keyed by generated line and column of a segment; its numbers are the line and column at which its part of the file ends |
//! | 40, 41, 42 | segments of a bundle (see `metro`): a table keyed by their number; its number is the line at which they start |
//! | 43, 44, 45 | modules of a RAM bundle: a table keyed by segment (as the line) and module (as the column); its number is the line at which they start |
//! | 46, 47, 48 | functions of Hermes bytecode: a table keyed by segment and function likewise; its number is their offset in bytes |
//!
//! Lines and columns count from 0, columns in UTF-16 code units.
//!
//! # History
//!
//! * 1: first version.
//! * 2: scopes (24 to 36), range mappings (37 to 39), segments, modules and functions of Metro and Hermes (40 to 48).

use crate::container::Kind;

/// Version of the format; an index of another version is built anew.
pub const FORMAT_VERSION: u32 = 2;

pub(super) const KIND: Kind = Kind { tag: 1, version: FORMAT_VERSION };

/// Sections of an index, by id.
pub(super) type Sections = Vec<(u32, Vec<u8>)>;

pub(super) const HEAD: u32 = 1;
pub(super) const LABELS: [u32; 2] = [2, 3];
pub(super) const POSITIONS: [u32; 3] = [4, 5, 6];
pub(super) const SOURCES: [u32; 2] = [7, 8];
pub(super) const SOURCE_FLAGS: u32 = 9;
pub(super) const NAMES: [u32; 2] = [10, 11];
pub(super) const TEXTS: [u32; 4] = [12, 13, 14, 15];
pub(super) const FUNCTIONS: [u32; 3] = [16, 17, 18];
pub(super) const FUNCTION_RANGES: u32 = 19;
pub(super) const FUNCTION_NAMES: [u32; 2] = [20, 21];
pub(super) const DEFECTS: [u32; 2] = [22, 23];
pub(super) const SCOPE_SOURCES: u32 = 24;
pub(super) const SCOPE_FUNCTIONS: [u32; 3] = [25, 26, 27];
pub(super) const RANGE_PLACES: [u32; 3] = [28, 29, 30];
pub(super) const RANGES: [u32; 3] = [31, 32, 33];
pub(super) const CALL_SITES: [u32; 3] = [34, 35, 36];
pub(super) const RANGE_MAPPINGS: [u32; 3] = [37, 38, 39];
pub(super) const SEGMENTS: [u32; 3] = [40, 41, 42];
pub(super) const MODULES: [u32; 3] = [43, 44, 45];
pub(super) const FUNCTION_OFFSETS: [u32; 3] = [46, 47, 48];

/// Length of a record of [`FUNCTION_RANGES`] and [`SCOPE_SOURCES`].
pub(super) const FUNCTION_RANGE_LEN: usize = 12;

/// Bits of the head's flags.
pub(super) const HAS_FILE: u32 = 1;
pub(super) const HAS_DEBUG_ID: u32 = 2;

/// Bits of a source's flags.
pub(super) const SOURCE_NAMED: u8 = 1;
pub(super) const SOURCE_IGNORED: u8 = 2;
