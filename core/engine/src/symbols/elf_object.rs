//! Relocatable ELF files (`.o`, `.ko`), laid out and relocated as a linker or a loader of modules would do it.
//!
//! ```text
//! module.ko                       address (internal)     image-relative
//!   .text        0x13b bytes      0x10000                0
//!   .text.cold    0x26 bytes      0x10140                0x140
//!   .exit.text    0x1a bytes      0x10170                0x170
//!   .init.text    0x14 bytes      0x1018a                0x18a     code that a kernel frees comes last
//!   .data …                       behind all code
//! ```
//!
//! Sections with code follow one another in the order of the section table, each aligned as it asks; `.init…` comes
//! after the others, as Linux has it in a region of its own. So `module+0x140` of an oops counts from the first of
//! them. An object file of a compiler (`-ffunction-sections`) is laid out by the same rule.
//!
//! Internally code starts at [`BASE`]: address 0 stays what it is in linked files, the mark of dropped code.
//! Debug sections of one name, such as those of COMDAT groups, are joined; relocations are applied to them alone.

use std::collections::BTreeMap;

use object::read::elf::{ElfFile, FileHeader, Rel, Rela, SectionHeader, Sym};
use object::{Endianness, Object, ObjectSection, SectionIndex, SymbolIndex, elf};

use super::debug_file::Allowance;
use super::elf_relocation::{Patch, patch_of};
use super::elf_symbols::is_64;
use super::error::DebugFileError;

/// Address of the first code.
pub(super) const BASE: u64 = 0x10000;
/// No real section asks for more than a huge page.
const MAX_ALIGN: u64 = 1 << 30;
const TYPE_AT: usize = 16;

/// The same file with addresses in its section headers and symbols, and debug sections appended to it relocated; None
/// if the file is not relocatable.
pub(super) fn laid_out(data: &[u8]) -> Result<Option<Vec<u8>>, DebugFileError> {
    if !is_relocatable(data) {
        return Ok(None);
    }
    if is_64(data) {
        lay_out(&ElfFile::<elf::FileHeader64<Endianness>>::parse(data)?).map(Some)
    } else {
        lay_out(&ElfFile::<elf::FileHeader32<Endianness>>::parse(data)?).map(Some)
    }
}

fn is_relocatable(data: &[u8]) -> bool {
    let kind = data.get(TYPE_AT..TYPE_AT + 2).and_then(|bytes| bytes.try_into().ok());
    let is = |value: u16| value == elf::ET_REL.0;
    let little = data.get(5).copied() == Some(elf::ELFDATA2LSB.0);
    data.starts_with(&elf::ELFMAG)
        && kind
            .is_some_and(|kind| is(if little { u16::from_le_bytes(kind) } else { u16::from_be_bytes(kind) }))
}

fn lay_out<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Result<Vec<u8>, DebugFileError> {
    let mut starts = addresses(file)?;
    let mut joined = joined_sections(file, &mut starts)?;
    relocate(file, &starts, &mut joined);
    let mut image = Image { bytes: file.data().to_vec(), fields: Fields::of(file) };
    image.write_symbols(file, &starts);
    image.write_addresses(file, &starts);
    for section in joined.into_values() {
        image.append(section);
    }
    Ok(image.bytes)
}

/// What the names of debug sections start with.
fn is_debug(name: &[u8]) -> bool {
    name.starts_with(b".debug_")
}

/// Where each section starts, by its index; 0 for those that are not loaded.
fn addresses<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Result<Vec<u64>, DebugFileError> {
    let (endian, table) = (file.endian(), file.elf_section_table());
    let mut starts = vec![0; table.len()];
    let mut at = BASE;
    for wanted in [Place::Code, Place::InitialCode, Place::Data] {
        for (SectionIndex(index), section) in table.enumerate() {
            if place(section, endian, table.section_name(endian, section).unwrap_or_default()) == Some(wanted)
            {
                let align: u64 = section.sh_addralign(endian).into();
                let start = aligned(at, align);
                starts[index] = start.ok_or_else(too_large)?;
                at = starts[index].checked_add(section.sh_size(endian).into()).ok_or_else(too_large)?;
            }
        }
    }
    Ok(starts)
}

fn too_large() -> DebugFileError {
    DebugFileError::Malformed("its sections are larger than memory".to_owned())
}

fn aligned(at: u64, align: u64) -> Option<u64> {
    let align = if align.is_power_of_two() { align.min(MAX_ALIGN) } else { 1 };
    Some(at.checked_add(align - 1)? & !(align - 1))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    InitialCode,
    Data,
}

