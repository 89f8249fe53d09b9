//! What a rule is given and what it answers.

use super::memory::Memory;
use super::registers::Registers;

/// A frame that is being unwound by a file's rules. Addresses of rules are the file's own.
pub(super) struct Frame<'f> {
    pub(super) registers: &'f Registers,
    pub(super) memory: &'f Memory<'f>,
    /// The file's own address of the instruction that the frame is at: inside of the call, but for the innermost frame.
    pub(super) address: u64,
    /// Added to the file's addresses where it was loaded, modulo 2^64.
    pub(super) bias: u64,
    /// Whether the frame was stopped at any instruction, and not in a call: the innermost one, or under a signal.
    pub(super) is_interrupted: bool,
    /// Bytes on the stack that the frame's callee takes away when it returns (32-bit Windows).
    pub(super) callee_parameters: u64,
}

impl Frame<'_> {
    /// A word of the process's memory.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        self.memory.read(address, self.registers.arch().word())
    }
}

/// What the rules for a frame say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unwound {
    /// Registers of the caller; its program counter is one of them.
    Caller {
        registers: Box<Registers>,
        /// Whether the caller did not call, but was interrupted by a signal.
        is_signal: bool,
        /// Whether the rules hold at every instruction, so that the answer is right wherever it leads.
        is_certain: bool,
        /// Bytes that the frame's own function takes away when it returns (32-bit Windows).
        parameters: u64,
    },
    /// The outermost frame has no caller.
    End,
}

impl Unwound {
    /// Whom an ordinary call returns to.
    pub(super) fn caller(registers: Registers) -> Self {
        Self::Caller { registers: Box::new(registers), is_signal: false, is_certain: true, parameters: 0 }
    }

    /// The same by rules that hold at calls only.
    pub(super) fn guess(registers: Registers) -> Self {
        Self::Caller { registers: Box::new(registers), is_signal: false, is_certain: false, parameters: 0 }
    }

    /// What a signal interrupted.
    pub(super) fn interrupted(registers: Registers) -> Self {
        Self::Caller { registers: Box::new(registers), is_signal: true, is_certain: true, parameters: 0 }
    }
}
