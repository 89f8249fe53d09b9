//! The ProGuard index: which sections its file has.
//!
//! The file is a [`container`](crate::container) of kind 4. All numbers are little endian. A class is found by the
//! hash of its name in the program, then a method of it by the hash of its own. What a method's name stands for is a
//! row of entries in the order of the mapping file, one a line of it.
//!
//! # A worked example
//!
//! ```text
//! com.shop.Cart -> a.b:
//!     1:1:void com.shop.Price.round():7:7 -> c
//!     1:1:void add(int):12 -> c
//! ```
//!
//! | part | content |
//! |---|---|
//! | classes | hash of `a.b` → `a.b`, `com.shop.Cart`, no source file, no flags, methods from 0 on, 1 of them |
//! | methods | 0: hash of `c`, `c`, entries at 0, 2 of them |
//! | entries | lines 1 to 1 from 7 to 7, signature 0; lines 1 to 1 from 12 to 12, signature 1 |
//! | signatures | 0: `com.shop.Price`, `round`, no parameters, `void`; 1: `com.shop.Cart`, `add`, `int`, `void` |
//!
//! # Sections, version 1
//!
//! | id | content |
//! |---|---|
//! | 1 | counts (u32 each): classes, methods, entries, fields, lines passed over, entries left out; 1 if any entry has lines |
//! | 2 | strings: length (LEB128), bytes. A string's id is its offset; all bits set: none |
//! | 3 | XXH3-64 of each class's name in the program, in ascending order |
//! | 4 | classes in that order (u32 each): name in the program, name in the source, source file, flags, first method, number of methods |
//! | 5 | methods (u32 each): low half of the XXH3-64 of the name, in ascending order in a class; name; offset in the entries; number of entries |
//! | 6 | entries (see below) |
//! | 7 | signatures (u32 each): class, name, parameters, return type, source file, flags, parameters in the program |
//! | 8 | facts (see below) |
//! | 9 | where in section 3 the hashes begin that have the same first bits (u32 each): as many as are told apart by those bits, a power of two, and the end |
//!
//! Flags: 1 made by the compiler, 2 an outline, 4 (of classes) the source file is Kotlin's.
//!
//! An entry is a row of numbers (LEB128): what follows (1 lines of the program, 2 lines of the source, 4 facts; 8: it called the entry before); for
//! either lines the first one, as difference from the end of the last such, and how many more there are; the signature,
//! as difference from the last one; the offset of the facts. Differences are zigzag coded and begin anew in each method.
//!
//! Facts are a row of numbers: a count of rewrite rules, each a count of exceptions, their ids and how many calls to
//! leave out; a count of outline lines, each a line of the outline and the line that takes its place.
//!
//! # History
//!
//! * 1: first version.

use xxhash_rust::xxh3::xxh3_64;

use crate::container::Kind;

/// Version of the format; an index of another version is built anew.
pub const PROGUARD_INDEX_VERSION: u32 = 1;
/// No string.
pub const NONE: u32 = u32::MAX;

pub(super) const KIND: Kind = Kind { tag: 4, version: PROGUARD_INDEX_VERSION };

pub(super) const COUNTS: u32 = 1;
pub(super) const STRINGS: u32 = 2;
pub(super) const CLASS_HASHES: u32 = 3;
pub(super) const CLASSES: u32 = 4;
pub(super) const METHODS: u32 = 5;
pub(super) const ENTRIES: u32 = 6;
pub(super) const SIGNATURES: u32 = 7;
pub(super) const FACTS: u32 = 8;
pub(super) const CLASS_STARTS: u32 = 9;

pub(super) const COUNTS_LEN: usize = 28;
pub(super) const CLASS_LEN: usize = 24;
pub(super) const METHOD_LEN: usize = 16;
pub(super) const SIGNATURE_LEN: usize = 28;

/// Flags of classes and signatures.
pub(super) const SYNTHESIZED: u32 = 1;
pub(super) const OUTLINE: u32 = 2;
pub(super) const KOTLIN: u32 = 4;

/// Bits of the number that starts an entry.
pub(super) const HAS_MINIFIED: u64 = 1;
pub(super) const HAS_ORIGINAL: u64 = 2;
pub(super) const HAS_FACTS: u64 = 4;
pub(super) const CONTINUES: u64 = 8;

/// Classes that share the first bits of their hash, on average: their hashes lie in one line of the processor's cache.
pub(super) const CLASSES_A_START: usize = 4;

/// Entries that one method of the program may have; more are left out.
pub(super) const MAX_ENTRIES: usize = 1 << 16;

/// What classes are in order of.
pub(super) fn class_hash(name: &[u8]) -> u64 {
    xxh3_64(name)
}

/// What the methods of a class are in order of.
pub(super) fn method_hash(name: &[u8]) -> u32 {
    xxh3_64(name) as u32
}