fn place<S: SectionHeader>(section: &S, endian: S::Endian, name: &[u8]) -> Option<Place> {
    let flags = section.sh_flags(endian).0;
    if flags & elf::SHF_ALLOC.0 == 0 {
        None
    } else if flags & elf::SHF_EXECINSTR.0 == 0 {
        Some(Place::Data)
    } else if name.starts_with(b".init") {
        Some(Place::InitialCode)
    } else {
        Some(Place::Code)
    }
}

/// Debug sections of one name.
struct Joined {
    /// Index of the section that is to stand for all of them.
    first: usize,
    bytes: Vec<u8>,
}

type JoinedSections<'d> = BTreeMap<&'d [u8], Joined>;

/// The debug sections, inflated; notes in `starts` where each one lies among those of its name.
fn joined_sections<'d, H: FileHeader<Endian = Endianness>>(
    file: &ElfFile<'d, H>,
    starts: &mut [u64],
) -> Result<JoinedSections<'d>, DebugFileError> {
    let mut joined = JoinedSections::new();
    let (mut allowance, mut plain) = (Allowance::default(), file.data().len() as u64);
    for section in file.sections() {
        let (Ok(name), index) = (section.name_bytes(), section.index().0) else { continue };
        let Some(data) = section.compressed_data().ok().filter(|_| is_debug(name)) else { continue };
        // Sections that share their bytes would multiply them.
        plain = plain
            .checked_sub(data.data.len() as u64)
            .ok_or(DebugFileError::TooLarge("its sections overlap"))?;
        allowance.take_section(&data)?;
        let bytes = data.decompress().unwrap_or_default();
        let all = joined.entry(name).or_insert(Joined { first: index, bytes: Vec::new() });
        starts[index] = all.bytes.len() as u64;
        all.bytes.extend_from_slice(&bytes);
    }
    Ok(joined)
}

/// Applies the relocations of debug sections. Those of an unknown type or place are passed over.
fn relocate<H: FileHeader<Endian = Endianness>>(
    file: &ElfFile<'_, H>,
    starts: &[u64],
    joined: &mut JoinedSections<'_>,
) {
    let (endian, data, table) = (file.endian(), file.data(), file.elf_section_table());
    let machine = file.elf_header().e_machine(endian);
    let is_mips64el = file.elf_header().is_mips64el(endian);
    // Tables that share their bytes would multiply them.
    let mut allowed = data.len() / 8;
    for section in table.iter() {
        let target = section.info_link(endian);
        let name = table.section(target).and_then(|target| table.section_name(endian, target));
        let Some(into) = name.ok().and_then(|name| joined.get_mut(name)) else { continue };
        let base = starts.get(target.0).copied().unwrap_or(0);
        let mut apply = |offset: u64, kind, symbol, addend| {
            let value = match symbol {
                Some(symbol) => symbol_value(file, starts, symbol),
                None => Some(0),
            };
            let (at, patch) = (base.checked_add(offset), patch_of(machine, kind));
            if let (Some(at), Some(patch)) = (at.and_then(|at| usize::try_from(at).ok()), patch) {
                apply_one(&mut into.bytes, at, patch, value, addend, file);
            }
        };
        if let Ok(Some((entries, _))) = section.rela(endian, data) {
            for entry in entries.iter().take(allowed) {
                let (kind, addend): (_, i64) =
                    (entry.r_type(endian, is_mips64el), entry.r_addend(endian).into());
                apply(
                    entry.r_offset(endian).into(),
                    kind,
                    entry.symbol(endian, is_mips64el),
                    Some(addend as u64),
                );
            }
            allowed = allowed.saturating_sub(entries.len());
        } else if let Ok(Some((entries, _))) = section.rel(endian, data) {
            for entry in entries.iter().take(allowed) {
                apply(entry.r_offset(endian).into(), entry.r_type(endian), entry.symbol(endian), None);
            }
            allowed = allowed.saturating_sub(entries.len());
        }
    }
}

/// `value`: the symbol's; None if it is not defined here, which marks an address as that of dropped code.
fn apply_one<H: FileHeader<Endian = Endianness>>(
    bytes: &mut [u8],
    at: usize,
    patch: Patch,
    value: Option<u64>,
    addend: Option<u64>,
    file: &ElfFile<'_, H>,
) {
    let Some(bytes) = bytes.get_mut(at..) else { return };
    let address_width = if file.is_64() { 8 } else { 4 };
    let value = match value {
        Some(value) => value,
        None if patch == Patch::Set(address_width) => return fill(bytes, address_width),
        None => 0,
    };
    // A damaged place keeps its bytes.
    let _outside = patch.apply(bytes, file.is_little_endian(), value, addend);
}

