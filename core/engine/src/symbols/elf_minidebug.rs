//! The symbol table that distributions leave in stripped programs: an ELF file, packed with xz, in `.gnu_debugdata`.
//!
//! Source: "MiniDebugInfo" in the manual of GDB. It holds the functions that `.dynsym` does not have.

use std::io::Read;

use lzma_rust2::XzReader;
use object::read::elf::{ElfFile, FileHeader};
use object::{Endianness, Object, ObjectSection, elf};

use super::guard::caught;
use super::symtab::OwnedSymbol;
use super::{elf_symbols, elf_symbols::is_64};

/// Symbol tables of the largest programs take a tenth of this.
const MAX_UNPACKED: u64 = 256 << 20;
/// Real tables shrink to a fifth; beyond this ratio (and this size) it is a bomb.
const MAX_RATIO: u64 = 128;
const RATIO_FREE: u64 = 16 << 20;
/// KiB for unpacking: what the strongest setting of xz asks for, and some more.
const MAX_MEMORY: u32 = 72 << 10;
const SECTION: &str = ".gnu_debugdata";

/// Whether there is such a table. It has not been unpacked.
pub(super) fn is_there<'d>(file: &impl Object<'d>) -> bool {
    file.section_by_name(SECTION).is_some_and(|section| section.size() > 0)
}

/// The functions in it; none if it is damaged.
pub(super) fn functions<'d>(file: &impl Object<'d>) -> Vec<OwnedSymbol> {
    let packed = file.section_by_name(SECTION).and_then(|section| section.data().ok());
    let Some(unpacked) = packed.and_then(|packed| caught(|| unpack(packed))).flatten() else {
        return Vec::new();
    };
    if is_64(&unpacked) {
        owned(ElfFile::<elf::FileHeader64<Endianness>>::parse(&*unpacked))
    } else {
        owned(ElfFile::<elf::FileHeader32<Endianness>>::parse(&*unpacked))
    }
}

fn owned<H: FileHeader>(file: object::Result<ElfFile<'_, H>>) -> Vec<OwnedSymbol> {
    file.map_or(Vec::new(), |file| elf_symbols::functions(&file).map(OwnedSymbol::from).collect())
}

/// None if it is no xz stream or inflates beyond reason.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let limit = (packed.len() as u64).saturating_mul(MAX_RATIO).clamp(RATIO_FREE, MAX_UNPACKED);
    let mut unpacked = Vec::new();
    let read = XzReader::new_mem_limit(packed, false, MAX_MEMORY).take(limit + 1).read_to_end(&mut unpacked);
    read.ok().filter(|len| *len as u64 <= limit)?;
    Some(unpacked)
}
