//! Mach-O files (`<mach-o/loader.h>`): executables, libraries, and the debug companion inside of a dSYM bundle.
//!
//! An unstripped executable has symbols, but its DWARF stays in the object files until `dsymutil` collects it. A file
//! may hold several images ([`members`]): one for each processor, the kernel and its extensions, the system's libraries.

mod arch;
mod dyld_cache;
mod exports;
mod image;
mod members;
mod table;

use std::sync::OnceLock;

use object::macho;
use object::read::macho::MachHeader;
use object::{CompressedData, CompressionFormat, Endianness};

use super::code::Code;
use super::debug_file::{Container, Summary};
use super::error::DebugFileError;
use super::hexadecimal;
use super::ident::DebugId;
use super::loaded::Part;
use super::symtab::{Binding, Kind, Symbol, Symbols};
use exports::Export;
use image::Image;
use table::{Table, without_underscore};

pub(super) use members::{Member, members};

/// The first bytes of a 64-bit image in either byte order.
const MAGIC_64: [[u8; 4]; 2] = [[0xcf, 0xfa, 0xed, 0xfe], [0xfe, 0xed, 0xfa, 0xcf]];
/// The first bytes of an image in either byte order and pointer width.
pub(super) const MAGICS: [[u8; 4]; 4] =
    [MAGIC_64[0], [0xce, 0xfa, 0xed, 0xfe], MAGIC_64[1], [0xfe, 0xed, 0xfa, 0xce]];
/// Section names are cut off here.
const MAX_SECTION_NAME: usize = 16;
/// Go's linker compresses as GNU tools once did: these bytes, the size as a 64-bit big-endian number, then zlib.
const ZLIB: &[u8] = b"ZLIB";

/// An image of which nothing but load commands has been read.
struct MachO<'d, H: MachHeader> {
    image: Image<'d, H>,
    code: Code,
    tables: Vec<Table<'d, H>>,
    name: Option<String>,
    exports: OnceLock<Vec<Export>>,
}

/// Parses the load commands of a file that is one image.
pub(super) fn parse(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    parse_member(&Member::whole(data))
}

/// Parses the load commands of an image of either pointer width and byte order.
pub(super) fn parse_member<'d>(member: &Member<'d>) -> Result<Box<dyn Container<'d> + 'd>, DebugFileError> {
    match member.magic() {
        Some(magic) if MAGIC_64.contains(&magic) => {
            Ok(Box::new(MachO::<macho::MachHeader64<Endianness>>::parse(member)?))
        }
        _ => Ok(Box::new(MachO::<macho::MachHeader32<Endianness>>::parse(member)?)),
    }
}

impl<'d, H: MachHeader> MachO<'d, H> {
    fn parse(member: &Member<'d>) -> Result<Self, DebugFileError> {
        let image = Image::parse(member)?;
        let places = [image.symbols, member.locals];
        let tables = places.into_iter().flatten();
        let tables = tables.filter_map(|place| Table::read(member.data, place, image.endian)).collect();
        Ok(Self { code: image.code(), image, tables, name: member.name.clone(), exports: OnceLock::new() })
    }

    /// Functions by symbol table and export trie; the latter is all that a stripped library has.
    fn functions(&self) -> impl Iterator<Item = Symbol<'_>> {
        let tables = self.tables.iter().flat_map(Table::definitions);
        let exports =
            std::iter::once_with(|| self.exports.get_or_init(|| exports::read(self.image.export_trie())));
        let exported = exports.flatten().map(|export| {
            let binding = if export.is_weak { Binding::Weak } else { Binding::Global };
            let address = self.image.load_address.wrapping_add(export.offset);
            Symbol::new(without_underscore(&export.name), address, 0, Kind::Function, binding).exported()
        });
        tables.chain(exported).map(|mut symbol| {
            symbol.address = self.image.without_thumb_bit(symbol.address);
            symbol
        })
    }
}

impl<'d, H: MachHeader> Container<'d> for MachO<'d, H> {
    fn summarize(&self) -> Summary {
        let (header, endian) = (self.image.header, self.image.endian);
        let has_debug_info = self.image.section(b"__debug_info").is_some_and(|section| !section.is_empty())
            || self.image.section(b"__zdebug_info").is_some();
        Summary {
            format: "macho",
            index: 0,
            image_name: self.name.clone(),
            arch: arch::name(header.cputype(endian), header.cpusubtype(endian)),
            kind: kind(header, endian),
            code_id: self.image.uuid.map(|uuid| hexadecimal(&uuid)),
            debug_id: self.image.uuid.map(DebugId::of_uuid),
            debug_link: None,
            debug_link_crc: None,
            split_ids: Vec::new(),
            load_address: self.image.load_address,
            has_debug_info,
            has_symbols: self.functions().any(|symbol| self.code.containing(symbol.address).is_some()),
            has_hidden_names: self.tables.iter().any(Table::has_hidden_names),
            has_debug_map: !has_debug_info && self.tables.iter().any(Table::has_debug_map),
        }
    }

    fn origin(&self) -> u64 {
        self.image.load_address
    }

    fn code(&self) -> &Code {
        &self.code
    }

    fn is_little_endian(&self) -> bool {
        self.image.header.is_little_endian()
    }

    fn section(&self, name: &str) -> CompressedData<'d> {
        let Some(name) = name.strip_prefix('.') else { return CompressedData::none(&[]) };
        let named = |prefix: &str| self.image.section(cut(format!("{prefix}{name}").as_bytes()));
        match (named("__"), named("__z")) {
            (None, Some(packed)) => inflatable(packed).unwrap_or(CompressedData::none(&[])),
            (plain, _) => CompressedData::none(plain.unwrap_or(&[])),
        }
    }

    fn arch(&self) -> &'static str {
        arch::name(
            self.image.header.cputype(self.image.endian),
            self.image.header.cpusubtype(self.image.endian),
        )
    }

    fn section_address(&self, name: &str) -> u64 {
        let name = name.strip_prefix('.').unwrap_or(name);
        self.image.section_address(cut(format!("__{name}").as_bytes())).unwrap_or(0)
    }

    fn parts(&self) -> Vec<Part<'d>> {
        self.image.parts()
    }

    fn symbols(&self) -> Symbols<'_> {
        Symbols::bounded(self.functions(), &self.image.function_starts(), &self.code)
    }
}

fn cut(name: &[u8]) -> &[u8] {
    name.get(..MAX_SECTION_NAME).unwrap_or(name)
}

fn inflatable(packed: &[u8]) -> Option<CompressedData<'_>> {
    let (size, data) = packed.strip_prefix(ZLIB)?.split_first_chunk()?;
    let uncompressed_size = u64::from_be_bytes(*size);
    Some(CompressedData { format: CompressionFormat::Zlib, data, uncompressed_size })
}

fn kind<H: MachHeader>(header: &H, endian: H::Endian) -> &'static str {
    match header.filetype(endian) {
        macho::MH_OBJECT => "relocatable",
        macho::MH_EXECUTE | macho::MH_PRELOAD => "executable",
        macho::MH_DYLIB | macho::MH_BUNDLE | macho::MH_DYLINKER | macho::MH_KEXT_BUNDLE => "shared library",
        macho::MH_DSYM => "debug companion",
        macho::MH_CORE => "core",
        _ => "other",
    }
}