fn fill(bytes: &mut [u8], width: usize) {
    if let Some(bytes) = bytes.get_mut(..width) {
        bytes.fill(0xff);
    }
}

/// Address of a symbol, or its offset in a debug section; None if it is defined elsewhere.
fn symbol_value<H: FileHeader<Endian = Endianness>>(
    file: &ElfFile<'_, H>,
    starts: &[u64],
    index: SymbolIndex,
) -> Option<u64> {
    let (endian, symbols) = (file.endian(), file.elf_symbol_table());
    let symbol = symbols.symbol(index).ok()?;
    let value: u64 = symbol.st_value(endian).into();
    if symbol.st_shndx(endian) == elf::SHN_ABS {
        return Some(value);
    }
    let SectionIndex(section) = symbols.symbol_section(endian, symbol, index).ok()??;
    let is_thumb = file.elf_header().e_machine(endian) == elf::EM_ARM && symbol.st_type() == elf::STT_FUNC;
    let value = if is_thumb { value & !1 } else { value };
    Some(starts.get(section)?.wrapping_add(value))
}

/// Where headers and symbols have what is written, in bytes.
#[derive(Clone, Copy)]
struct Fields {
    little: bool,
    word: usize,
    headers: usize,
    header_size: usize,
    address: usize,
    offset: usize,
    size: usize,
    symbol_value: usize,
}

impl Fields {
    fn of<H: FileHeader<Endian = Endianness>>(file: &ElfFile<'_, H>) -> Self {
        let headers: u64 = file.elf_header().e_shoff(file.endian()).into();
        let headers = usize::try_from(headers).unwrap_or(usize::MAX);
        let little = file.is_little_endian();
        let header_size = size_of::<H::SectionHeader>();
        if file.is_64() {
            Self { little, word: 8, headers, header_size, address: 16, offset: 24, size: 32, symbol_value: 8 }
        } else {
            Self { little, word: 4, headers, header_size, address: 12, offset: 16, size: 20, symbol_value: 4 }
        }
    }
}

/// Flags lie at the same place in both classes.
const FLAGS: usize = 8;

/// The file that is written.
struct Image {
    bytes: Vec<u8>,
    fields: Fields,
}

impl Image {
    fn write_addresses<H: FileHeader<Endian = Endianness>>(&mut self, file: &ElfFile<'_, H>, starts: &[u64]) {
        let endian = file.endian();
        for (index, section) in file.elf_section_table().enumerate() {
            if section.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0 {
                self.put_header(index.0, self.fields.address, starts[index.0]);
            }
        }
    }

    /// Replaces a section by one at the end of the file.
    fn append(&mut self, section: Joined) {
        let Fields { offset, size, .. } = self.fields;
        self.put_header(section.first, FLAGS, 0);
        self.put_header(section.first, offset, self.bytes.len() as u64);
        self.put_header(section.first, size, section.bytes.len() as u64);
        self.bytes.extend(section.bytes);
    }

    fn write_symbols<H: FileHeader<Endian = Endianness>>(&mut self, file: &ElfFile<'_, H>, starts: &[u64]) {
        let (endian, symbols) = (file.endian(), file.elf_symbol_table());
        let table = file.elf_section_table().section(symbols.section());
        let Some((offset, _)) = table.ok().and_then(|table| table.file_range(endian)) else { return };
        for (SymbolIndex(index), symbol) in symbols.enumerate() {
            let Ok(Some(SectionIndex(section))) = symbols.symbol_section(endian, symbol, SymbolIndex(index))
            else {
                continue;
            };
            let Some(start) = starts.get(section) else { continue };
            let value: u64 = symbol.st_value(endian).into();
            let at = offset as usize + index * size_of::<H::Sym>() + self.fields.symbol_value;
            self.put(at, value.wrapping_add(*start));
        }
    }

    fn put_header(&mut self, index: usize, field: usize, value: u64) {
        let Fields { headers, header_size, .. } = self.fields;
        self.put(headers.saturating_add(index * header_size + field), value);
    }

    /// Writes a word of the file's class. Places were checked when the file was parsed.
    fn put(&mut self, at: usize, value: u64) {
        if let Some(bytes) = self.bytes.get_mut(at..).and_then(|bytes| bytes.get_mut(..self.fields.word)) {
            super::elf_relocation::store(bytes, self.fields.little, value);
        }
    }
}
