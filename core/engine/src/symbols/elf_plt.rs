//! Entries of procedure linkage tables: each jumps to a function of another file, and has no symbol.
//!
//! ```text
//! 1010:  ff 25 ea 2f 00 00   jmp *0x2fea(%rip)     reads slot 0x4000, which .rela.plt fills with `puts`: `puts@plt`
//! ```
//!
//! Linkers lay these tables out in many ways (lazy or not, with marks for indirect branches or without). What all of
//! them have in common is the load of the slot, so that is what is looked for.
//! Sources: the processor supplements of the System V ABI; the manuals of the processors for the encodings.

use std::collections::HashMap;

use object::elf::{self, Machine, RelocationType};
use object::read::elf::{ElfFile, FileHeader, Rel, Rela, SectionHeader, SymbolTable};

use super::elf_symbols::without_version;
use super::symtab::{Binding, Kind, OwnedSymbol};
use super::text::cut_at_nul;

/// More entries than any file has, in all tables.
const MAX_ENTRIES: usize = 1 << 20;

/// Which function a slot of the global offset table is filled with, by the slot's address.
type Slots<'d> = HashMap<u64, &'d [u8]>;

/// Every entry whose function is known, called as disassemblers do: `puts@plt`.
pub(super) fn functions<H: FileHeader>(file: &ElfFile<'_, H>) -> Vec<OwnedSymbol> {
    let (endian, data, table) = (file.endian(), file.data(), file.elf_section_table());
    let Some(decoder) = Decoder::of(file) else { return Vec::new() };
    let slots = slots(file);
    let mut entries = Vec::new();
    for section in table.iter() {
        let name = table.section_name(endian, section).unwrap_or_default();
        if let (true, Ok(code)) = (name.starts_with(b".plt"), section.data(endian, data)) {
            decoder.read(code, section.sh_addr(endian).into(), &slots, &mut entries);
        }
    }
    entries
}

/// Slots that the dynamic linker fills with the address of a function.
fn slots<'d, H: FileHeader>(file: &ElfFile<'d, H>) -> Slots<'d> {
    let (endian, data, table) = (file.endian(), file.data(), file.elf_section_table());
    let machine = file.elf_header().e_machine(endian);
    let mut slots = Slots::new();
    for section in table.iter().filter(|section| section.sh_flags(endian).0 & elf::SHF_ALLOC.0 != 0) {
        let room = MAX_ENTRIES - slots.len().min(MAX_ENTRIES);
        let Ok(symbols) = table.symbol_table_by_index(endian, data, section.link(endian)) else { continue };
        if let Ok(Some((entries, _))) = section.rela(endian, data) {
            for entry in
                entries.iter().filter(|entry| fills_slot(machine, entry.r_type(endian, false))).take(room)
            {
                let name = name_of(&symbols, endian, entry.r_sym(endian, false));
                slots.extend(name.map(|name| (entry.r_offset(endian).into(), name)));
            }
        } else if let Ok(Some((entries, _))) = section.rel(endian, data) {
            for entry in entries.iter().filter(|entry| fills_slot(machine, entry.r_type(endian))).take(room) {
                let name = name_of(&symbols, endian, entry.r_sym(endian));
                slots.extend(name.map(|name| (entry.r_offset(endian).into(), name)));
            }
        }
    }
    slots
}

fn name_of<'d, H: FileHeader>(
    symbols: &SymbolTable<'d, H>,
    endian: H::Endian,
    index: u32,
) -> Option<&'d [u8]> {
    let symbol = symbols.symbol(object::SymbolIndex(index as usize)).ok()?;
    let name = symbols.symbol_name(endian, symbol).ok()?;
    Some(without_version(cut_at_nul(name, 0)?)).filter(|name| !name.is_empty())
}

/// `JUMP_SLOT` and `GLOB_DAT`.
fn fills_slot(machine: Machine, kind: RelocationType) -> bool {
    let kinds: &[u32] = match machine {
        elf::EM_X86_64 | elf::EM_386 => &[6, 7],
        elf::EM_AARCH64 => &[1025, 1026],
        elf::EM_ARM => &[21, 22],
        // It has no GLOB_DAT but a plain address of 32 or 64 bits.
        elf::EM_RISCV => &[1, 2, 5],
        _ => &[],
    };
    kinds.contains(&kind.0)
}

