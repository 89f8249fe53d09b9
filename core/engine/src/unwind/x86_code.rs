//! Beginnings and ends of functions on x86-64, by their instructions: rules that describe whole functions are silent
//! about a thread that was stopped there.
//!
//! Source: Microsoft, "x64 prolog and epilog"; Intel SDM 2 for the encodings.

use std::ops::Range;

use super::arch::Register;

/// No epilogue has more bytes: a stack adjustment, pops of all registers, a jump.
pub(super) const MAX_EPILOGUE: u32 = 64;
const MAX_STEPS: usize = 17;
const RSP: Register = 7;

/// Registers in the order of their numbers in instructions.
const NUMBERED: [Register; 16] = [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];

/// A register by its number in instructions.
pub(super) fn numbered(number: u8) -> Register {
    NUMBERED.get(usize::from(number & 15)).copied().unwrap_or(RSP)
}

/// Part of an epilogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The stack pointer becomes the value of a register and a number of bytes.
    Set { from: Register, by: i32 },
    /// A register is taken from the stack.
    Pop(Register),
}

/// What is done until the function returns; None if the code is no epilogue. `function`: where it begins and ends,
/// modulo 2^32 relative to the code: a jump that stays inside ends nothing.
pub(super) fn epilogue(
    code: &[u8],
    frame_register: Option<Register>,
    function: &Range<u32>,
) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = code;
    if let Some((step, len)) = release(code, frame_register) {
        steps.push(step);
        rest = code.get(len..)?;
    }
    while let Some((register, len)) = pop(rest).filter(|_| steps.len() < MAX_STEPS) {
        steps.push(Step::Pop(register));
        rest = rest.get(len..)?;
    }
    let at = u32::try_from(code.len() - rest.len()).ok()?;
    leaves(rest, at, function).then_some(steps)
}

/// `add rsp, n`, or `lea rsp, [frame register + n]`.
fn release(code: &[u8], frame_register: Option<Register>) -> Option<(Step, usize)> {
    let by8 = |at: usize| code.get(at).map(|byte| i32::from(byte.cast_signed()));
    let by32 = |at: usize| Some(i32::from_le_bytes(*code.get(at..)?.first_chunk()?));
    match code {
        [0x48, 0x83, 0xc4, ..] => Some((Step::Set { from: RSP, by: by8(3)? }, 4)),
        [0x48, 0x81, 0xc4, ..] => Some((Step::Set { from: RSP, by: by32(3)? }, 7)),
        [rex @ (0x48 | 0x49), 0x8d, modrm, ..] if modrm >> 3 & 7 == 4 && modrm & 7 != 4 => {
            let from = numbered((modrm & 7) | (rex & 1) << 3);
            let (by, len) = match modrm >> 6 {
                1 => (by8(3)?, 4),
                2 => (by32(3)?, 7),
                _ => return None,
            };
            (Some(from) == frame_register).then_some((Step::Set { from, by }, len))
        }
        _ => None,
    }
}

fn pop(code: &[u8]) -> Option<(Register, usize)> {
    match code {
        [opcode @ 0x58..=0x5f, ..] => Some((numbered(opcode & 7), 1)),
        [0x41, opcode @ 0x58..=0x5f, ..] => Some((numbered(opcode & 7 | 8), 2)),
        _ => None,
    }
}

/// Whether the code returns, or jumps to another function. `at`: its place in the epilogue.
fn leaves(code: &[u8], at: u32, function: &Range<u32>) -> bool {
    let is_outside = |len: u32, by: i32| {
        let target = at.wrapping_add(len).wrapping_add_signed(by);
        target.wrapping_sub(function.start) >= function.end.wrapping_sub(function.start)
    };
    match code {
        [0xc3 | 0xc2, ..] | [0xf3, 0xc3, ..] | [0xff, 0x25, ..] | [0x48, 0xff, 0x25, ..] => true,
        // jmp by a register or an address in memory, as the ABI wants it marked.
        [0x48, 0xff, modrm, ..] => modrm >> 3 & 7 == 4,
        [0xeb, by, ..] => is_outside(2, by.cast_signed().into()),
        [0xe9, rest @ ..] => rest.first_chunk().is_some_and(|by| is_outside(5, i32::from_le_bytes(*by))),
        _ => false,
    }
}

/// What a prologue did so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Prologue {
    /// Bytes that the stack pointer is below the return address.
    pub(super) depth: u64,
    /// Registers that were pushed, and how far below the return address each one lies.
    pub(super) pushed: Vec<(Register, u64)>,
    /// Whether the frame pointer is that of the function already.
    pub(super) has_frame: bool,
}

/// What the instructions from the start of a function did; None if they are not all of a prologue.
pub(super) fn prologue(mut code: &[u8]) -> Option<Prologue> {
    let mut done = Prologue::default();
    while !code.is_empty() {
        let len = match code {
            [0xf3, 0x0f, 0x1e, 0xfa, ..] => 4, // endbr64
            [0x48, 0x89, 0xe5, ..] => {
                done.has_frame = true;
                3
            }
            [0x48, 0x83, 0xec, by, ..] => {
                done.depth += u64::from(*by & 0x7f);
                4
            }
            [0x48, 0x81, 0xec, rest @ ..] => {
                done.depth += u64::from(u32::from_le_bytes(*rest.first_chunk()?));
                7
            }
            _ => push(code, &mut done)?,
        };
        code = code.get(len..)?;
    }
    Some(done)
}

fn push(code: &[u8], done: &mut Prologue) -> Option<usize> {
    let (register, len) = match code {
        [opcode @ 0x50..=0x57, ..] => (numbered(opcode & 7), 1),
        [0x41, opcode @ 0x50..=0x57, ..] => (numbered(opcode & 7 | 8), 2),
        _ => return None,
    };
    done.depth += 8;
    done.pushed.push((register, done.depth));
    Some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prologue_says_how_deep_the_stack_is() {
        let code = [0x55, 0x48, 0x89, 0xe5, 0x41, 0x57, 0x53, 0x48, 0x83, 0xec, 0x18];
        let whole = prologue(&code).unwrap();
        assert_eq!((whole.depth, whole.has_frame), (48, true));
        assert_eq!(whole.pushed, [(6, 8), (15, 16), (3, 24)]);
        assert_eq!(prologue(&code[..1]).map(|one| (one.depth, one.has_frame)), Some((8, false)));
        assert_eq!(prologue(&[0x90]), None);
        assert_eq!(prologue(&code[..2]), None);
    }

    #[test]
    fn epilogues_end_in_a_return_or_a_jump_out_of_the_function() {
        let function = 0u32.wrapping_sub(0x100)..0x10;
        let pops = [0x48, 0x83, 0xc4, 0x28, 0x5b, 0x41, 0x5e, 0xc3];
        let steps = [Step::Set { from: RSP, by: 0x28 }, Step::Pop(3), Step::Pop(14)];
        assert_eq!(epilogue(&pops, None, &function), Some(steps.to_vec()));
        assert_eq!(epilogue(&[0xeb, 0x02], None, &function), None);
        assert_eq!(epilogue(&[0xeb, 0x40], None, &function), Some(Vec::new()));
        assert_eq!(epilogue(&[0x5b, 0x90], None, &function), None);
        assert_eq!(epilogue(&[0x48, 0x8d, 0x65, 0x10, 0x5d, 0xc3], None, &function), None);
        let lea = [Step::Set { from: 6, by: 0x10 }, Step::Pop(6)];
        assert_eq!(epilogue(&[0x48, 0x8d, 0x65, 0x10, 0x5d, 0xc3], Some(6), &function), Some(lea.to_vec()));
    }
}
