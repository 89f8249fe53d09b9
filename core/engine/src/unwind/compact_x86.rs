//! Compact encodings of x86 and x86-64.
//!
//! Source: `<mach-o/compact_unwind_encoding.h>`, `UNWIND_X86_64_*` and `UNWIND_X86_*`.

use std::ops::Range;

use super::arch::{Arch, Register};
use super::compact::Function;
use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;
use super::registers::Registers;
use super::x86_code::{self, Step};

const FRAMED: u32 = 1;
const FRAMELESS: u32 = 2;
/// The size of the stack is the operand of an instruction.
const FRAMELESS_LARGE: u32 = 3;
/// Longer prologues are not looked at.
const MAX_PROLOGUE: u32 = 64;
/// Registers that can be saved, by number from 1.
const SAVED_64: [Register; 6] = [3, 12, 13, 14, 15, 6];
const SAVED_32: [Register; 6] = [3, 1, 2, 7, 6, 5];

/// Follows an encoding. `address`: the frame's, relative to the image.
pub(super) fn unwind(
    info: &UnwindInfo,
    function: Function,
    address: u32,
    frame: &Frame<'_>,
) -> Option<Unwound> {
    let rules = Rules { info, function, address, frame, word: frame.registers.arch().word() };
    if let Some(caller) = rules.at_the_edge() {
        return Some(Unwound::caller(caller));
    }
    let caller = match function.mode() {
        FRAMED => rules.framed(),
        FRAMELESS => rules.frameless(function.bits(16, 8) * rules.word),
        FRAMELESS_LARGE => rules.frameless(rules.large_size()?),
        _ => None,
    };
    caller.map(Unwound::caller)
}

struct Rules<'r> {
    info: &'r UnwindInfo,
    function: Function,
    address: u32,
    frame: &'r Frame<'r>,
    word: u64,
}

impl Rules<'_> {
    /// In a prologue or epilogue, of which encodings say nothing.
    fn at_the_edge(&self) -> Option<Registers> {
        let can_be = self.frame.is_interrupted && self.frame.registers.arch() == Arch::X86_64;
        if can_be { self.in_prologue().or_else(|| self.in_epilogue()) } else { None }
    }

    fn code(&self, range: Range<u32>) -> Option<&[u8]> {
        let start = self.info.load_address().checked_add(range.start.into())?;
        self.info.bytes(start, usize::try_from(range.end.checked_sub(range.start)?).ok()?)
    }

    fn in_prologue(&self) -> Option<Registers> {
        let len = self.address.checked_sub(self.function.start).filter(|len| *len <= MAX_PROLOGUE)?;
        let done = x86_code::prologue(self.code(self.function.start..self.function.start + len)?)?;
        if done.has_frame {
            return None;
        }
        let at = self.frame.registers.sp()?.checked_add(done.depth)?;
        let mut caller = self.returned(at)?;
        for (register, below) in done.pushed {
            caller.set(register, self.frame.word(at.checked_sub(below)?));
        }
        Some(caller)
    }

    fn in_epilogue(&self) -> Option<Registers> {
        let code = (1..=x86_code::MAX_EPILOGUE)
            .rev()
            .find_map(|len| self.code(self.address..self.address.checked_add(len)?))?;
        // Where the function ends is not known, so that a jump says nothing.
        let whole = 0..u32::MAX;
        let mut registers = self.frame.registers.clone();
        for step in x86_code::epilogue(code, Some(registers.arch().fp()), &whole)? {
            let sp = registers.sp()?;
            match step {
                Step::Set { from, by } => {
                    let stack = registers.get(from)?.wrapping_add_signed(by.into());
                    registers.set(registers.arch().sp(), Some(stack));
                }
                Step::Pop(register) => {
                    registers.set(registers.arch().sp(), sp.checked_add(self.word));
                    registers.set(register, self.frame.word(sp));
                }
            }
        }
        let at = registers.sp()?;
        Some(registers.returned(self.frame.word(at), at.checked_add(self.word)))
    }

    /// The caller, by where the return address lies.
    fn returned(&self, at: u64) -> Option<Registers> {
        let pc = self.frame.word(at)?;
        Some(self.frame.registers.returned(Some(pc), at.checked_add(self.word)))
    }

    fn framed(&self) -> Option<Registers> {
        let fp = self.frame.registers.fp()?;
        let mut caller = self.returned(fp.checked_add(self.word)?)?;
        let mut at = fp.checked_sub(self.function.bits(16, 8) * self.word)?;
        for number in (0..5).map(|place| self.function.bits(place * 3, 3)) {
            if let Some(register) = self.saved(number) {
                caller.set(register, self.frame.word(at));
            }
            at = at.checked_add(self.word)?;
        }
        caller.set(caller.arch().fp(), self.frame.word(fp));
        Some(caller)
    }

    fn saved(&self, number: u64) -> Option<Register> {
        let names = if self.word == 8 { SAVED_64 } else { SAVED_32 };
        names.get(usize::try_from(number.checked_sub(1)?).ok()?).copied()
    }

    fn large_size(&self) -> Option<u64> {
        let at = self.function.start.checked_add(u32::try_from(self.function.bits(16, 8)).ok()?)?;
        let operand = self.code(at..at.checked_add(4)?)?;
        let size = u64::from(u32::from_le_bytes(*operand.first_chunk()?));
        Some(size + self.function.bits(13, 3) * self.word)
    }

    /// `size`: bytes from the stack pointer to behind the return address.
    fn frameless(&self, size: u64) -> Option<Registers> {
        let count = self.function.bits(10, 3);
        let return_address = self.frame.registers.sp()?.checked_add(size)?.checked_sub(self.word)?;
        let mut caller = self.returned(return_address)?;
        let mut at = return_address.checked_sub(count * self.word)?;
        for number in permutation(count, self.function.bits(0, 10)) {
            if let Some(register) = self.saved(number) {
                caller.set(register, self.frame.word(at));
            }
            at = at.checked_add(self.word)?;
        }
        Some(caller)
    }
}

/// Numbers of registers in the order in which they lie on the stack: the encoding counts the orders that there are.
fn permutation(count: u64, mut code: u64) -> Vec<u64> {
    let mut left: Vec<u64> = (1..=6).collect();
    let count = count.min(6);
    let mut order = Vec::new();
    for place in 0..count {
        // How many orders the places behind this one have.
        let orders: u64 = (place + 1..count).map(|later| 6 - later).product();
        let choice = usize::try_from(code / orders).unwrap_or(usize::MAX);
        code %= orders;
        if choice >= left.len() {
            return Vec::new();
        }
        order.push(left.remove(choice));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_of_saved_registers_are_numbered() {
        assert_eq!(permutation(1, 5), [6]);
        assert_eq!(permutation(2, 0), [1, 2]);
        assert_eq!(permutation(2, 6), [2, 3]);
        assert_eq!(permutation(6, 719), [6, 5, 4, 3, 2, 1]);
        assert_eq!(permutation(3, 1000), []);
        assert_eq!(permutation(7, 0), [1, 2, 3, 4, 5, 6]);
    }
}