/// How a processor's entries load their slot.
enum Decoder {
    X86_64,
    /// Slots may be given relative to this address, the one of the global offset table.
    X86 {
        table: u64,
    },
    Arm64,
    Arm,
    RiscV,
}

/// An entry: where its first instruction is, and the slot that it reads.
struct Entry {
    start: usize,
    slot: u64,
}

impl Decoder {
    fn of<H: FileHeader>(file: &ElfFile<'_, H>) -> Option<Self> {
        let endian = file.endian();
        match file.elf_header().e_machine(endian) {
            elf::EM_X86_64 => Some(Self::X86_64),
            elf::EM_386 => Some(Self::X86 { table: offset_table(file)? }),
            elf::EM_AARCH64 => Some(Self::Arm64),
            elf::EM_ARM => Some(Self::Arm),
            elf::EM_RISCV => Some(Self::RiscV),
            _ => None,
        }
    }

    fn read(&self, code: &[u8], address: u64, slots: &Slots<'_>, into: &mut Vec<OwnedSymbol>) {
        let mut found: Vec<(usize, &[u8])> = Vec::new();
        for at in (0..code.len()).step_by(self.step()) {
            let Some(entry) = self.entry(code, at, address) else { continue };
            if let Some(name) = slots.get(&entry.slot) {
                found.push((entry.start, name));
            }
        }
        let ends = found.iter().skip(1).map(|(start, _)| *start).chain([code.len()]);
        for ((start, name), next) in found.iter().zip(ends).take(MAX_ENTRIES - into.len().min(MAX_ENTRIES)) {
            into.push(OwnedSymbol {
                name: [name, &b"@plt"[..]].concat(),
                address: address.wrapping_add(*start as u64),
                size: next.saturating_sub(*start).min(self.longest()) as u64,
                kind: Kind::Function,
                binding: Binding::Local,
            });
        }
    }

    /// Entries start at multiples of this.
    fn step(&self) -> usize {
        if matches!(self, Self::X86_64 | Self::X86 { .. }) { 8 } else { 4 }
    }

    /// Bytes of the longest entry.
    fn longest(&self) -> usize {
        if matches!(self, Self::Arm64) { 24 } else { 16 }
    }

    fn entry(&self, code: &[u8], at: usize, address: u64) -> Option<Entry> {
        let pc = |at: usize| address.wrapping_add(at as u64);
        let word = |at: usize| Some(u32::from_le_bytes(*code.get(at..)?.first_chunk()?));
        let slot = match self {
            Self::X86_64 => {
                let jump = skip_marks(code, at)?;
                let distance = operand(code, jump, [0xff, 0x25])?;
                pc(jump + 6).wrapping_add_signed(i64::from(distance as i32))
            }
            Self::X86 { table } => {
                let jump = skip_marks(code, at)?;
                match operand(code, jump, [0xff, 0xa3]) {
                    Some(offset) => table.wrapping_add_signed(i64::from(offset as i32)) & u64::from(u32::MAX),
                    None => operand(code, jump, [0xff, 0x25])?.into(),
                }
            }
            Self::Arm64 => {
                let slot = arm64_slot(word(at)?, word(at + 4)?, pc(at))?;
                let is_marked = at >= 4 && word(at - 4) == Some(BTI_C);
                return Some(Entry { start: if is_marked { at - 4 } else { at }, slot });
            }
            Self::Arm => arm_slot([word(at)?, word(at + 4)?, word(at + 8)?], pc(at))?,
            Self::RiscV => riscv_slot(word(at)?, word(at + 4)?, pc(at))?,
        };
        Some(Entry { start: at, slot })
    }
}

