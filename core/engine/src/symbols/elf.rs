//! ELF files (System V ABI): what one is, where its code lies, and its sections.

use std::ops::Range;

use object::elf;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader, SectionHeader};
use object::{Architecture, CompressedData, Object, ObjectSection};

use super::code::Code;
use super::companions::SupplementaryLink;
use super::debug_file::{Container, Summary, section_of, size_of_section};
use super::error::DebugFileError;
use super::loaded::Part;
use super::symtab::{OwnedSymbol, Symbols};
use super::{companions, elf_minidebug, elf_object, elf_plt, elf_symbols, hexadecimal, ident, text, varint};

/// The loader works in pages of at least this many bytes.
const PAGE: u64 = 4096;

/// An ELF file of which nothing but headers has been read.
struct Elf<'d, H: FileHeader> {
    file: ElfFile<'d, H>,
    load_address: u64,
    code: Code,
}

/// Parses the headers of a file of either class and byte order.
pub(super) fn parse(data: &[u8]) -> Result<Box<dyn Container<'_> + '_>, DebugFileError> {
    if elf_symbols::is_64(data) {
        Ok(Box::new(Elf::new(ElfFile::<elf::FileHeader64<object::Endianness>>::parse(data)?)))
    } else {
        Ok(Box::new(Elf::new(ElfFile::<elf::FileHeader32<object::Endianness>>::parse(data)?)))
    }
}

impl<'d, H: FileHeader> Elf<'d, H> {
    fn new(file: ElfFile<'d, H>) -> Self {
        Self { load_address: load_address(&file), code: code(&file), file }
    }

    /// Name and CRC-32 of the separate debug file.
    fn debug_link(&self) -> Option<(String, u32)> {
        let (name, crc) = self.file.gnu_debuglink().ok()??;
        Some((String::from_utf8_lossy(name).into_owned(), crc))
    }

    /// What `.debug_sup` says (DWARF 5, section 7.3.6).
    fn supplementary(&self) -> Option<Supplementary<'d>> {
        let section = self.file.section_by_name(".debug_sup")?.data().ok()?;
        let rest = section.get(2..)?;
        let (is_supplementary, rest) = rest.split_first()?;
        let name = text::cut_at_nul(rest, 0)?;
        let mut reader = varint::Reader(rest.get(name.len() + 1..)?);
        let len = usize::try_from(reader.next()?).ok()?;
        Some(Supplementary { is_it: *is_supplementary == 1, name, id: reader.0.get(..len)? })
    }
}

struct Supplementary<'d> {
    /// Whether this is the supplementary file, and not one that refers to it.
    is_it: bool,
    name: &'d [u8],
    id: &'d [u8],
}

impl<'d, H: FileHeader> Container<'d> for Elf<'d, H> {
    fn summarize(&self) -> Summary {
        let build_id = ident::build_id(&self.file);
        let (debug_link, debug_link_crc) = self.debug_link().unzip();
        Summary {
            format: "elf",
            index: 0,
            image_name: None,
            arch: arch(self.file.architecture()),
            kind: kind(&self.file),
            debug_id: ident::elf_debug_id(&self.file, build_id),
            code_id: build_id.map(hexadecimal),
            debug_link,
            debug_link_crc,
            split_ids: companions::split_ids(self),
            load_address: self.load_address,
            has_debug_info: size_of_section(&self.file, ".debug_info") > 0,
            has_symbols: elf_minidebug::is_there(&self.file)
                || elf_symbols::functions(&self.file).any(|symbol| symbol.is_function()),
            has_hidden_names: false,
            has_debug_map: false,
        }
    }

    fn origin(&self) -> u64 {
        let is_relocatable = self.file.elf_header().e_type(self.file.endian()) == elf::ET_REL;
        if is_relocatable { elf_object::BASE } else { self.load_address }
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

    fn arch(&self) -> &'static str {
        arch(self.file.architecture())
    }

    fn section_address(&self, name: &str) -> u64 {
        self.file.section_by_name(name).map_or(0, |section| section.address())
    }

    /// Sections where there is a table of them: a debug companion's segments lead to bytes that are not theirs.
    fn parts(&self) -> Vec<Part<'d>> {
        let (endian, data) = (self.file.endian(), self.file.data());
        let sections = self.file.elf_section_table().iter();
        let mut loaded =
            sections.filter(|section| section.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0).peekable();
        if loaded.peek().is_some() {
            let part = |section: &H::SectionHeader| {
                Some(Part {
                    address: section.sh_addr(endian).into(),
                    bytes: section.data(endian, data).ok()?,
                })
            };
            return loaded.filter_map(part).collect();
        }
        let segments = self.file.elf_program_headers().iter();
        let loaded = segments.filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
        let part = |segment: &H::ProgramHeader| {
            Some(Part { address: segment.p_vaddr(endian).into(), bytes: segment.data(endian, data).ok()? })
        };
        loaded.filter_map(part).collect()
    }

    fn symbols(&self) -> Symbols<'d> {
        Symbols::new(elf_symbols::functions(&self.file), &self.code)
    }

    fn supplementary_link(&self) -> Option<SupplementaryLink<'d>> {
        let of_gnu = self.file.gnu_debugaltlink().ok().flatten();
        let of_gnu = of_gnu.map(|(name, id)| SupplementaryLink { name, id });
        of_gnu.or_else(|| {
            let found = self.supplementary().filter(|found| !found.is_it)?;
            Some(SupplementaryLink { name: found.name, id: found.id })
        })
    }

    fn supplementary_id(&self) -> Option<&'d [u8]> {
        let of_standard = self.supplementary().filter(|found| found.is_it).map(|found| found.id);
        of_standard.or_else(|| ident::build_id(&self.file))
    }

    fn derived_symbols(&self) -> Vec<OwnedSymbol> {
        let mut symbols = elf_minidebug::functions(&self.file);
        symbols.extend(elf_plt::functions(&self.file));
        symbols
    }
}

