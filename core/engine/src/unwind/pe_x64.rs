//! Unwind information of 64-bit Windows on x86-64: `.pdata` lists functions, `.xdata` how each one's prologue went.
//!
//! ```text
//! .pdata   {u32 begin, u32 end, u32 unwind information} × n, ascending, relative to the image
//! .xdata   u3 version, u5 flags; u8 length of the prologue; u8 number of codes; u4 frame register, u4 its offset / 16
//!          {u8 offset in the prologue, u4 operation, u4 operand} × number, last operation first
//!          with flag 4 an entry as in .pdata, whose operations follow
//! ```
//!
//! Source: Microsoft, "x64 exception handling"; operations are named as there.

use super::arch::Register;
use super::frame::{Frame, Unwound};
use super::info::UnwindInfo;
use super::registers::Registers;
use super::x86_code::{self as code, Step, numbered};

const ENTRY: usize = 12;
/// Parts of a function that refer to one another.
const MAX_CHAIN: usize = 32;
const CHAINED: u8 = 4;
const RSI: Register = 4;
const RDI: Register = 5;
const RSP: Register = 7;

/// An entry of `.pdata`; addresses relative to the image.
#[derive(Debug, Clone, Copy)]
struct Function {
    begin: u32,
    end: u32,
    unwind: u32,
}

impl Function {
    fn parse(bytes: &[u8]) -> Option<Self> {
        Some(Self { begin: word(bytes, 0)?, end: word(bytes, 4)?, unwind: word(bytes, 8)? })
    }

    /// The one around an address. Functions without an entry call nobody and keep the stack as it was.
    fn find(table: &[u8], address: u32) -> Option<Self> {
        let (entries, _) = table.as_chunks::<ENTRY>();
        let after = entries.partition_point(|entry| word(entry, 0).is_some_and(|begin| begin <= address));
        Self::parse(entries.get(after.checked_sub(1)?)?).filter(|function| address < function.end)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Follows the rules for the frame's address. `table`: the bytes of `.pdata`.
pub(super) fn unwind(info: &UnwindInfo, table: &[u8], frame: &Frame<'_>) -> Option<Unwound> {
    let address = u32::try_from(frame.address.checked_sub(info.load_address())?).ok()?;
    let mut undoing = Undoing { info, frame, registers: frame.registers.clone(), is_signal: false };
    match Function::find(table, address) {
        Some(function) => undoing.function(function, address)?,
        // A frame that has called has an entry.
        None if !frame.is_interrupted => return None,
        None => {}
    }
    undoing.finish()
}

/// A frame whose prologue is undone, operation by operation.
struct Undoing<'f> {
    info: &'f UnwindInfo,
    frame: &'f Frame<'f>,
    registers: Registers,
    /// Whether the program counter is known already: the frame was entered by an interrupt.
    is_signal: bool,
}

/// What `.xdata` has of a part of a function.
struct Header {
    chained: bool,
    frame_register: Option<Register>,
    /// Bytes from the bottom of the fixed part of the stack to where the frame register points.
    frame_offset: u64,
    codes: Vec<[u8; 2]>,
    next: u32,
}

impl Undoing<'_> {
    fn function(&mut self, mut function: Function, address: u32) -> Option<()> {
        let mut offset = address.checked_sub(function.begin)?;
        for part in 0..MAX_CHAIN {
            if function.unwind & 1 != 0 {
                function = Function::parse(self.image(function.unwind & !1, ENTRY)?)?;
                continue;
            }
            let header = self.header(function.unwind)?;
            if part == 0 && self.frame.is_interrupted && self.epilogue(function, address, &header) {
                return Some(());
            }
            self.undo(&header, offset)?;
            if !header.chained {
                return Some(());
            }
            function = Function::parse(self.image(header.next, ENTRY)?)?;
            offset = u32::MAX;
        }
        None
    }

    fn image(&self, address: u32, len: usize) -> Option<&[u8]> {
        self.info.bytes(self.info.load_address().checked_add(address.into())?, len)
    }

    fn header(&self, address: u32) -> Option<Header> {
        let [version, _prologue, count, register] = *self.image(address, 4)?.first_chunk()?;
        let is_known = matches!(version & 7, 1 | 2);
        let codes = self.image(address.checked_add(4)?, usize::from(count) * 2)?.as_chunks().0.to_vec();
        let aligned = (u32::from(count) + 1) & !1;
        is_known.then(|| Header {
            chained: version >> 3 & CHAINED != 0,
            frame_register: (register & 15 != 0).then(|| numbered(register & 15)),
            frame_offset: u64::from(register >> 4) * 16,
            codes,
            next: address.saturating_add(4).saturating_add(aligned * 2),
        })
    }

