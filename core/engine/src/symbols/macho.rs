//! Mach-O files (`<mach-o/loader.h>`): executables, libraries, and the debug companion inside of a dSYM bundle.
//!
//! An unstripped executable has symbols, but its DWARF stays in the object files until `dsymutil` collects it.

use object::macho;
use object::read::macho::{
    FatArch, MachHeader, MachOFatFile32, MachOFatFile64, MachOFile, Nlist, Section, Segment,
};
use object::{CompressedData, Endianness, Object};

use super::code::Code;
use super::debug_file::{Container, Summary, section_of, size_of_section};
use super::error::DebugFileError;
use super::hexadecimal;
use super::ident::DebugId;
use super::symtab::{Binding, Kind, Symbol, Symbols};
use super::text;

/// The first bytes of a file for one processor, in either byte order and pointer width.
pub(super) const MAGICS: [[u8; 4]; 4] =
    [[0xcf, 0xfa, 0xed, 0xfe], [0xce, 0xfa, 0xed, 0xfe], [0xfe, 0xed, 0xfa, 0xcf], [0xfe, 0xed, 0xfa, 0xce]];
/// More processors than any universal binary is for; Java's class files have the same magic and a greater number.
const MAX_SLICES: usize = 32;
/// Functions of the largest programs, by `LC_FUNCTION_STARTS`.
const MAX_STARTS: usize = 1 << 24;

/// The files inside of a universal binary; None if the bytes are no universal binary.
pub(super) fn slices(data: &[u8]) -> Option<Vec<&[u8]>> {
    match data.get(..4)? {
        [0xca, 0xfe, 0xba, 0xbe] => contents(data, MachOFatFile32::parse(data).ok()?.arches()),
        [0xca, 0xfe, 0xba, 0xbf] => contents(data, MachOFatFile64::parse(data).ok()?.arches()),
        _ => None,
    }
}

fn contents<'d, A: FatArch>(data: &'d [u8], slices: &[A]) -> Option<Vec<&'d [u8]>> {
    // One that cannot be read must not change the places of the others.
    let content = |slice: &A| slice.data(data).unwrap_or(&[]);
    (slices.len() <= MAX_SLICES).then(|| slices.iter().map(content).collect())
}

/// A file for one processor of which nothing but load commands has been read.
struct MachO<'d, H: MachHeader> {
    file: MachOFile<'d, H>,
    data: &'d [u8],
    load_address: u64,
    code: Code,
}

/// Parses the load commands of a file of either pointer width and byte order.
pub(super) fn parse(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    match data.get(..4) {
        Some([0xcf, ..] | [.., 0xcf]) => Ok(Box::new(MachO::<macho::MachHeader64<Endianness>>::parse(data)?)),
        _ => Ok(Box::new(MachO::<macho::MachHeader32<Endianness>>::parse(data)?)),
    }
}

impl<'d, H: MachHeader> MachO<'d, H> {
    fn parse(data: &'d [u8]) -> Result<Self, DebugFileError> {
        let file = MachOFile::<H>::parse(data)?;
        Ok(Self { load_address: load_address(&file), code: code(&file), file, data })
    }

    fn functions(&self) -> impl Iterator<Item = Symbol<'d>> {
        let endian = self.file.endian();
        let table = self.file.macho_symbol_table();
        let names = table.strings();
        table.iter().filter_map(move |entry| {
            if entry.is_stab() || !entry.is_definition() {
                return None;
            }
            let name = without_underscore(entry.name(endian, names).ok()?);
            let name = text::cut_at_nul(name, 0).filter(|name| !name.is_empty())?;
            let address: u64 = entry.n_value(endian).into();
            Some(Symbol::new(name, address, 0, Kind::Function, binding(entry, endian)))
        })
    }

    /// Where functions start, ascending, as `LC_FUNCTION_STARTS` has it.
    fn function_starts(&self) -> Vec<u64> {
        let endian = self.file.endian();
        let Ok(mut commands) = self.file.macho_load_commands() else { return Vec::new() };
        while let Ok(Some(command)) = commands.next() {
            if command.cmd() != macho::LC_FUNCTION_STARTS {
                continue;
            }
            let Ok(list) = command.data::<macho::LinkeditDataCommand<H::Endian>>() else { continue };
            return list.data(endian, self.data).map_or_else(|_| Vec::new(), |bytes| self.decoded(bytes));
        }
        Vec::new()
    }

    /// Distances as ULEB128, the first one from the start of `__TEXT`; a distance of 0 ends the list.
    fn decoded(&self, bytes: &[u8]) -> Vec<u64> {
        let mut reader = gimli::EndianSlice::new(bytes, gimli::LittleEndian);
        let mut starts = Vec::new();
        let mut at = self.load_address;
        while let Ok(distance @ 1..) = gimli::Reader::read_uleb128(&mut reader) {
            let Some(next) = at.checked_add(distance) else { break };
            if starts.len() == MAX_STARTS {
                break;
            }
            at = next;
            starts.push(at);
        }
        starts
    }
}