/// Architecture as in Sentry's payload.
fn arch(architecture: Architecture) -> &'static str {
    use Architecture as A;
    match architecture {
        A::X86_64 | A::X86_64_X32 => "x86_64",
        A::I386 => "x86",
        A::Aarch64 => "arm64",
        A::Aarch64_Ilp32 => "arm64_32",
        A::Arm => "arm",
        A::PowerPc => "ppc",
        A::PowerPc64 => "ppc64",
        A::Mips | A::Mips64_N32 => "mips",
        A::Mips64 => "mips64",
        A::Riscv32 => "riscv32",
        A::Riscv64 => "riscv64",
        A::S390x => "s390x",
        A::LoongArch64 => "loongarch64",
        A::Sparc | A::Sparc32Plus => "sparc",
        A::Sparc64 => "sparc64",
        _ => "unknown",
    }
}

fn kind<H: FileHeader>(file: &ElfFile<'_, H>) -> &'static str {
    let endian = file.endian();
    match file.elf_header().e_type(endian) {
        elf::ET_REL if file.section_by_name(".debug_cu_index").is_some() => "split DWARF package",
        elf::ET_REL if file.section_by_name(".debug_info.dwo").is_some() => "split DWARF object",
        elf::ET_REL if is_supplementary(file) => "supplementary debug file",
        elf::ET_REL => "relocatable",
        elf::ET_CORE => "core",
        elf::ET_EXEC | elf::ET_DYN if code_is_elsewhere(file) => "debug companion",
        elf::ET_EXEC => "executable",
        elf::ET_DYN if is_pie(file) => "executable",
        elf::ET_DYN => "shared library",
        _ => "other",
    }
}

/// dwz writes a file with nothing but what debug files share.
fn is_supplementary<H: FileHeader>(file: &ElfFile<'_, H>) -> bool {
    let endian = file.endian();
    let mut sections = file.elf_section_table().iter();
    let is_loaded = sections.any(|section| section.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0);
    !is_loaded && size_of_section(file, ".debug_info") > 0
}

/// `objcopy --only-keep-debug` keeps the headers of the code and drops its bytes.
fn code_is_elsewhere<H: FileHeader>(file: &ElfFile<'_, H>) -> bool {
    let endian = file.endian();
    let mut code = file.elf_section_table().iter().filter(|section| is_code(*section, endian)).peekable();
    code.peek().is_some() && code.all(|section| section.sh_type(endian) == elf::SHT_NOBITS)
}

fn is_code<S: SectionHeader>(section: &S, endian: S::Endian) -> bool {
    let flags = section.sh_flags(endian).0;
    let wanted = elf::SHF_ALLOC.0 | elf::SHF_EXECINSTR.0;
    flags & wanted == wanted
}

/// A position-independent executable says so in `DT_FLAGS_1`; older linkers only ask for an
/// interpreter, which some shared libraries do as well, but those have a `DT_SONAME`.
fn is_pie<H: FileHeader>(file: &ElfFile<'_, H>) -> bool {
    let (mut pie, mut named) = (false, false);
    let (endian, headers) = (file.endian(), file.elf_program_headers());
    let tables = headers.iter().filter_map(|header| header.dynamic(endian, file.data()).ok().flatten());
    for entry in tables.flatten() {
        pie |= entry.tag(endian) == elf::DT_FLAGS_1 && entry.val(endian) & elf::DF_1_PIE.0 != 0;
        named |= entry.tag(endian) == elf::DT_SONAME;
    }
    pie || (!named && headers.iter().any(|header| header.p_type(endian) == elf::PT_INTERP))
}

/// The loader maps whole pages, so the image begins where the page of its first segment does.
///
/// Segments ascend, but for a kernel's data of each processor: it has addresses from 0 that nothing is loaded at.
fn load_address<H: FileHeader>(file: &ElfFile<'_, H>) -> u64 {
    let endian = file.endian();
    let segments = file.elf_program_headers().iter();
    let mut loaded = segments.filter(|segment| segment.p_type(endian) == elf::PT_LOAD).peekable();
    let first: u64 = loaded.peek().map_or(0, |segment| segment.p_vaddr(endian).into());
    let code = loaded.filter(|segment| segment.p_flags(endian).0 & elf::PF_X.0 != 0);
    code.map(|segment| segment.p_vaddr(endian).into()).fold(first, u64::min) & !(PAGE - 1)
}

/// Sections that hold instructions; without a section table, the executable segments.
fn code<H: FileHeader>(file: &ElfFile<'_, H>) -> Code {
    let endian = file.endian();
    let sections = file.elf_section_table().iter().filter(|section| is_code(*section, endian));
    let mut ranges: Vec<_> = sections
        .map(|section| extent(section.sh_addr(endian).into(), section.sh_size(endian).into()))
        .collect();
    if ranges.is_empty() {
        let segments = file.elf_program_headers().iter();
        let code = segments.filter(|segment| {
            segment.p_type(endian) == elf::PT_LOAD && segment.p_flags(endian).0 & elf::PF_X.0 != 0
        });
        ranges = code
            .map(|segment| extent(segment.p_vaddr(endian).into(), segment.p_memsz(endian).into()))
            .collect();
    }
    Code::new(ranges)
}

fn extent(start: u64, size: u64) -> Range<u64> {
    start..start.saturating_add(size)
}
