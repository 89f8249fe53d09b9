//! The engine of Symbolicator: it parses untrusted bytes and answers lookups.
//!
//! It knows no event and does no I/O beyond mapping an index file it is told to map.
//! Each input becomes an index file ([`container`]) once; lookups read the index without
//! parsing.
//!
//! * [`javascript`]: generated scripts to a function index.
//! * [`sourcemap`]: source maps (ECMA-426) to a source index.
//! * [`symbols`]: debug files (ELF with DWARF) to a SymCache.
//! * [`unwind`]: registers and stack memory of a dump to frames.

pub mod container;
pub mod javascript;
pub(crate) mod json;
pub mod mapped;
pub mod sourcemap;
pub mod symbols;
pub mod unwind;