impl<'d, H: MachHeader> Container<'d> for MachO<'d, H> {
    fn summarize(&self) -> Summary {
        let uuid = self.file.mach_uuid().ok().flatten();
        Summary {
            format: "macho",
            index: 0,
            arch: arch(&self.file),
            kind: kind(&self.file),
            code_id: uuid.map(|uuid| hexadecimal(&uuid)),
            debug_id: uuid.map(DebugId::of_uuid),
            debug_link: None,
            debug_link_crc: None,
            split_ids: Vec::new(),
            load_address: self.load_address,
            has_debug_info: size_of_section(&self.file, ".debug_info") > 0,
            has_symbols: self.functions().any(|symbol| self.code.containing(symbol.address).is_some()),
        }
    }

    fn origin(&self) -> u64 {
        self.load_address
    }

    fn code(&self) -> &Code {
        &self.code
    }

    fn is_little_endian(&self) -> bool {
        self.file.is_little_endian()
    }

    fn section(&self, name: &str) -> CompressedData<'d> {
        section_of(&self.file, name)
    }

    fn symbols(&self) -> Symbols<'d> {
        Symbols::bounded(self.functions(), &self.function_starts(), &self.code)
    }
}

/// C compilers put an underscore before every name.
fn without_underscore(name: &[u8]) -> &[u8] {
    name.strip_prefix(b"_").unwrap_or(name)
}

fn binding<N: Nlist>(entry: &N, endian: N::Endian) -> Binding {
    let is_external = entry.n_type().0 & macho::N_EXT.0 != 0;
    match (is_external, entry.n_desc(endian).0 & macho::N_WEAK_DEF.0 != 0) {
        (false, _) => Binding::Local,
        (true, true) => Binding::Weak,
        (true, false) => Binding::Global,
    }
}

/// Sentry's name of the processor.
fn arch<H: MachHeader>(file: &MachOFile<'_, H>) -> &'static str {
    let header = file.macho_header();
    let endian = file.endian();
    // The upper byte of the subtype holds capabilities.
    let subtype = header.cpusubtype(endian).0 & 0x00ff_ffff;
    match (header.cputype(endian), subtype) {
        (macho::CPU_TYPE_X86_64, 8) => "x86_64h",
        (macho::CPU_TYPE_X86_64, _) => "x86_64",
        (macho::CPU_TYPE_X86, _) => "x86",
        (macho::CPU_TYPE_ARM64, 2) => "arm64e",
        (macho::CPU_TYPE_ARM64, _) => "arm64",
        (macho::CPU_TYPE_ARM64_32, _) => "arm64_32",
        (macho::CPU_TYPE_ARM, 9) => "armv7",
        (macho::CPU_TYPE_ARM, 11) => "armv7s",
        (macho::CPU_TYPE_ARM, 12) => "armv7k",
        (macho::CPU_TYPE_ARM, _) => "arm",
        (macho::CPU_TYPE_POWERPC, _) => "ppc",
        (macho::CPU_TYPE_POWERPC64, _) => "ppc64",
        _ => "unknown",
    }
}

fn kind<H: MachHeader>(file: &MachOFile<'_, H>) -> &'static str {
    match file.macho_header().filetype(file.endian()) {
        macho::MH_OBJECT => "relocatable",
        macho::MH_EXECUTE | macho::MH_PRELOAD => "executable",
        macho::MH_DYLIB | macho::MH_BUNDLE | macho::MH_DYLINKER | macho::MH_KEXT_BUNDLE => "shared library",
        macho::MH_DSYM => "debug companion",
        macho::MH_CORE => "core",
        _ => "other",
    }
}

/// The image begins with its header, and that with `__TEXT`.
fn load_address<H: MachHeader>(file: &MachOFile<'_, H>) -> u64 {
    let endian = file.endian();
    let segments = file.segments().map(|segment| segment.macho_segment());
    let text = segments.into_iter().find(|segment| segment.name() == b"__TEXT");
    text.map_or(0, |segment| segment.vmaddr(endian).into())
}

/// Sections that hold instructions.
fn code<H: MachHeader>(file: &MachOFile<'_, H>) -> Code {
    let endian = file.endian();
    let attributes = macho::S_ATTR_PURE_INSTRUCTIONS.0 | macho::S_ATTR_SOME_INSTRUCTIONS.0;
    let sections = file.sections().map(|section| section.macho_section());
    let code = sections.filter(|section| section.flags(endian).0 & attributes != 0);
    let range = |section: &H::Section| {
        let start: u64 = section.addr(endian).into();
        start..start.saturating_add(section.size(endian).into())
    };
    Code::new(code.map(range).collect())
}
