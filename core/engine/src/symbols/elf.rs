//! The container: what an ELF file is, where its code lies, and its sections, inflated.

use std::ops::Range;

use object::elf;
use object::read::elf::{Dyn, ElfFile, FileHeader, ProgramHeader, SectionHeader};
use object::{CompressedData, CompressionFormat, File, Object, ObjectSection};

use super::code::Code;
use super::error::DebugFileError;
use super::ident::{self, DebugId};

/// Sections may inflate to this much in all: twice the debug info of the largest programs in use.
const MAX_INFLATED: u64 = 8 << 30;
/// Real debug info shrinks to a tenth; beyond this ratio (and this size) it is a bomb.
const MAX_RATIO: u64 = 128;
const RATIO_FREE: u64 = 16 << 20;
/// The loader works in pages of at least this many bytes.
const PAGE: u64 = 4096;

/// What a debug file is and can answer, from its headers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Architecture as in Sentry's payload.
    pub arch: &'static str,
    /// "executable", "shared library", "debug companion", "relocatable", "core" or "other".
    pub kind: &'static str,
    /// GNU build id.
    pub code_id: Option<Vec<u8>>,
    /// Identifier after Breakpad's rule.
    pub debug_id: Option<DebugId>,
    /// File name in `.gnu_debuglink`.
    pub debug_link: Option<String>,
    /// Virtual address of the page in which the first loadable segment begins.
    pub load_address: u64,
    /// Whether there is a `.debug_info` with content.
    pub has_debug_info: bool,
    /// Whether a symbol table names a function.
    pub has_symbols: bool,
}

/// A parsed ELF file. Nothing but headers has been read.
pub struct DebugFile<'d> {
    pub(super) object: File<'d>,
    class: Class,
}

/// What the generic view of `object` does not tell.
struct Class {
    kind: &'static str,
    load_address: u64,
    code: Code,
}

impl<'d> DebugFile<'d> {
    /// Parses the headers of an ELF file of either class and byte order.
    pub fn parse(data: &'d [u8]) -> Result<Self, DebugFileError> {
        if !data.starts_with(&elf::ELFMAG) {
            return Err(DebugFileError::NotElf);
        }
        let object = File::parse(data)?;
        let class = match &object {
            File::Elf32(file) => classify(file),
            File::Elf64(file) => classify(file),
            _ => return Err(DebugFileError::NotElf),
        };
        Ok(Self { object, class })
    }

    /// Describes the file.
    #[must_use]
    pub fn summarize(&self) -> Summary {
        let code_id = ident::build_id(&self.object).map(<[u8]>::to_vec);
        Summary {
            arch: self.arch(),
            kind: self.class.kind,
            debug_id: ident::debug_id(&self.object, code_id.as_deref()),
            code_id,
            debug_link: self.debug_link(),
            load_address: self.class.load_address,
            has_debug_info: self.section_size(".debug_info") > 0,
            has_symbols: super::symtab::has_functions(&self.object),
        }
    }

    /// Architecture as in Sentry's payload.
    #[must_use]
    pub fn arch(&self) -> &'static str {
        use object::Architecture as A;
        match self.object.architecture() {
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

    /// Virtual address of the page in which the first loadable segment begins.
    #[must_use]
    pub fn load_address(&self) -> u64 {
        self.class.load_address
    }

    /// Where code lies.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.class.code
    }

    /// The content of a section, not yet inflated; empty where there is none.
    ///
    /// An error if it would inflate beyond reason or beyond what `allowance` has left.
    pub(super) fn section(
        &self,
        name: &str,
        allowance: &mut Allowance,
    ) -> Result<CompressedData<'d>, DebugFileError> {
        let section = self.object.section_by_name(name);
        let data = section.and_then(|section| section.compressed_data().ok());
        let data = data.unwrap_or(CompressedData::none(&[]));
        if data.format != CompressionFormat::None {
            allowance.take(data.data.len() as u64, data.uncompressed_size)?;
        }
        Ok(data)
    }

    fn section_size(&self, name: &str) -> u64 {
        let section = self.object.section_by_name(name);
        section.and_then(|section| section.file_range()).map_or(0, |(_, size)| size)
    }

    fn debug_link(&self) -> Option<String> {
        let (name, _crc) = self.object.gnu_debuglink().ok()??;
        Some(String::from_utf8_lossy(name).into_owned())
    }
}

/// How much may still be inflated.
pub(super) struct Allowance(u64);

impl Default for Allowance {
    fn default() -> Self {
        Self(MAX_INFLATED)
    }
}

impl Allowance {
    fn take(&mut self, packed: u64, unpacked: u64) -> Result<(), DebugFileError> {
        if unpacked > RATIO_FREE && unpacked / MAX_RATIO > packed {
            return Err(DebugFileError::TooLarge("a compressed section claims to inflate beyond reason"));
        }
        let rest = self.0.checked_sub(unpacked);
        self.0 = rest.ok_or(DebugFileError::TooLarge("its sections inflate to more than 8 GiB"))?;
        Ok(())
    }
}

fn classify<'d, H: FileHeader>(file: &ElfFile<'d, H>) -> Class {
    Class { kind: kind(file), load_address: load_address(file), code: code(file) }
}

fn kind<H: FileHeader>(file: &ElfFile<'_, H>) -> &'static str {
    let endian = file.endian();
    match file.elf_header().e_type(endian) {
        elf::ET_REL => "relocatable",
        elf::ET_CORE => "core",
        elf::ET_EXEC | elf::ET_DYN if code_is_elsewhere(file) => "debug companion",
        elf::ET_EXEC => "executable",
        elf::ET_DYN if is_pie(file) => "executable",
        elf::ET_DYN => "shared library",
        _ => "other",
    }
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
fn load_address<H: FileHeader>(file: &ElfFile<'_, H>) -> u64 {
    let endian = file.endian();
    let segments = file.elf_program_headers().iter();
    let loaded = segments.filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
    loaded.map(|segment| segment.p_vaddr(endian).into()).min().unwrap_or(0) & !(PAGE - 1)
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
