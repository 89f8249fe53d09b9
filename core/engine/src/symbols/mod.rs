//! Debug files: what they are, and which function, inlined calls and line belong to an address.
//!
//! ```no_run
//! use symbolicator_engine::mapped::Bytes;
//! use symbolicator_engine::symbols::{build_symcache, summarize_debug_file, symcache::SymCache};
//!
//! let data = std::fs::read("libcrash.so.debug")?;
//! let summary = summarize_debug_file(&data)?;
//! let symcache = SymCache::open(Bytes::Owned(build_symcache(&data)?))?;
//! for frame in symcache.lookup(&[0x1139 - summary.load_address])?.frames {
//!     println!("{} line {}", symcache.string(frame.function)?, frame.line);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From bytes to index: [`elf`] finds sections and code, [`dwarf`] reads each unit into pieces of code,
//! [`symtab`] reads the symbols, [`assemble`] puts all of them in order of address, and [`symcache`] writes and
//! reads the index file. Every claim of debug info on addresses outside of executable sections is dropped.

mod assemble;
mod budget;
mod code;
mod demangle;
mod dwarf;
mod elf;
mod error;
mod ident;
mod inflate;
pub mod intervals;
pub mod symcache;
mod symtab;
#[cfg(test)]
mod tests;
mod text;
mod varint;

use std::fmt::Write;

use gimli::{BigEndian, LittleEndian};
use object::Object;

pub use demangle::demangle;
pub use elf::Summary;
pub use error::DebugFileError;
pub use ident::DebugId;

use elf::DebugFile;
use symcache::{Builder, Meta};
use symtab::Symbols;

/// Names may take this much more than the bytes that they are read from.
const STRING_SLACK: u64 = 64 << 20;

/// Reads the headers of a debug file.
pub fn summarize_debug_file(data: &[u8]) -> Result<Summary, DebugFileError> {
    Ok(DebugFile::parse(data)?.summarize())
}

/// Converts an ELF file with DWARF 2 to 5 and/or symbols to a SymCache file.
///
/// Debug info that cannot be read is passed over, unit by unit.
pub fn build_symcache(data: &[u8]) -> Result<Vec<u8>, DebugFileError> {
    let file = DebugFile::parse(data)?;
    let summary = file.summarize();
    check_kind(summary.kind)?;
    let sections = dwarf::Sections::read(&file)?;
    let symbols = Symbols::read(&file.object, file.code());
    let units = if file.object.is_little_endian() {
        dwarf::read_units(&sections, LittleEndian, file.code())
    } else {
        dwarf::read_units(&sections, BigEndian, file.code())
    };
    let room = (data.len() as u64 + sections.total_len()).saturating_mul(2).saturating_add(STRING_SLACK);
    let mut builder = Builder::new(usize::try_from(room).unwrap_or(usize::MAX));
    let functions = assemble::assemble(&units, &symbols, file.load_address(), &mut builder)?;
    builder.finish(&Meta {
        arch: summary.arch.to_owned(),
        code_id: summary.code_id.as_deref().map(hexadecimal),
        debug_id: summary.debug_id.map(|id| id.to_string()),
        load_address: summary.load_address,
        functions,
    })
}

fn check_kind(kind: &str) -> Result<(), DebugFileError> {
    match kind {
        "relocatable" => Err(DebugFileError::Unsupported(
            "a relocatable object file has no addresses yet; use the program or library that it was linked into",
        )),
        "core" => {
            Err(DebugFileError::Unsupported("a core dump holds no symbols; use the program that dumped it"))
        }
        _ => Ok(()),
    }
}

/// Lower-case hexadecimal, as build ids are written.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}