    /// Does what is left of an epilogue, if the frame is in one.
    fn epilogue(&mut self, function: Function, address: u32, header: &Header) -> bool {
        let len = function.end.saturating_sub(address).min(code::MAX_EPILOGUE);
        let Some(bytes) = self.image(address, len as usize) else { return false };
        let range = function.begin.wrapping_sub(address)..function.end.wrapping_sub(address);
        let Some(steps) = code::epilogue(bytes, header.frame_register, &range) else { return false };
        steps.iter().all(|step| self.step(*step).is_some())
    }

    fn step(&mut self, step: Step) -> Option<()> {
        match step {
            Step::Set { from, by } => {
                let stack = self.registers.get(from)?.wrapping_add_signed(by.into());
                self.registers.set(RSP, Some(stack));
                Some(())
            }
            Step::Pop(register) => self.pop(register),
        }
    }

    fn undo(&mut self, header: &Header, offset: u32) -> Option<()> {
        let mut codes = header.codes.as_slice();
        let mut base = header.frame_register.map(|register| (register, header.frame_offset));
        let is_done = |at: u8| offset == u32::MAX || u32::from(at) <= offset;
        if let Some(set) = header.codes.iter().find(|code| code[1] & 15 == 3) {
            base = base.filter(|_| is_done(set[0]));
        }
        while let Some(([at, operation], rest)) = codes.split_first() {
            let (operation, operand) = (operation & 15, operation >> 4);
            let extra = slots(operation, operand)?;
            if is_done(*at) {
                self.operation(operation, operand, rest.get(..extra)?, base)?;
            }
            codes = rest.get(extra..)?;
        }
        Some(())
    }

    /// `base`: what offsets count from where a frame register has been set up.
    fn operation(
        &mut self,
        operation: u8,
        operand: u8,
        extra: &[[u8; 2]],
        base: Option<(Register, u64)>,
    ) -> Option<()> {
        let near = || extra.first().map(|bytes| u64::from(u16::from_le_bytes(*bytes)));
        let far = || {
            let (low, high) = (extra.first()?, extra.get(1)?);
            Some(u64::from(u16::from_le_bytes(*low)) | u64::from(u16::from_le_bytes(*high)) << 16)
        };
        match operation {
            0 => self.pop(numbered(operand)),
            1 if operand == 0 => self.release(near()? * 8),
            1 => self.release(far()?),
            2 => self.release(u64::from(operand) * 8 + 8),
            3 => {
                let (register, offset) = base?;
                let stack = self.registers.get(register)?.wrapping_sub(offset);
                self.registers.set(RSP, Some(stack));
                Some(())
            }
            4 => self.load(numbered(operand), near()? * 8, base),
            5 => self.load(numbered(operand), far()?, base),
            10 => self.interrupted(operand),
            _ => Some(()),
        }
    }

    fn release(&mut self, bytes: u64) -> Option<()> {
        let stack = self.registers.sp()?.wrapping_add(bytes);
        self.registers.set(RSP, Some(stack));
        Some(())
    }

    fn pop(&mut self, register: Register) -> Option<()> {
        let value = self.frame.word(self.registers.sp()?)?;
        self.release(8)?;
        self.registers.set(register, Some(value));
        Some(())
    }

    fn load(&mut self, register: Register, offset: u64, base: Option<(Register, u64)>) -> Option<()> {
        let bottom = match base {
            Some((register, offset)) => self.frame.registers.get(register)?.wrapping_sub(offset),
            None => self.registers.sp()?,
        };
        let value = self.frame.word(bottom.wrapping_add(offset));
        self.registers.set(register, value);
        Some(())
    }

    /// The processor pushed where it was, with an error code or without.
    fn interrupted(&mut self, with_code: u8) -> Option<()> {
        let at = self.registers.sp()?.wrapping_add(u64::from(with_code & 1) * 8);
        let (pc, sp) = (self.frame.word(at)?, self.frame.word(at.wrapping_add(24))?);
        self.registers.set(self.registers.arch().pc(), Some(pc));
        self.registers.set(RSP, Some(sp));
        self.is_signal = true;
        Some(())
    }

    fn finish(mut self) -> Option<Unwound> {
        if !self.is_signal {
            self.pop(self.registers.arch().pc())?;
        }
        let (pc, sp) = (self.registers.pc(), self.registers.sp());
        let mut registers = self.registers.returned(pc, sp);
        // Windows keeps two more registers over calls than the System V ABI.
        for register in [RSI, RDI] {
            registers.set(register, self.registers.get(register));
        }
        Some(if self.is_signal { Unwound::interrupted(registers) } else { Unwound::caller(registers) })
    }
}

/// Units that an operation takes besides its own.
fn slots(operation: u8, operand: u8) -> Option<usize> {
    Some(match (operation, operand) {
        (0 | 2 | 3 | 10, _) => 0,
        (1, 0) | (4 | 6 | 8, _) => 1,
        (1, 1) | (5 | 7 | 9, _) => 2,
        _ => return None,
    })
}
