//! The registers of a frame, as far as they are known.

use super::arch::{Arch, REGISTERS, Register};

/// Values of registers; None where nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registers {
    arch: Arch,
    values: [Option<u64>; REGISTERS],
}

impl Registers {
    /// No register is known yet.
    #[must_use]
    pub fn new(arch: Arch) -> Self {
        Self { arch, values: [None; REGISTERS] }
    }

    /// The processor.
    #[must_use]
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// Value of a register.
    #[must_use]
    pub fn get(&self, register: Register) -> Option<u64> {
        self.values.get(usize::from(register)).copied().flatten()
    }

    /// Sets a register; None: it is not known. A value has no more bits than the processor.
    pub fn set(&mut self, register: Register, value: Option<u64>) {
        let is_there = self.arch.name(register).is_some();
        if let Some(slot) = self.values.get_mut(usize::from(register)).filter(|_| is_there) {
            *slot = value.map(|value| value & self.arch.max());
        }
    }

    /// Program counter.
    #[must_use]
    pub fn pc(&self) -> Option<u64> {
        self.get(self.arch.pc())
    }

    /// Stack pointer.
    #[must_use]
    pub fn sp(&self) -> Option<u64> {
        self.get(self.arch.sp())
    }

    /// Frame pointer.
    #[must_use]
    pub fn fp(&self) -> Option<u64> {
        self.get(self.arch.fp())
    }

    /// Link register, where the processor has one.
    #[must_use]
    pub fn lr(&self) -> Option<u64> {
        self.arch.lr().and_then(|lr| self.get(lr))
    }

    /// What is left of the registers when a function returns to `pc` with the stack at `sp`: those that it hands back.
    pub(super) fn returned(&self, pc: Option<u64>, sp: Option<u64>) -> Self {
        let mut caller = Self::new(self.arch);
        for register in (0..).take(REGISTERS).filter(|register| self.arch.is_preserved(*register)) {
            caller.set(register, self.get(register));
        }
        caller.set(self.arch.pc(), pc);
        caller.set(self.arch.sp(), sp);
        caller
    }

    /// Names and values of those that are known.
    pub fn known(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let named = (0..).zip(self.values).map(|(register, value)| self.arch.name(register).zip(value));
        named.flatten()
    }
}
