//! Whether an instruction before an address is a call, so that the address can be where it returns to.

use super::arch::Arch;
use super::memory::Memory;

/// The longest call of x86: prefix, opcode, ModRM, SIB, four bytes.
const LONGEST: usize = 8;

/// Whether a call ends at `address`; None where the code is not at hand.
pub(super) fn precedes(arch: Arch, address: u64, memory: &Memory<'_>) -> Option<bool> {
    let before = |len: u64| memory.of_file(address.checked_sub(len)?, usize::try_from(len).ok()?);
    match arch {
        Arch::X86 | Arch::X86_64 => {
            let lengths = (2..=LONGEST as u64).rev();
            let code = lengths.filter_map(before).next()?;
            Some(is_x86_call(code))
        }
        Arch::Arm64 => Some(is_arm64_call(u32::from_le_bytes(*before(4)?.first_chunk()?))),
        Arch::Arm => {
            let code = before(4)?;
            let (first, second) = (halfword(code, 0)?, halfword(code, 2)?);
            Some(is_arm_call(u32::from(second) << 16 | u32::from(first)) || is_thumb_call(first, second))
        }
    }
}

fn halfword(code: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*code.get(at..)?.first_chunk()?))
}

/// `call rel32`, or `call r/m` of any form, at the end of the bytes.
///
/// Source: Intel SDM 2, "CALL", and 2.1.5 for the lengths of operands.
fn is_x86_call(code: &[u8]) -> bool {
    let at = |back: usize| code.len().checked_sub(back).and_then(|at| code.get(at)).copied();
    at(5) == Some(0xe8)
        || (2..=7)
            .any(|length| at(length) == Some(0xff) && is_operand_of(at(length - 1), at(length - 2), length))
}

/// Whether an opcode `ff` with this ModRM (and SIB) byte is a near call of `length` bytes.
fn is_operand_of(modrm: Option<u8>, sib: Option<u8>, length: usize) -> bool {
    let Some(modrm) = modrm.filter(|modrm| modrm >> 3 & 7 == 2) else { return false };
    let (mode, base) = (modrm >> 6, modrm & 7);
    let has_sib = mode != 3 && base == 4;
    let has_address =
        (mode == 0 && base == 5) || (mode == 0 && has_sib && sib.is_some_and(|sib| sib & 7 == 5));
    let displacement = match mode {
        _ if has_address => 4,
        1 => 1,
        2 => 4,
        _ => 0,
    };
    length == 2 + usize::from(has_sib) + displacement
}

/// `bl`, `blr`, and `blr` with a signed pointer.
///
/// Source: Arm Architecture Reference Manual, C6.2.
fn is_arm64_call(code: u32) -> bool {
    code & 0xfc00_0000 == 0x9400_0000 || code & 0xfeff_f000 == 0xd63f_0000
}

/// `bl`, `blx` to an address or register.
fn is_arm_call(code: u32) -> bool {
    code & 0x0f00_0000 == 0x0b00_0000
        || code & 0xfe00_0000 == 0xfa00_0000
        || code & 0x0fff_fff0 == 0x012f_ff30
}

/// The same of Thumb: 32 bits for an address, 16 for a register.
fn is_thumb_call(first: u16, second: u16) -> bool {
    (first & 0xf800 == 0xf000 && second & 0xc000 == 0xc000) || second & 0xff87 == 0x4780
}
