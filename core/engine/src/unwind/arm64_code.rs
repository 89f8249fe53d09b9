//! Beginnings of functions on arm64, by their instructions.
//!
//! Source: Arm Architecture Reference Manual, C6.2.

/// Bytes that a prologue took of the stack; None if the code is more than the part of a prologue that leaves the frame
/// pointer as it was.
pub(super) fn prologue(code: &[u8]) -> Option<u64> {
    let (instructions, rest) = code.as_chunks::<4>();
    let depths = instructions.iter().map(|bytes| taken(u32::from_le_bytes(*bytes)));
    rest.is_empty().then(|| depths.sum::<Option<u64>>()).flatten()
}

/// Bytes that an instruction of a prologue takes of the stack.
fn taken(code: u32) -> Option<u64> {
    let by = u64::from(code >> 10 & 0xfff);
    match code {
        // bti, pacibsp, paciasp
        0xd503_245f | 0xd503_237f | 0xd503_233f => Some(0),
        // sub sp, sp, #n, and #n << 12
        _ if code & 0xffc0_03ff == 0xd100_03ff => Some(by),
        _ if code & 0xffc0_03ff == 0xd140_03ff => Some(by << 12),
        // stp a, b, [sp, #-n]! and [sp, #n], of general and of floating-point registers
        _ if matches!(code & 0xffc0_03e0, 0xa980_03e0 | 0x6d80_03e0) => Some(pre_indexed(code)),
        _ if matches!(code & 0xffc0_03e0, 0xa900_03e0 | 0x6d00_03e0) => Some(0),
        _ => None,
    }
}

/// Of a pair of 8-byte registers: a signed number of 7 bits, times 8.
fn pre_indexed(code: u32) -> u64 {
    let by = code >> 15 & 0x7f;
    u64::from((0x80 - by) & 0x7f) * 8
}

/// Whether an instruction returns: `ret`, `retaa`, `retab`.
pub(super) fn returns(code: &[u8]) -> bool {
    let code = code.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    matches!(code, 0xd65f_03c0 | 0xd65f_0bff | 0xd65f_0fff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prologue_says_how_deep_the_stack_is() {
        let code = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        // sub sp, sp, #0x30; stp x20, x19, [sp, #0x10]; stp x29, x30, [sp, #0x20]; add x29, sp, #0x20
        let framed = [0xd100_c3ff, 0xa901_4ff4, 0xa902_7bfd, 0x9100_83fd];
        assert_eq!(prologue(&code(&framed[..3])), Some(0x30));
        assert_eq!(prologue(&code(&framed)), None);
        assert_eq!(prologue(&code(&[0xa9bf_7bfd])), Some(16)); // stp x29, x30, [sp, #-16]!
        assert!(returns(&code(&[0xd65f_03c0])));
    }
}
