//! Functions that the symbol tables name, each with the addresses it answers for.

use object::read::elf::{ElfFile, FileHeader, SectionHeader, SectionTable, Sym};
use object::{File, elf};

use super::code::Code;
use super::intervals::{Cover, Interval, flatten};
use super::text;

/// Symbol tables of the largest programs have a few million entries.
const MAX_SYMBOLS: usize = 1 << 24;

/// A function of a symbol table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol<'d> {
    /// Mangled, without the version that a dynamic symbol may carry.
    pub name: &'d [u8],
    /// Virtual address.
    pub address: u64,
    /// Bytes; 0 where the table does not say.
    pub size: u64,
    rank: Rank,
}

/// Which of several symbols at one address names it best: the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    sized: bool,
    typed: bool,
    binding: u8,
}

/// The functions of a file by address, aliases included.
#[derive(Default)]
pub struct Symbols<'d> {
    /// Ascending by address; among aliases the preferred name comes first.
    all: Vec<Symbol<'d>>,
    covers: Vec<Cover<u32>>,
}

impl<'d> Symbols<'d> {
    /// Reads `.symtab` and `.dynsym`. A damaged table gives what can be read of it.
    #[must_use]
    pub fn read(file: &File<'d>, code: &Code) -> Self {
        let mut all = Vec::new();
        visit(file, &mut |symbol| {
            if code.containing(symbol.address).is_some() && all.len() < MAX_SYMBOLS {
                all.push(symbol);
            }
            true
        });
        Self::new(all, code)
    }

    fn new(mut all: Vec<Symbol<'d>>, code: &Code) -> Self {
        all.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
        all.dedup_by_key(|symbol| (symbol.address, symbol.name));
        let covers = flatten(claims(&all, code));
        Self { all, covers }
    }

    /// Every function by ascending address, aliases included.
    #[must_use]
    pub fn all(&self) -> &[Symbol<'d>] {
        &self.all
    }

    /// The symbols whose address this is, the preferred one first.
    #[must_use]
    pub fn aliases(&self, address: u64) -> &[Symbol<'d>] {
        let start = self.all.partition_point(|symbol| symbol.address < address);
        let len = self.all[start..].partition_point(|symbol| symbol.address == address);
        &self.all[start..start + len]
    }

    /// Disjoint stretches of code; `item` is an index into [`Symbols::all`].
    #[must_use]
    pub fn covers(&self) -> &[Cover<u32>] {
        &self.covers
    }

    /// The preferred name of the function around `address`.
    #[must_use]
    pub fn at(&self, address: u64) -> Option<&Symbol<'d>> {
        let after = self.covers.partition_point(|cover| cover.start <= address);
        let cover = self.covers[..after].last().filter(|cover| address < cover.end)?;
        self.all.get(cover.item as usize)
    }
}

type Order<'d> = (u64, std::cmp::Reverse<Rank>, usize, usize, &'d [u8]);

/// Ascending by address, then the name that a person would expect first: `malloc`, not `__libc_malloc`.
fn order<'d>(symbol: &Symbol<'d>) -> Order<'d> {
    let underscores = symbol.name.iter().take_while(|byte| **byte == b'_').count();
    let underscores = if text::is_mangled(symbol.name) { 0 } else { underscores };
    (symbol.address, std::cmp::Reverse(symbol.rank), underscores, symbol.name.len(), symbol.name)
}

