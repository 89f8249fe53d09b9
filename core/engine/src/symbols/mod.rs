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
mod code;
mod companions;
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
mod flat_unit;
mod go;
mod guard;
mod ident;
pub mod intervals;
mod jitdump;
mod kallsyms;
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
mod varint;
mod wasm;

use std::fmt::Write;

use std::panic::{AssertUnwindSafe, catch_unwind};

use gimli::{BigEndian, LittleEndian};

pub use companions::{Missing, MissingKind};
pub use debug_file::Summary;
pub use demangle::{demangle, demangle_without_arguments};
pub use dotnet::Sources;
pub use error::DebugFileError;
pub use ident::DebugId;
pub use sources::SourceLinks;

use companions::Companions;
use debug_file::Container;
use dwarf::{UnitPieces, Wanted};
use symcache::{Builder, Meta};
use symtab::{OwnedSymbol, Symbols};

/// Names may take this much more than the bytes that they are read from.
const STRING_SLACK: u64 = 64 << 20;

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
/// Debug info that cannot be read is passed over, unit by unit.
pub fn build_symcache(data: &[u8], index: usize) -> Result<Vec<u8>, DebugFileError> {
    build(data, index, &[], Wanted::All)
}

/// The same with the files that hold parts of the debug information (`.dwo`, `.dwp`, the supplementary file of dwz).
///
/// What belongs to another file is not used. The index says what is missing.
pub fn build_symcache_with(
    data: &[u8],
    index: usize,
    companions: &[&[u8]],
) -> Result<Vec<u8>, DebugFileError> {
    build(data, index, companions, Wanted::All)
}

/// The same, of the units alone that may cover one of `addresses` (image-relative): a first answer without the wait
/// for an index. What it says elsewhere means nothing, and it knows no function by its name.
pub fn build_symcache_around(
    data: &[u8],
    index: usize,
    companions: &[&[u8]],
    addresses: &[u64],
) -> Result<Vec<u8>, DebugFileError> {
    build(data, index, companions, Wanted::Around(addresses))
}

