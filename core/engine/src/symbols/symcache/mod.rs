//! SymCache: the index file of a debug file, read without parsing.
//!
//! Writing an index with one function and one call inlined into it, and asking it:
//!
//! ```
//! use symbolicator_engine::mapped::Bytes;
//! use symbolicator_engine::symbols::symcache::{Builder, Display, Function, Location, Meta, SymCache};
//!
//! let mut builder = Builder::new(1 << 20);
//! let main = builder.function(&Function { linkage: Some(b"main"), display: Display::Demangled, flags: 0x101 })?;
//! let get = builder.function(&Function { linkage: Some(b"_Z3getv"), display: Display::Demangled, flags: 0x201 })?;
//! let file = builder.file(b"/src/main.c")?;
//! let outer = builder.outermost(main, 0x40)?;
//! let inner = builder.inlined(get, outer, Some(file), 7, 3)?;
//! builder.row(0x40, Some(Location { scope: outer, file: Some(file), line: 6, column: 1 }))?;
//! builder.row(0x44, Some(Location { scope: inner, file: Some(file), line: 2, column: 0 }))?;
//! builder.row(0x48, None)?; // nothing is known from here on
//!
//! let symcache = SymCache::open(Bytes::Owned(builder.finish(&Meta::default())?))?;
//! let frames = symcache.lookup(&[0x46])?.frames;
//! let names: Vec<String> = frames.iter().map(|f| symcache.string(f.function).unwrap()).collect();
//! assert_eq!(names, ["get()", "main"]); // innermost call first
//! assert_eq!((frames[0].line, frames[1].line, frames[1].entry), (2, 7, 0x40));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layout, version 3
//!
//! Sections of a [container](crate::container) of kind 2; numbers are little endian, *varint* is unsigned
//! LEB128, *zigzag* a varint of the difference to the value before, sign in the lowest bit. Addresses are
//! image-relative: virtual address minus load address. A string id is the offset of the string in section 2.
//!
//! | id | section | content |
//! |---|---|---|
//! | 1 | meta | load address (u64), number of functions with code (u64), string ids (u32) of architecture, code id, debug id, missing companions |
//! | 2 | strings | per string: length (varint), bytes; no string twice |
//! | 3 | functions | per function: linkage name, display name (string ids; 0xFFFFFFFF none), flags (u32 each) |
//! | 4 | files | per file: path (string id, u32) |
//! | 5 | scopes | see below; the first byte is unused, so that 0 can say "none" |
//! | 6 | block starts | per block of rows: address of its first row (u64), ascending |
//! | 7 | block offsets | per block: where it starts in section 8 (u32), and one more for the end |
//! | 8 | rows | see below |
//! | 9 | names | symbol names for the reverse lookup: string ids (u32), ascending by the strings' XXH3 (64 bits) |
//! | 10 | name addresses | per name of section 9: address (u64) |
//!
//! A **scope** is a function at a place: the outermost one, or a call inlined into another scope. It is known by
//! its offset in section 5 and holds: function (varint), distance back to the scope that it was inlined into
//! (varint; 0 for an outermost function). An outermost function continues with its entry address (varint, 2^64 - 1 if
//! unknown), an
//! inlined call with its call site: file + 1 (varint; 0 unknown), line, column (varints; 0 unknown). Parents lie
//! before their children, so that walking up always ends.
//!
//! A **row** says what is at its address and all that follow up to the next row: address step (varint, shifted
//! left by two; bit 0: the scope changes, bit 1: the file changes); if the scope changes, 0 for "nothing is known
//! here" (which ends the row) or zigzag + 1; if the file changes, zigzag of file + 1 (0 unknown); zigzag of the
//! line; column (varint). A block has up to 64 rows and starts from address step, scope, file and line 0.
//!
//! Names are kept mangled and demangled when asked for: the id of a name to be demangled is its string id with
//! the highest bit set. Only functions without a mangled name have a display name that is shown as it is.
//!
//! # History
//!
//! * 3: companions that were missing: a line each of kind (`dwo`, `sup`), id and path, with tabs between.
//! * 2: names ascend by hash: sorting them by their bytes took a tenth of a build.
//! * 1: first version.

mod builder;
mod format;
mod names;
mod reader;
mod strings;

pub use builder::{Builder, Display, Function, Location, Meta};
pub use format::{FILE_VERSION, NONE, UNKNOWN_ENTRY};
pub use reader::{Chains, FrameRecord, SymCache};
