//! Debug files: what they are, and which function, inlined calls and line belong to an address.
//!
//! ```no_run
//! use symbolicator_engine::mapped::Bytes;
//! use symbolicator_engine::symbols::{build_symcache, summarize_debug_file, symcache::SymCache};
//!
//! let data = std::fs::read("libcrash.so.debug")?;
//! let summary = summarize_debug_file(&data)?;
//! let symcache = SymCache::open(Bytes::Owned(build_symcache(&data, 0)?))?;
//! for frame in symcache.lookup(&[0x1139 - summary.load_address])?.frames {
//!     println!("{} line {}", symcache.string(frame.function)?, frame.line);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From bytes to index: [`debug_file`] and a module for each format find sections and code, [`dwarf`] reads each unit into pieces of code,
//! [`symtab`] reads the symbols, [`assemble`] puts all of them in order of address, and [`symcache`] writes and
//! reads the index file. Every claim of debug info on addresses outside of executable sections is dropped.

mod assemble;
mod breakpad;
mod budget;
mod cancel;
mod code;
mod companions;
mod conversion;
mod debug_file;
mod demangle;
mod dotnet;
mod dwarf;
mod elf;
mod elf_minidebug;
mod elf_object;
mod elf_plt;
mod elf_relocation;
mod elf_symbols;
mod error;
mod flat;
mod flat_unit;
mod go;
pub(crate) mod guard;
mod ident;
pub mod intervals;
mod jitdump;
mod kallsyms;
mod loaded;
#[allow(dead_code)]
mod macho;
mod pdb;
mod pe;
mod perf_map;
pub mod source_link;
pub mod sources;
mod spelling;
pub mod symcache;
mod symtab;
#[cfg(test)]
mod tests;
mod text;
mod text_lines;
pub(crate) mod varint;
mod wasm;

use std::fmt::Write;

use std::panic::{AssertUnwindSafe, catch_unwind};

pub use cancel::Cancel;
pub(crate) use code::Code;
pub use companions::{Missing, MissingKind};
pub use conversion::Conversion;
pub use debug_file::Summary;
pub use demangle::{demangle, demangle_without_arguments};
pub use dotnet::Sources;
pub(crate) use dwarf::inflated;
pub use error::DebugFileError;
pub use ident::DebugId;
pub(crate) use loaded::Loaded;
pub use sources::SourceLinks;

use debug_file::Container;
use flat::Flat;

/// Reads the headers of a debug file; of the first one in a universal binary.
pub fn summarize_debug_file(data: &[u8]) -> Result<Summary, DebugFileError> {
    let mut summaries = summarize_debug_files(data)?;
    summaries.truncate(1);
    summaries.pop().ok_or(DebugFileError::Empty)
}

/// Reads the headers of every debug file in a universal binary, or of the one that the bytes are.
///
/// What cannot be read in a universal binary is left out, unless it is all of it.
pub fn summarize_debug_files(data: &[u8]) -> Result<Vec<Summary>, DebugFileError> {
    guarded(|| match macho::members(data) {
        None => Ok(vec![summarize(data)?]),
        Some(members) => {
            let summaries = members.iter().enumerate().map(|(index, member)| {
                macho::parse_member(member).map(|file| Summary { index, ..file.summarize() })
            });
            let (read, failed): (Vec<_>, Vec<_>) = summaries.partition(Result::is_ok);
            match failed.into_iter().next() {
                Some(Err(error)) if read.is_empty() => Err(error),
                _ => Ok(read.into_iter().flatten().collect()),
            }
        }
    })
}

/// Converts a debug file to a SymCache file. `index`: which one of a universal binary, 0 for any other file.
///
/// Debug info that cannot be read is passed over, unit by unit. [`Conversion`] has more to choose.
pub fn build_symcache(data: &[u8], index: usize) -> Result<Vec<u8>, DebugFileError> {
    Conversion { index, ..Conversion::default() }.run(data)
}

/// Lists the sources of a portable PDB, or of the one in an assembly. Their texts are not read.
pub fn portable_pdb_sources(data: &[u8]) -> Result<Sources, DebugFileError> {
    guarded(|| dotnet::sources(data))
}

/// The text of the document at `path` of a portable PDB, where it is embedded.
pub fn portable_pdb_source(data: &[u8], path: &str) -> Result<Option<Vec<u8>>, DebugFileError> {
    guarded(|| dotnet::embedded_source(data, path))
}

/// Whether a program has the tables that Go's runtime prints stack traces from.
#[must_use]
pub fn has_go_table(data: &[u8]) -> bool {
    guarded(|| Ok(go::has_table(data))).unwrap_or(false)
}

/// The files that hold parts of the debug information and are not among `companions`, without reading it.
pub fn missing_companions(data: &[u8], companions: &[&[u8]]) -> Result<Vec<Missing>, DebugFileError> {
    guarded(|| match container(data) {
        Ok(file) => companions::missing(&*file, companions),
        Err(_) => Ok(Vec::new()),
    })
}

/// The processor of a Breakpad file; None if the bytes are none.
pub(crate) fn breakpad_arch(data: &[u8]) -> Result<Option<&'static str>, DebugFileError> {
    let is_one = data.starts_with(breakpad::MAGIC);
    is_one.then(|| breakpad::processor(data)).transpose()
}

/// A panic is a bug of a parser; it must cost the file and not the process.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, DebugFileError>) -> Result<T, DebugFileError> {
    let caught = catch_unwind(AssertUnwindSafe(read));
    caught.unwrap_or_else(|_| Err(DebugFileError::Malformed("its parser gave up".to_owned())))
}

fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    Flat::of(data).map_or_else(|| Ok(container(data)?.summarize()), |format| format.summarize(data))
}

/// The container of DWARF and symbols that the bytes are, by their magic number.
fn container(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    match data.first_chunk::<4>() {
        Some(b"\x7fELF") => elf::parse(data),
        Some(magic) if macho::MAGICS.contains(magic) => macho::parse(data),
        Some(&wasm::MAGIC) => wasm::parse(data),
        Some(magic) if magic.starts_with(&pe::MAGIC) => pe::parse(data),
        _ => Err(DebugFileError::Unknown),
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
