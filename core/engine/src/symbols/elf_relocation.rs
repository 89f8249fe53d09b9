//! Relocations of debug sections: which bytes they change, and how.
//!
//! Sources: the processor supplements of the System V ABI; of each processor those that compilers use for data.

use object::elf::{self, Machine, RelocationType};

/// What a relocation does. Numbers are widths in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patch {
    /// Puts symbol plus addend.
    Set(usize),
    /// Adds symbol plus addend to what is there. RISC-V and LoongArch write differences as such pairs, as their
    /// linkers shrink code.
    Add(usize),
    /// Subtracts symbol plus addend from what is there.
    Subtract(usize),
    /// Puts the lowest six bits.
    SetSix,
    /// Subtracts from the lowest six bits.
    SubtractSix,
    /// Puts a LEB128 of the length that is there.
    SetLeb,
    /// Adds to a LEB128.
    AddLeb,
    /// Subtracts from a LEB128.
    SubtractLeb,
}

/// None for a type that has nothing to do in debug sections.
pub(super) fn patch_of(machine: Machine, kind: RelocationType) -> Option<Patch> {
    use Patch::{Add, AddLeb, Set, SetLeb, SetSix, Subtract, SubtractLeb, SubtractSix};
    let patch = match (machine, kind.0) {
        (elf::EM_X86_64, 1) => Set(8),
        (elf::EM_X86_64, 10 | 11) => Set(4),
        (elf::EM_386, 1) | (elf::EM_ARM, 2) => Set(4),
        (elf::EM_AARCH64, 257) => Set(8),
        (elf::EM_AARCH64, 258) => Set(4),
        (elf::EM_PPC64, 38) => Set(8),
        (elf::EM_PPC64 | elf::EM_PPC, 1) => Set(4),
        (elf::EM_S390, 22) => Set(8),
        (elf::EM_S390, 4) => Set(4),
        (elf::EM_MIPS, 18) => Set(8),
        (elf::EM_MIPS, 2) => Set(4),
        (elf::EM_SPARCV9, 32 | 54) => Set(8),
        (elf::EM_SPARCV9 | elf::EM_SPARC | elf::EM_SPARC32PLUS, 3 | 23) => Set(4),
        (elf::EM_RISCV | elf::EM_LOONGARCH, 1) => Set(4),
        (elf::EM_RISCV | elf::EM_LOONGARCH, 2) => Set(8),
        (elf::EM_RISCV, 33..=36) => Add(1 << (kind.0 - 33)),
        (elf::EM_RISCV, 37..=40) => Subtract(1 << (kind.0 - 37)),
        (elf::EM_RISCV, 52) => SubtractSix,
        (elf::EM_RISCV, 53) => SetSix,
        (elf::EM_RISCV, 54..=56) => Set(1 << (kind.0 - 54)),
        (elf::EM_RISCV, 60) => SetLeb,
        (elf::EM_RISCV, 61) => SubtractLeb,
        (elf::EM_LOONGARCH, 47) => Add(1),
        (elf::EM_LOONGARCH, 48) => Add(2),
        (elf::EM_LOONGARCH, 50) => Add(4),
        (elf::EM_LOONGARCH, 51) => Add(8),
        (elf::EM_LOONGARCH, 52) => Subtract(1),
        (elf::EM_LOONGARCH, 53) => Subtract(2),
        (elf::EM_LOONGARCH, 55) => Subtract(4),
        (elf::EM_LOONGARCH, 56) => Subtract(8),
        (elf::EM_LOONGARCH, 107) => AddLeb,
        (elf::EM_LOONGARCH, 108) => SubtractLeb,
        _ => return None,
    };
    Some(patch)
}

