//! The functions in `.symtab` and `.dynsym`.

use object::elf::{self, Machine};
use object::read::elf::{ElfFile, FileHeader, SectionHeader, SectionTable, Sym};
use object::{Object, SectionIndex};

use super::symtab::{Binding, Kind, Symbol};
use super::text;

/// Where the header says how wide addresses are.
const CLASS_AT: usize = 4;

/// Whether addresses in a file have 64 bits; it need not be one.
pub(super) fn is_64(data: &[u8]) -> bool {
    data.get(CLASS_AT).copied() != Some(elf::ELFCLASS32.0)
}

/// Every defined function or label, table by table. A damaged table gives what can be read of it.
pub(super) fn functions<'d, 'f, H: FileHeader>(
    file: &'f ElfFile<'d, H>,
) -> impl Iterator<Item = Symbol<'d>> + use<'d, 'f, H> {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_section_table();
    let reader = Reader::of(file);
    let tables = sections
        .iter()
        .filter(move |section| matches!(section.sh_type(endian), elf::SHT_SYMTAB | elf::SHT_DYNSYM));
    tables.flat_map(move |section| {
        let symbols = section.data_as_array::<H::Sym, _>(endian, data).unwrap_or_default();
        let names = linked_strings::<H>(sections, section, endian, data);
        let is_export = section.sh_type(endian) == elf::SHT_DYNSYM;
        let read = move |symbol| names.and_then(|names| reader.read(symbol, names));
        let symbols = symbols.iter().filter_map(read);
        symbols.map(move |symbol| if is_export { symbol.exported() } else { symbol })
    })
}

fn linked_strings<'d, H: FileHeader>(
    sections: &SectionTable<'d, H>,
    section: &H::SectionHeader,
    endian: H::Endian,
    data: &'d [u8],
) -> Option<&'d [u8]> {
    sections.section(section.link(endian)).ok()?.data(endian, data).ok()
}

/// What reading a symbol needs besides the symbol.
struct Reader<'d, 'f, H: FileHeader> {
    endian: H::Endian,
    machine: Machine,
    sections: &'f SectionTable<'d, H>,
    descriptors: Option<Descriptors<'d>>,
}

// Derived, they would ask the same of H.
impl<H: FileHeader> Clone for Reader<'_, '_, H> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H: FileHeader> Copy for Reader<'_, '_, H> {}

/// The section that function symbols of big-endian ppc64 point into: each of its entries starts with an address of code
/// (64-bit PowerPC ELF ABI, version 1).
#[derive(Clone, Copy)]
struct Descriptors<'d> {
    start: u64,
    bytes: &'d [u8],
    little: bool,
}

impl Descriptors<'_> {
    /// The code behind the descriptor at `address`.
    fn code(&self, address: u64) -> Option<u64> {
        let at = usize::try_from(address.checked_sub(self.start)?).ok()?;
        let entry = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u64::from_le_bytes(entry) } else { u64::from_be_bytes(entry) })
    }
}

impl<'d, 'f, H: FileHeader> Reader<'d, 'f, H> {
    fn of(file: &'f ElfFile<'d, H>) -> Self {
        let (endian, sections) = (file.endian(), file.elf_section_table());
        let machine = file.elf_header().e_machine(endian);
        let table = Some(b".opd").filter(|_| machine == elf::EM_PPC64);
        let descriptors = table.and_then(|name| {
            let (_, section) = sections.section_by_name(endian, name)?;
            let bytes = section.data(endian, file.data()).ok()?;
            Some(Descriptors {
                start: section.sh_addr(endian).into(),
                bytes,
                little: file.is_little_endian(),
            })
        });
        Self { endian, machine, sections, descriptors }
    }

    fn read(&self, symbol: &H::Sym, names: &'d [u8]) -> Option<Symbol<'d>> {
        let kind = match symbol.st_type() {
            elf::STT_FUNC | elf::STT_GNU_IFUNC => Kind::Function,
            elf::STT_NOTYPE => Kind::Label,
            _ => return None,
        };
        let size: u64 = symbol.st_size(self.endian).into();
        let name = without_version(text::cut_at_nul(names, symbol.st_name(self.endian) as usize)?);
        if name.is_empty() || (kind == Kind::Label && is_marker(name)) {
            return None;
        }
        let address = self.address(symbol, kind)?;
        Some(Symbol::new(name, address, size, kind, binding(symbol.st_bind())))
    }

    /// None if the symbol is not defined here, or names something else than code.
    fn address(&self, symbol: &H::Sym, kind: Kind) -> Option<u64> {
        let value: u64 = symbol.st_value(self.endian).into();
        let index = symbol.st_shndx(self.endian);
        if index == elf::SHN_UNDEF || index == elf::SHN_ABS {
            return None;
        }
        if let Some(code) = self.descriptors.and_then(|descriptors| descriptors.code(value)) {
            return Some(code);
        }
        let section = self.sections.section(SectionIndex(index.0.into())).ok();
        let is_elsewhere =
            |section: &H::SectionHeader| section.sh_flags(self.endian).0 & elf::SHF_EXECINSTR.0 == 0;
        if index.0 < elf::SHN_LORESERVE && section.is_some_and(is_elsewhere) {
            return None;
        }
        // The lowest bit of a function's address says "Thumb" or "microMIPS" and is no part of the address.
        let is_marked = matches!(self.machine, elf::EM_ARM | elf::EM_MIPS) && kind == Kind::Function;
        Some(if is_marked { value & !1 } else { value })
    }
}

fn binding(binding: elf::SymbolBind) -> Binding {
    match binding {
        elf::STB_GLOBAL | elf::STB_GNU_UNIQUE => Binding::Global,
        elf::STB_WEAK => Binding::Weak,
        _ => Binding::Local,
    }
}

/// `memcpy@@GLIBC_2.14` and `memcpy@plt` are both `memcpy`.
pub(super) fn without_version(name: &[u8]) -> &[u8] {
    match memchr::memchr(b'@', name) {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// Assemblers mark where code and data begin (`$a`, `$d`, `$x`) and leave local labels (`.L12`).
fn is_marker(name: &[u8]) -> bool {
    name.starts_with(b"$") || name.starts_with(b".L")
}