fn build(
    data: &[u8],
    index: usize,
    companions: &[&[u8]],
    wanted: Wanted<'_>,
) -> Result<Vec<u8>, DebugFileError> {
    guarded(|| match macho::members(data) {
        None if index == 0 => convert(data, companions, wanted),
        None => Err(DebugFileError::Empty),
        Some(members) => {
            let member = members.get(index).ok_or(DebugFileError::Empty)?;
            convert_container(&*macho::parse_member(member)?, data, companions, wanted)
        }
    })
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

/// A panic is a bug of a parser; it must cost the file and not the process.
fn guarded<T>(read: impl FnOnce() -> Result<T, DebugFileError>) -> Result<T, DebugFileError> {
    let caught = catch_unwind(AssertUnwindSafe(read));
    caught.unwrap_or_else(|_| Err(DebugFileError::Malformed("its parser gave up".to_owned())))
}

/// Formats that are no container of sections.
#[derive(Clone, Copy)]
enum Flat {
    Pdb,
    PortablePdb,
    Assembly,
    Breakpad,
    JitDump,
    Kallsyms,
    PerfMap,
}

impl Flat {
    fn of(data: &[u8]) -> Option<Self> {
        let is_text = data.first().is_some_and(u8::is_ascii_hexdigit);
        match data {
            _ if data.starts_with(pdb::MAGIC) => Some(Self::Pdb),
            _ if data.starts_with(dotnet::MAGIC) => Some(Self::PortablePdb),
            _ if dotnet::is_assembly(data) => Some(Self::Assembly),
            _ if data.starts_with(breakpad::MAGIC) => Some(Self::Breakpad),
            _ if jitdump::is_dump(data) => Some(Self::JitDump),
            _ if is_text && kallsyms::is_list(data) => Some(Self::Kallsyms),
            _ if is_text && perf_map::is_map(data) => Some(Self::PerfMap),
            _ => None,
        }
    }

    fn summarize(self, data: &[u8]) -> Result<Summary, DebugFileError> {
        match self {
            Self::Pdb => pdb::summarize(data),
            Self::PortablePdb => dotnet::summarize_pdb(data),
            Self::Assembly => Ok(dotnet::summarize_assembly(data, container(data)?.summarize())),
            Self::Breakpad => breakpad::summarize(data),
            Self::JitDump => jitdump::summarize(data),
            Self::Kallsyms => kallsyms::summarize(data),
            Self::PerfMap => Ok(perf_map::summarize()),
        }
    }

    fn convert(self, data: &[u8]) -> Result<Vec<u8>, DebugFileError> {
        let summary = self.summarize(data)?;
        let finish = |units: &[UnitPieces<'_>], symbols: &Symbols<'_>| {
            write(meta(&summary, &[]), units, symbols, summary.load_address, data.len() as u64, true)
        };
        let unit = match self {
            Self::Pdb => {
                let units = pdb::read(data)?;
                return finish(&units.modules, &units.symbols());
            }
            Self::Breakpad => {
                let (unit, symbols) = breakpad::read(data);
                return finish(&[unit], &symbols);
            }
            Self::PortablePdb => dotnet::read_pdb(data)?,
            Self::Assembly => dotnet::read_assembly(data)?,
            Self::JitDump => jitdump::read(data)?,
            Self::Kallsyms => return finish(&[], &kallsyms::read(data).symbols()),
            Self::PerfMap => return finish(&[], &perf_map::read(data)),
        };
        finish(&[unit], &Symbols::default())
    }
}

fn summarize(data: &[u8]) -> Result<Summary, DebugFileError> {
    Flat::of(data).map_or_else(|| Ok(container(data)?.summarize()), |format| format.summarize(data))
}

fn convert(data: &[u8], companions: &[&[u8]], wanted: Wanted<'_>) -> Result<Vec<u8>, DebugFileError> {
    if let Some(format) = Flat::of(data) {
        return format.convert(data);
    }
    match elf_object::laid_out(data)? {
        Some(file) => convert_container(&*container(&file)?, &file, companions, wanted),
        None => convert_container(&*container(data)?, data, companions, wanted),
    }
}

fn convert_container<'d>(
    file: &dyn Container<'d>,
    data: &'d [u8],
    companions: &[&'d [u8]],
    wanted: Wanted<'_>,
) -> Result<Vec<u8>, DebugFileError> {
    let summary = file.summarize();
    check_kind(&summary)?;
    let sections = dwarf::Sections::new(file)?;
    let companions = Companions::of(file, companions)?;
    let addresses = virtual_addresses(wanted, file.origin());
    let wanted = addresses.as_deref().map_or(Wanted::All, Wanted::Around);
    let (mut units, missing) = if file.is_little_endian() {
        dwarf::read_units(&sections, &companions, LittleEndian, file.code(), wanted)
    } else {
        dwarf::read_units(&sections, &companions, BigEndian, file.code(), wanted)
    };
    if !summary.has_debug_info {
        units.extend(go::read(data));
    }
    let room = data.len() as u64 + sections.total_len() + companions.total_len();
    let derived = file.derived_symbols();
    let symbols = file.symbols().with(derived.iter().map(OwnedSymbol::borrowed), file.code());
    let missing = [companions.missing(), &missing].concat();
    let meta = meta(&summary, &missing);
    write(meta, &units, &symbols, file.origin(), room, addresses.is_none())
}

/// Ascending; None if all are wanted.
fn virtual_addresses(wanted: Wanted<'_>, origin: u64) -> Option<Vec<u64>> {
    let Wanted::Around(addresses) = wanted else { return None };
    let mut addresses: Vec<u64> = addresses.iter().map(|address| address.wrapping_add(origin)).collect();
    addresses.sort_unstable();
    Some(addresses)
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

/// What the index says about the file as a whole.
fn meta(summary: &Summary, missing: &[Missing]) -> Meta {
    Meta {
        arch: summary.arch.to_owned(),
        code_id: summary.code_id.clone(),
        debug_id: summary.debug_id.map(|id| id.to_string()),
        missing_companions: (!missing.is_empty()).then(|| Missing::write(missing)),
        load_address: summary.load_address,
        functions: 0,
    }
}

/// Writes the index. `room`: bytes that all of this was read from.
fn write(
    meta: Meta,
    units: &[UnitPieces<'_>],
    symbols: &Symbols<'_>,
    origin: u64,
    room: u64,
    with_names: bool,
) -> Result<Vec<u8>, DebugFileError> {
    let room = room.saturating_mul(2).saturating_add(STRING_SLACK);
    let mut builder = Builder::new(usize::try_from(room).unwrap_or(usize::MAX));
    let functions = assemble::assemble(units, symbols, origin, with_names, &mut builder)?;
    builder.finish(&Meta { functions, ..meta })
}

fn check_kind(summary: &Summary) -> Result<(), DebugFileError> {
    match summary.kind {
        "relocatable" if summary.format == "macho" => Err(DebugFileError::Unsupported(
            "an object file of Apple's has no addresses yet; use the program that it was linked into, and its dSYM",
        )),
        "split DWARF object" | "split DWARF package" => Err(DebugFileError::Unsupported(
            "split debug information has no addresses of its own; it is used together with the program it belongs to",
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
