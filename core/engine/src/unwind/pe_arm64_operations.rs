//! Operations of prologues of arm64 on Windows, one or more bytes each, and how they are undone.
//!
//! Source: Microsoft, "ARM64 exception handling", unwind codes.

use super::arch::Register;
use super::frame::{Frame, Unwound};
use super::registers::Registers;

const FP: Register = 29;
const LR: Register = 30;
const SP: Register = 31;
const PC: Register = 32;
/// Operations of a function: as many as there are bytes.
const MAX_OPERATIONS: usize = 1024;

/// What undoes an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// The stack pointer rises by bytes.
    Release(u64),
    /// Registers are loaded, `offset` bytes above the stack pointer.
    Load { register: Register, count: u16, offset: u64 },
    /// The same at the stack pointer, which then rises.
    Pop { register: Register, count: u16, size: u64 },
    /// The link register is loaded with another one that is no neighbour of it.
    LoadWithLink { register: Register, offset: u64 },
    /// The stack pointer is so many bytes below the frame pointer.
    SetStack { below: u64 },
    /// The kernel left a stack pointer and a program counter, or all registers.
    Interrupted { everything: bool },
    /// Nothing that matters here: vectors, signatures.
    Nothing,
}

/// The operation at the start of the bytes and its length; None at the end of a list, and for what is unknown.
fn decode(code: &[u8]) -> Option<(Operation, usize)> {
    use Operation as O;
    let (first, second) = (*code.first()?, u64::from(code.get(1).copied().unwrap_or(0)));
    let (low, both) = (u64::from(first & 0x3f), u64::from(first) << 8 | second);
    let (offset, size) = ((both & 0x3f) * 8, (both & 0x3f) * 8 + 8);
    let register = |value: u64| Register::try_from(19 + value).unwrap_or(FP);
    Some(match first {
        0x00..=0x1f => (O::Release(u64::from(first & 0x1f) * 16), 1),
        0x20..=0x3f => (O::Pop { register: 19, count: 2, size: u64::from(first & 0x1f) * 8 }, 1),
        0x40..=0x7f => (O::Load { register: FP, count: 2, offset: low * 8 }, 1),
        0x80..=0xbf => (O::Pop { register: FP, count: 2, size: low * 8 + 8 }, 1),
        0xc0..=0xc7 => (O::Release((both & 0x7ff) * 16), 2),
        0xc8..=0xcb => (O::Load { register: register(both >> 6 & 15), count: 2, offset }, 2),
        0xcc..=0xcf => (O::Pop { register: register(both >> 6 & 15), count: 2, size }, 2),
        0xd0..=0xd3 => (O::Load { register: register(both >> 6 & 15), count: 1, offset }, 2),
        0xd4 | 0xd5 => {
            (O::Pop { register: register(both >> 5 & 15), count: 1, size: (both & 0x1f) * 8 + 8 }, 2)
        }
        0xd6 | 0xd7 => (O::LoadWithLink { register: register((both >> 6 & 7) * 2), offset }, 2),
        0xd8 | 0xd9 | 0xdc | 0xdd => (O::Nothing, 2),
        0xda | 0xdb => (O::Release(size), 2),
        0xde => (O::Release((both & 0x1f) * 8 + 8), 2),
        0xe0 => (
            O::Release(u64::from(u32::from_be_bytes([0, *code.get(1)?, *code.get(2)?, *code.get(3)?])) * 16),
            4,
        ),
        0xe1 => (O::SetStack { below: 0 }, 1),
        0xe2 => (O::SetStack { below: second * 8 }, 2),
        0xe3 | 0xfc => (O::Nothing, 1),
        0xe9 => (O::Interrupted { everything: false }, 1),
        0xea => (O::Interrupted { everything: true }, 1),
        _ => return None,
    })
}

