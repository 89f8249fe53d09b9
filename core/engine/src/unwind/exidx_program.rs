//! Unwinding instructions of 32-bit ARM.
//!
//! Source: Exception Handling ABI for the Arm Architecture (IHI 0038), section 10.3, table 4.

use super::arch::Register;
use super::frame::Frame;
use super::registers::Registers;

const SP: Register = 13;
const LR: Register = 14;
const PC: Register = 15;
const FINISH: u8 = 0xb0;

/// Instructions, one or more bytes each.
pub(super) struct Program {
    code: std::vec::IntoIter<u8>,
}

impl Program {
    pub(super) fn new(code: Vec<u8>) -> Self {
        Self { code: code.into_iter() }
    }

    /// The caller's registers; None if it refuses or makes no sense.
    pub(super) fn run(mut self, frame: &Frame<'_>) -> Option<Registers> {
        let mut state =
            State { frame, registers: frame.registers.clone(), sp: frame.registers.sp()?, has_pc: false };
        while let Some(code) = self.code.next().filter(|code| *code != FINISH) {
            self.step(code, &mut state)?;
        }
        state.finish()
    }

    fn step(&mut self, code: u8, state: &mut State<'_>) -> Option<()> {
        let distance = u64::from(code & 0x3f) * 4 + 4;
        match code {
            0x00..=0x3f => state.release(distance),
            0x40..=0x7f => state.sp = state.sp.checked_sub(distance)?,
            0x80..=0x8f => {
                let mask = u16::from(code & 15) << 8 | u16::from(self.code.next()?);
                return (mask != 0).then(|| state.pop(4, mask)).flatten();
            }
            0x90..=0x9f if !matches!(code & 15, 13 | 15) => {
                state.sp = state.registers.get((code & 15).into())?
            }
            0xa0..=0xa7 => return state.pop(4, low_bits(code)),
            0xa8..=0xaf => return state.pop(4, low_bits(code) | 1 << (LR - 4)),
            0xb1 | 0xc7 => {
                let mask = self.code.next()?;
                let is_sane = matches!(mask, 1..=15);
                return is_sane.then(|| state.few(code, mask)).flatten();
            }
            0xb2 => {
                let more = self.number()?;
                state.release(0x204u64.checked_add(more.checked_mul(4)?)?);
            }
            // Floating-point and vector registers; the first form stores a word more.
            0xb3 => state.release((u64::from(self.code.next()? & 15) + 1) * 8 + 4),
            0xb8..=0xbf => state.release((u64::from(code & 7) + 1) * 8 + 4),
            0xc6 | 0xc8 | 0xc9 => state.release((u64::from(self.code.next()? & 15) + 1) * 8),
            0xc0..=0xc5 | 0xd0..=0xd7 => state.release((u64::from(code & 7) + 1) * 8),
            // The code that authenticates a return address, and what it was made with.
            0xb4 => state.release(4),
            0xb5 => {}
            _ => return None,
        }
        Some(())
    }

    /// ULEB128.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..28).step_by(7) {
            let byte = self.code.next()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

/// One more bit than the operand of an instruction says.
fn low_bits(code: u8) -> u16 {
    (2 << (code & 7)) - 1
}

struct State<'f> {
    frame: &'f Frame<'f>,
    registers: Registers,
    sp: u64,
    has_pc: bool,
}

impl State<'_> {
    fn release(&mut self, bytes: u64) {
        self.sp = self.sp.wrapping_add(bytes) & u64::from(u32::MAX);
    }

    /// Takes registers from the stack, the lowest first: bit 0 of the mask is `first`.
    fn pop(&mut self, first: Register, mask: u16) -> Option<()> {
        let mut new_sp = None;
        for register in (0..16).filter(|bit| mask >> bit & 1 != 0).map(|bit| first + bit) {
            let value = self.frame.word(self.sp)?;
            self.release(4);
            self.registers.set(register, Some(value));
            self.has_pc |= register == PC;
            new_sp = (register == SP).then_some(value).or(new_sp);
        }
        self.sp = new_sp.unwrap_or(self.sp);
        Some(())
    }

    /// Registers r0 to r3, or as many control registers of a coprocessor.
    fn few(&mut self, code: u8, mask: u8) -> Option<()> {
        if code == 0xb1 {
            return self.pop(0, mask.into());
        }
        self.release(u64::from(mask.count_ones()) * 4);
        Some(())
    }

    fn finish(mut self) -> Option<Registers> {
        if !self.has_pc {
            let lr = self.registers.get(LR);
            self.registers.set(PC, lr);
        }
        self.registers.set(SP, Some(self.sp));
        self.registers.pc()?;
        Some(self.registers)
    }
}
