//! Containers of debug information: what each of them can tell, whatever its format.
//!
//! ELF, Mach-O, PE and WebAssembly are containers for DWARF and for a table of symbols. A PDB and a Breakpad file are
//! their own format of debug information and go another way (see [`pdb`](super::pdb), [`breakpad`](super::breakpad)).

use object::{CompressedData, CompressionFormat, Object, ObjectSection};

use super::code::Code;
use super::companions::SupplementaryLink;
use super::error::DebugFileError;
use super::ident::DebugId;
use super::loaded::Part;
use super::symtab::{OwnedSymbol, Symbols};

/// Sections may inflate to this much in all: twice the debug info of the largest programs in use.
const MAX_INFLATED: u64 = 8 << 30;
/// Real debug info shrinks to a tenth; beyond this ratio (and this size) it is a bomb.
const MAX_RATIO: u64 = 128;
const RATIO_FREE: u64 = 16 << 20;

/// What a debug file is and can answer, from its headers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// "elf", "macho", "pe", "wasm", "pdb" or "breakpad".
    pub format: &'static str,
    /// Which of the files in a universal binary this is, from 0.
    pub index: usize,
    /// What a file with several images calls this one: the path of a library, the identifier of a kernel extension.
    pub image_name: Option<String>,
    /// Architecture as in Sentry's payload.
    pub arch: &'static str,
    /// "executable", "shared library", "debug companion", "relocatable", "split DWARF object", "split DWARF package",
    /// "supplementary debug file", "core", "fast link" (a PDB whose debug information stayed in the object files) or
    /// "other".
    pub kind: &'static str,
    /// GNU build id, UUID, timestamp and size of a PE image, or build id of a WebAssembly module; lower-case hex.
    pub code_id: Option<String>,
    /// Identifier of the debug information, as Sentry computes it.
    pub debug_id: Option<DebugId>,
    /// File name of the separate debug file, where the file names one.
    pub debug_link: Option<String>,
    /// CRC-32 of that file, where the file says it.
    pub debug_link_crc: Option<u32>,
    /// Ids of the units of split DWARF that the file holds, lower-case hex. A package does not list them here.
    pub split_ids: Vec<String>,
    /// Virtual address where the image begins; 0 for WebAssembly.
    pub load_address: u64,
    /// Whether there is debug information, and not only symbols.
    pub has_debug_info: bool,
    /// Whether a symbol table names a function.
    pub has_symbols: bool,
    /// Whether names stand in a symbol map instead, as in Apple's builds from bitcode.
    pub has_hidden_names: bool,
    /// Whether there is no debug information and the symbols say in which object files it was left.
    pub has_debug_map: bool,
}

/// A file that holds DWARF, symbols, or both. Nothing but its headers has been read.
pub(super) trait Container<'d> {
    /// Describes the file.
    fn summarize(&self) -> Summary;

    /// The address in debug information that image-relative addresses count from. For WebAssembly it is negative
    /// (two's complement): what comes first in the image is not code.
    fn origin(&self) -> u64;

    /// Where code lies.
    fn code(&self) -> &Code;

    /// Byte order of the debug information.
    fn is_little_endian(&self) -> bool;

    /// A section by its ELF name, not yet inflated; empty where there is none.
    fn section(&self, name: &str) -> CompressedData<'d>;

    /// Processor as in Sentry's payload.
    fn arch(&self) -> &'static str;

    /// Virtual address of a section by its ELF name; 0 where there is none.
    fn section_address(&self, _name: &str) -> u64 {
        0
    }

    /// What is loaded of the file, in any order.
    fn parts(&self) -> Vec<Part<'d>> {
        Vec::new()
    }

    /// The table of functions of a PE image.
    fn exception_table(&self) -> Option<Part<'d>> {
        None
    }

    /// Reads the symbol tables.
    fn symbols(&self) -> Symbols<'_>;

    /// The file that holds what this one shares with others.
    fn supplementary_link(&self) -> Option<SupplementaryLink<'d>> {
        None
    }

    /// What such a link has to say for this file to be meant.
    fn supplementary_id(&self) -> Option<&'d [u8]> {
        None
    }

    /// Functions whose names have to be worked out or unpacked.
    fn derived_symbols(&self) -> Vec<OwnedSymbol> {
        Vec::new()
    }
}

/// A section of a container that `object` reads, by its ELF name.
pub(super) fn section_of<'d>(file: &impl Object<'d>, name: &str) -> CompressedData<'d> {
    let data = file.section_by_name(name).and_then(|section| section.compressed_data().ok());
    data.unwrap_or(CompressedData::none(&[]))
}

/// Bytes that a section takes in the file.
pub(super) fn size_of_section<'d>(file: &impl Object<'d>, name: &str) -> u64 {
    let section = file.section_by_name(name);
    section.and_then(|section| section.file_range()).map_or(0, |(_, size)| size)
}

/// How much may still be inflated.
pub(super) struct Allowance(u64);

impl Default for Allowance {
    fn default() -> Self {
        Self(MAX_INFLATED)
    }
}

impl Allowance {
    /// An error if a section would inflate beyond reason or beyond what is left.
    pub(super) fn take(&mut self, packed: u64, unpacked: u64) -> Result<(), DebugFileError> {
        if unpacked > RATIO_FREE && unpacked / MAX_RATIO > packed {
            return Err(DebugFileError::TooLarge("a compressed section claims to inflate beyond reason"));
        }
        let rest = self.0.checked_sub(unpacked);
        self.0 = rest.ok_or(DebugFileError::TooLarge("its sections inflate to more than 8 GiB"))?;
        Ok(())
    }

    /// Takes what a section needs if it is compressed.
    pub(super) fn take_section(&mut self, data: &CompressedData<'_>) -> Result<(), DebugFileError> {
        if data.format == CompressionFormat::None {
            return Ok(());
        }
        self.take(data.data.len() as u64, data.uncompressed_size)
    }
}