/// The operations from an index on, to their end.
fn list(code: &[u8], index: u32) -> Option<Vec<Operation>> {
    let mut rest = code.get(usize::try_from(index).ok()?..)?;
    let mut found = Vec::new();
    while let Some((operation, len)) = decode(rest).filter(|_| found.len() < MAX_OPERATIONS) {
        found.push(operation);
        rest = rest.get(len..)?;
    }
    // What ends a list says so.
    matches!(rest.first(), Some(0xe4 | 0xe5)).then_some(found)
}

/// What undoes a prologue, or what was done of it. `at`: bytes from the start of the function, None behind its prologue.
pub(super) fn prologue(code: &[u8], at: Option<u32>) -> Option<Vec<Operation>> {
    let operations = list(code, 0)?;
    let done = at.and_then(|at| usize::try_from(at / 4).ok()).unwrap_or(usize::MAX);
    let skipped = operations.len().saturating_sub(done);
    Some(operations.get(skipped..)?.to_vec())
}

/// What is left of an epilogue, if so many bytes from its start are in it.
pub(super) fn in_epilogue(code: &[u8], index: u32, at: Option<u32>) -> Option<Vec<Operation>> {
    let operations = list(code, index)?;
    let done = usize::try_from(at? / 4).ok()?;
    // After the last operation it returns.
    operations.get(done..).map(<[Operation]>::to_vec)
}

/// Where the epilogue begins that ends a function, in bytes from the function's start.
pub(super) fn last_epilogue(code: &[u8], index: u32, length: u32) -> Option<u32> {
    let count = u32::try_from(list(code, index)?.len()).ok()?;
    length.checked_sub((count + 1) * 4)
}

/// A frame that is being undone.
pub(super) struct State<'f> {
    frame: &'f Frame<'f>,
    registers: Registers,
    is_interrupted: bool,
}

impl<'f> State<'f> {
    pub(super) fn new(frame: &'f Frame<'f>) -> Self {
        Self { frame, registers: frame.registers.clone(), is_interrupted: false }
    }

    pub(super) fn undo(&mut self, operation: Operation) -> Option<()> {
        let sp = self.registers.sp()?;
        let above = |bytes: u64| sp.checked_add(bytes);
        match operation {
            Operation::Release(bytes) => self.registers.set(SP, Some(above(bytes)?)),
            Operation::Load { register, count, offset } => self.load(register, count, above(offset)?),
            Operation::Pop { register, count, size } => {
                self.load(register, count, sp);
                self.registers.set(SP, Some(above(size)?));
            }
            Operation::LoadWithLink { register, offset } => {
                self.load(register, 1, above(offset)?);
                self.load(LR, 1, above(offset.checked_add(8)?)?);
            }
            Operation::SetStack { below } => {
                let stack = self.registers.get(FP)?.checked_sub(below)?;
                self.registers.set(SP, Some(stack));
            }
            Operation::Interrupted { everything: false } => {
                self.registers.set(SP, Some(self.frame.word(sp)?));
                self.registers.set(PC, Some(self.frame.word(above(8)?)?));
                self.is_interrupted = true;
            }
            Operation::Interrupted { everything: true } => {
                // Behind two words of flags come the registers in the order of their numbers.
                self.load(0, PC + 1, above(8)?);
                self.is_interrupted = true;
            }
            Operation::Nothing => {}
        }
        Some(())
    }

    fn load(&mut self, first: Register, count: u16, at: u64) {
        for index in 0..count {
            let place = at.checked_add(u64::from(index) * 8);
            self.registers.set(first + index, place.and_then(|place| self.frame.word(place)));
        }
    }

    pub(super) fn finish(self) -> Option<Unwound> {
        if self.is_interrupted {
            return self
                .registers
                .pc()
                .and(self.registers.sp())
                .map(|_| Unwound::interrupted(self.registers));
        }
        let link = self.registers.get(LR)?;
        Some(Unwound::caller(self.registers.returned(Some(link), self.registers.sp())))
    }
}
