//! The functions in `.symtab` and `.dynsym`.

use object::elf;
use object::read::elf::{ElfFile, FileHeader, SectionHeader, SectionTable, Sym};

use super::symtab::{Binding, Kind, Symbol};
use super::text;

/// Every defined function or label, table by table. A damaged table gives what can be read of it.
pub(super) fn functions<'d, 'f, H: FileHeader>(
    file: &'f ElfFile<'d, H>,
) -> impl Iterator<Item = Symbol<'d>> + use<'d, 'f, H> {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_section_table();
    let thumb = file.elf_header().e_machine(endian) == elf::EM_ARM;
    let tables = sections
        .iter()
        .filter(move |section| matches!(section.sh_type(endian), elf::SHT_SYMTAB | elf::SHT_DYNSYM));
    tables.flat_map(move |section| {
        let symbols = section.data_as_array::<H::Sym, _>(endian, data).unwrap_or_default();
        let names = linked_strings::<H>(sections, section, endian, data);
        let is_export = section.sh_type(endian) == elf::SHT_DYNSYM;
        let read = move |symbol| names.and_then(|names| read_symbol::<H>(symbol, endian, names, thumb));
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

fn read_symbol<'d, H: FileHeader>(
    symbol: &H::Sym,
    endian: H::Endian,
    names: &'d [u8],
    thumb: bool,
) -> Option<Symbol<'d>> {
    let kind = match symbol.st_type() {
        elf::STT_FUNC | elf::STT_GNU_IFUNC => Kind::Function,
        elf::STT_NOTYPE => Kind::Label,
        _ => return None,
    };
    let section = symbol.st_shndx(endian);
    if section == elf::SHN_UNDEF || section == elf::SHN_ABS {
        return None;
    }
    let name = without_version(text::cut_at_nul(names, symbol.st_name(endian) as usize)?);
    if name.is_empty() || (kind == Kind::Label && is_marker(name)) {
        return None;
    }
    let value: u64 = symbol.st_value(endian).into();
    // The lowest bit of an ARM function's address says "Thumb" and is no part of the address.
    let address = if thumb && kind == Kind::Function { value & !1 } else { value };
    Some(Symbol::new(name, address, symbol.st_size(endian).into(), kind, binding(symbol.st_bind())))
}

fn binding(binding: elf::SymbolBind) -> Binding {
    match binding {
        elf::STB_GLOBAL | elf::STB_GNU_UNIQUE => Binding::Global,
        elf::STB_WEAK => Binding::Weak,
        _ => Binding::Local,
    }
}

/// `memcpy@@GLIBC_2.14` and `memcpy@plt` are both `memcpy`.
fn without_version(name: &[u8]) -> &[u8] {
    match memchr::memchr(b'@', name) {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// Assemblers mark where code and data begin (`$a`, `$d`, `$x`) and leave local labels (`.L12`).
fn is_marker(name: &[u8]) -> bool {
    name.starts_with(b"$") || name.starts_with(b".L")
}
