//! The function index: which sections its file has.
//!
//! The file is a [`container`](crate::container) of kind 3. All numbers are little endian. The functions around a
//! position are found by one search in a table of all places where that changes.
//!
//! # A worked example
//!
//! ```text
//! class a{b(){c()}}
//! ```
//!
//! has one function, id 0: the method `b` of the class `a`, from its parameters (line 0, column 9) up to its closing
//! brace (line 0, column 16). Its index has
//!
//! | part | content |
//! |---|---|
//! | counts | one function |
//! | changes | (0, 9) → 1 (id plus one), (0, 16) → 0 (none) |
//! | functions | 0 → kind 2 (method) with two pieces: 2 + 256 × 2 = 514; first piece 0 |
//! | pieces | 0 → text 0, line 0, column 6 × 2 + 0 (a variable); 1 → text 1, line 0, column 8 × 2 + 1 (a property) |
//! | texts | `a`, `b` |
//!
//! # Sections, version 1
//!
//! | id | content |
//! |---|---|
//! | 1 | number of functions (u32) |
//! | 2, 3, 4 | changes: a table (see `sourcemap::table`) keyed by generated line and column; its number is the id plus one of the innermost function from there on (0: none) |
//! | 5, 6, 7 | functions: a table keyed by id; its two numbers are kind + 256 × number of pieces, and the first piece |
//! | 8, 9, 10 | pieces: a table keyed by number; its three numbers are the id of the text, the line, and twice the column, plus one for a property |
//! | 11, 12 | texts of the pieces (see `sourcemap::strings`) |
//!
//! Kinds: 0 function, 1 arrow, 2 method, 3 static method, 4 getter, 5 setter, 6 constructor, 7 static block, 8 field,
//! 9 static field. Lines and columns count from 0, columns in UTF-16 code units. Functions are in the order in which
//! they start, outer ones first.
//!
//! # History
//!
//! * 1: first version.

use crate::container::Kind;

/// Version of the format; an index of another version is built anew.
pub const FUNCTION_INDEX_VERSION: u32 = 1;

pub(super) const KIND: Kind = Kind { tag: 3, version: FUNCTION_INDEX_VERSION };

pub(super) const COUNTS: u32 = 1;
pub(super) const CHANGES: [u32; 3] = [2, 3, 4];
pub(super) const FUNCTIONS: [u32; 3] = [5, 6, 7];
pub(super) const PIECES: [u32; 3] = [8, 9, 10];
pub(super) const TEXTS: [u32; 2] = [11, 12];

/// In a function's first number: what the number of its pieces is multiplied by.
pub(super) const PIECES_SHIFT: u32 = 8;