/// The stretch that each preferred symbol claims. Where stretches overlap the later start wins,
/// except that a label inside a function (an untyped symbol) claims nothing of it.
fn claims(all: &[Symbol<'_>], code: &Code) -> Vec<Interval<(bool, u64), u32>> {
    let firsts: Vec<(usize, &Symbol<'_>)> = (0..all.len())
        .filter(|&index| index == 0 || all[index - 1].address != all[index].address)
        .map(|index| (index, &all[index]))
        .collect();
    let ends = firsts.iter().skip(1).map(|(_, symbol)| symbol.address).chain([u64::MAX]);
    let claim = |((index, symbol), next): (&(usize, &Symbol<'_>), u64)| {
        let end = if symbol.size == 0 { next } else { symbol.address.saturating_add(symbol.size) };
        let range = code.clamp(symbol.address..end)?;
        let priority = (symbol.rank.sized && symbol.rank.typed, range.start);
        Some(Interval { start: range.start, end: range.end, priority, item: u32::try_from(*index).ok()? })
    };
    firsts.iter().zip(ends).filter_map(claim).collect()
}

/// Whether a symbol table names a function.
pub(super) fn has_functions(file: &File<'_>) -> bool {
    let mut found = false;
    visit(file, &mut |symbol| {
        found |= symbol.rank.typed;
        !found
    });
    found
}

/// Calls `visitor` with every defined function or label until it returns false.
fn visit<'d>(file: &File<'d>, visitor: &mut dyn FnMut(Symbol<'d>) -> bool) {
    match file {
        File::Elf32(file) => visit_tables(file, visitor),
        File::Elf64(file) => visit_tables(file, visitor),
        _ => {}
    }
}

fn visit_tables<'d, H: FileHeader>(file: &ElfFile<'d, H>, visitor: &mut dyn FnMut(Symbol<'d>) -> bool) {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_section_table();
    let thumb = file.elf_header().e_machine(endian) == elf::EM_ARM;
    for section in sections.iter() {
        if !matches!(section.sh_type(endian), elf::SHT_SYMTAB | elf::SHT_DYNSYM) {
            continue;
        }
        let Ok(symbols) = section.data_as_array::<H::Sym, _>(endian, data) else { continue };
        let Some(names) = linked_strings::<H>(sections, section, endian, data) else { continue };
        let read = |symbol| read_symbol::<H>(symbol, endian, names, thumb);
        if !symbols.iter().filter_map(read).all(&mut *visitor) {
            return;
        }
    }
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
    let typed = match symbol.st_type() {
        elf::STT_FUNC | elf::STT_GNU_IFUNC => true,
        elf::STT_NOTYPE => false,
        _ => return None,
    };
    let section = symbol.st_shndx(endian);
    if section == elf::SHN_UNDEF || section == elf::SHN_ABS {
        return None;
    }
    let name = without_version(text::cut_at_nul(names, symbol.st_name(endian) as usize)?);
    if name.is_empty() || (!typed && is_marker(name)) {
        return None;
    }
    let value: u64 = symbol.st_value(endian).into();
    // The lowest bit of an ARM function's address says "Thumb" and is no part of the address.
    let address = if thumb && typed { value & !1 } else { value };
    let size: u64 = symbol.st_size(endian).into();
    let rank = Rank { sized: size > 0, typed, binding: binding(symbol.st_bind()) };
    Some(Symbol { name, address, size, rank })
}

fn binding(binding: elf::SymbolBind) -> u8 {
    match binding {
        elf::STB_GLOBAL | elf::STB_GNU_UNIQUE => 2,
        elf::STB_WEAK => 1,
        _ => 0,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &'static str, address: u64, size: u64, binding: u8) -> Symbol<'static> {
        let rank = Rank { sized: size > 0, typed: true, binding };
        Symbol { name: name.as_bytes(), address, size, rank }
    }

    fn code() -> Code {
        Code::new(vec![0..50, 50..100])
    }

    fn name_at(symbols: &Symbols<'static>, address: u64) -> Option<&'static str> {
        symbols.at(address).map(|s| std::str::from_utf8(s.name).unwrap())
    }

    #[test]
    fn the_public_name_wins_among_aliases() {
        let all =
            vec![symbol("__libc_malloc", 16, 8, 2), symbol("malloc", 16, 8, 2), symbol("impl", 16, 8, 0)];
        let symbols = Symbols::new(all, &code());
        assert_eq!(name_at(&symbols, 20), Some("malloc"));
        assert_eq!(symbols.all().len(), 3);
    }

    #[test]
    fn a_symbol_without_size_ends_at_the_next_one_or_with_its_section() {
        let all = vec![symbol("first", 16, 0, 2), symbol("second", 32, 0, 2)];
        let symbols = Symbols::new(all, &code());
        assert_eq!(name_at(&symbols, 15), None);
        assert_eq!(name_at(&symbols, 31), Some("first"));
        assert_eq!(name_at(&symbols, 99), Some("second"));
        assert_eq!(name_at(&symbols, 100), None);
    }

    #[test]
    fn a_sized_symbol_does_not_answer_beyond_its_end() {
        let symbols = Symbols::new(vec![symbol("f", 16, 8, 2)], &code());
        assert_eq!(name_at(&symbols, 23), Some("f"));
        assert_eq!(name_at(&symbols, 24), None);
    }

    #[test]
    fn a_label_inside_a_function_does_not_split_it() {
        let mut label = symbol("label", 20, 0, 0);
        label.rank.typed = false;
        let symbols = Symbols::new(vec![symbol("f", 16, 16, 2), label], &code());
        assert_eq!(name_at(&symbols, 24), Some("f"));
        assert_eq!(name_at(&symbols, 40), Some("label"));
    }
}