/// Address of the global offset table as code of x86 has it in a register.
fn offset_table<H: FileHeader>(file: &ElfFile<'_, H>) -> Option<u64> {
    let (endian, table) = (file.endian(), file.elf_section_table());
    let named =
        |name: &[u8]| table.section_by_name(endian, name).map(|(_, section)| section.sh_addr(endian).into());
    named(b".got.plt").or_else(|| named(b".got"))
}

/// Where the jump is, behind the mark for indirect branches and the prefix for bounds.
fn skip_marks(code: &[u8], at: usize) -> Option<usize> {
    let rest = code.get(at..)?;
    let is_marked = rest.starts_with(&[0xf3, 0x0f, 0x1e]) && matches!(rest.get(3), Some(0xfa | 0xfb));
    let at = if is_marked { at + 4 } else { at };
    Some(if code.get(at) == Some(&0xf2) { at + 1 } else { at })
}

fn operand(code: &[u8], at: usize, opcode: [u8; 2]) -> Option<u32> {
    let operand = code.get(at..)?.strip_prefix(&opcode)?.first_chunk()?;
    Some(u32::from_le_bytes(*operand))
}

const BTI_C: u32 = 0xd503_245f;

/// `adrp x16, page` and `ldr x17, [x16, offset]`.
fn arm64_slot(adrp: u32, ldr: u32, pc: u64) -> Option<u64> {
    if adrp & 0x9f00_001f != 0x9000_0010 || ldr & 0xffc0_03ff != 0xf940_0211 {
        return None;
    }
    let pages = (adrp >> 5 & 0x7_ffff) << 2 | adrp >> 29 & 3;
    let pages = i64::from((pages << 11) as i32 >> 11);
    let offset = u64::from(ldr >> 10 & 0xfff) * 8;
    Some((pc & !0xfff).wrapping_add_signed(pages << 12).wrapping_add(offset))
}

/// `add ip, pc, …`, `add ip, ip, …` and `ldr pc, [ip, …]!`.
fn arm_slot([first, second, load]: [u32; 3], pc: u64) -> Option<u64> {
    if first & 0xffff_f000 != 0xe28f_c000
        || second & 0xffff_f000 != 0xe28c_c000
        || load & 0xffff_f000 != 0xe5bc_f000
    {
        return None;
    }
    let immediate = |word: u32| (word & 0xff).rotate_right((word >> 8 & 0xf) * 2);
    let offset = immediate(first).wrapping_add(immediate(second)).wrapping_add(load & 0xfff);
    Some(u64::from((pc as u32).wrapping_add(8).wrapping_add(offset)))
}

/// `auipc t3, …` and `ld t3, …(t3)`, or `lw` where words have 32 bits.
fn riscv_slot(auipc: u32, load: u32, pc: u64) -> Option<u64> {
    if auipc & 0xfff != 0xe17 || !matches!(load & 0xf_ffff, 0xe_3e03 | 0xe_2e03) {
        return None;
    }
    let upper = i64::from((auipc & 0xffff_f000) as i32);
    Some(pc.wrapping_add_signed(upper).wrapping_add_signed(i64::from(load as i32 >> 20)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_of_slots_are_decoded() {
        assert_eq!(arm64_slot(0xb000_0010, 0xf940_0a11, 0x1430), Some(0x2010));
        assert_eq!(arm64_slot(0xf0ff_fff0, 0xf940_0211, 0x5430), Some(0x4000));
        assert_eq!(arm_slot([0xe28f_c600, 0xe28c_ca02, 0xe5bc_f123], 0x1000), Some(0x1008 + 0x2000 + 0x123));
        assert_eq!(riscv_slot(0x0000_1e17, 0xff8e_3e03, 0x1000), Some(0x1ff8));
        assert_eq!(riscv_slot(0x0000_1e17, 0xff8e_0e03, 0x1000), None);
    }

    #[test]
    fn marks_before_the_jump_belong_to_the_entry() {
        let entry = [0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25, 0x10, 0, 0, 0];
        let found = Decoder::X86_64.entry(&entry, 0, 0x1000).unwrap();
        assert_eq!((found.start, found.slot), (0, 0x101b));
        assert!(Decoder::X86_64.entry(&entry[..8], 0, 0x1000).is_none());
    }
}
