//! The engine of Symbolicator: it parses untrusted bytes and answers lookups.
//!
//! It knows no event and does no I/O beyond mapping an index file it is told to map.
//! Each input becomes an index file ([`container`]) once; lookups read the index without
//! parsing.
//!
//! * [`dumps`]: dumps of crashed processes to plain values.
//! * [`javascript`]: generated scripts to a function index.
//! * [`proguard`]: mapping files of ProGuard and R8 to a ProGuard index.
//! * [`sourcemap`]: source maps (ECMA-426) to a source index.
//! * [`symbols`]: debug files (ELF with DWARF) to a SymCache.
//! * [`unwind`]: registers and stack memory of a dump to frames.

pub mod container;
pub mod dumps;
pub mod javascript;
pub(crate) mod json;
pub mod mapped;
pub mod proguard;
pub mod sourcemap;
pub mod symbols;
pub mod unwind;