impl Patch {
    /// Changes the first of `bytes`. Without `addend` it is what they hold. None if there are too few bytes.
    pub(super) fn apply(
        self,
        bytes: &mut [u8],
        little: bool,
        symbol: u64,
        addend: Option<u64>,
    ) -> Option<()> {
        let value = symbol.wrapping_add(addend.unwrap_or(0));
        match self {
            Self::Set(width) => {
                let bytes = bytes.get_mut(..width)?;
                let held = if addend.is_none() { load(bytes, little) } else { 0 };
                store(bytes, little, value.wrapping_add(held));
            }
            Self::Add(width) => change(bytes.get_mut(..width)?, little, |held| held.wrapping_add(value)),
            Self::Subtract(width) => change(bytes.get_mut(..width)?, little, |held| held.wrapping_sub(value)),
            Self::SetSix => change(bytes.get_mut(..1)?, little, |held| held & 0xc0 | value & 0x3f),
            Self::SubtractSix => {
                change(bytes.get_mut(..1)?, little, |held| held & 0xc0 | held.wrapping_sub(value) & 0x3f)
            }
            Self::SetLeb => change_leb(bytes, |_| value)?,
            Self::AddLeb => change_leb(bytes, |held| held.wrapping_add(value))?,
            Self::SubtractLeb => change_leb(bytes, |held| held.wrapping_sub(value))?,
        }
        Some(())
    }
}

fn change(bytes: &mut [u8], little: bool, how: impl FnOnce(u64) -> u64) {
    let held = load(bytes, little);
    store(bytes, little, how(held));
}

fn change_leb(bytes: &mut [u8], how: impl FnOnce(u64) -> u64) -> Option<()> {
    let last = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let groups = bytes.get_mut(..=last)?;
    let held = groups.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    let mut rest = how(held);
    for (index, byte) in groups.iter_mut().enumerate() {
        *byte = (rest & 0x7f) as u8 | if index < last { 0x80 } else { 0 };
        rest >>= 7;
    }
    Some(())
}

/// The number that at most eight bytes hold.
fn load(bytes: &[u8], little: bool) -> u64 {
    let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) }
}

/// Puts as much of a number as the bytes hold.
pub(super) fn store(bytes: &mut [u8], little: bool, mut value: u64) {
    let mut put = |byte: &mut u8| {
        *byte = value as u8;
        value >>= 8;
    };
    if little { bytes.iter_mut().for_each(&mut put) } else { bytes.iter_mut().rev().for_each(&mut put) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patched(mut bytes: Vec<u8>, little: bool, patch: Patch, symbol: u64, addend: Option<u64>) -> Vec<u8> {
        assert_eq!(patch.apply(&mut bytes, little, symbol, addend), Some(()));
        bytes
    }

    #[test]
    fn words_are_written_in_the_byte_order_of_the_file() {
        assert_eq!(patched(vec![9; 5], true, Patch::Set(4), 0x1000, Some(0x23)), [0x23, 0x10, 0, 0, 9]);
        assert_eq!(patched(vec![9; 5], false, Patch::Set(4), 0x1000, Some(0x23)), [0, 0, 0x10, 0x23, 9]);
        assert_eq!(patched(vec![5, 0, 0, 0], true, Patch::Set(4), 0x1000, None), [5, 0x10, 0, 0]);
        assert_eq!(patched(vec![5], true, Patch::Add(1), 250, Some(3)), [2]);
    }

    #[test]
    fn numbers_of_variable_length_keep_their_length() {
        assert_eq!(patched(vec![0x80, 0x80, 0], true, Patch::SetLeb, 300, Some(0)), [0xac, 0x82, 0]);
        assert_eq!(patched(vec![0xac, 0x82, 0], true, Patch::SubtractLeb, 299, Some(0)), [0x81, 0x80, 0]);
        assert_eq!(patched(vec![0x45], true, Patch::SubtractSix, 3, Some(0)), [0x42]);
    }

    #[test]
    fn places_behind_the_end_stay_untouched() {
        assert_eq!(Patch::Set(8).apply(&mut [0; 7], true, 1, Some(0)), None);
        assert_eq!(Patch::SetLeb.apply(&mut [0x80; 3], true, 1, Some(0)), None);
    }
}
