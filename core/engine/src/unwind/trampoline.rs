//! What a signal handler returns to: code that asks the kernel for the registers that the signal interrupted.
//!
//! The kernel left them on the stack. Where that code has unwind information of its own it says the same; that of the
//! vDSO of arm64 does not restore the program counter, and 32-bit ones have none.
//!
//! Source: Linux, `arch/*/include/uapi/asm/{sigcontext,ucontext}.h` and `arch/*/kernel/signal.c`.

use super::arch::{Arch, Register};
use super::memory::Memory;
use super::registers::Registers;

/// A way to return from a handler: its code, and where the stack pointer then says that the registers lie.
struct Trampoline {
    code: &'static [u8],
    /// Bytes from the stack pointer to the registers.
    distance: u64,
    /// Registers in the order in which they lie there.
    saved: &'static [Register],
    /// Whether the stack looks as the kernel leaves it.
    marks: fn(&Above<'_>) -> bool,
}

/// A word that is no register.
const NONE: Register = Register::MAX;
const OF_X86_64: [Register; 17] = [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16];
const OF_X86: [Register; 11] = [7, 6, 5, 4, 3, 2, 1, 0, NONE, NONE, 8];
const OF_ARM: [Register; 16] = ascending();
const OF_ARM64: [Register; 33] = ascending();

const fn ascending<const COUNT: usize>() -> [Register; COUNT] {
    let mut registers = [0; COUNT];
    let mut at = 1;
    while at < COUNT {
        registers[at] = registers[at - 1] + 1;
        at += 1;
    }
    registers
}

/// mov $15, %rax; syscall
const X86_64: [Trampoline; 1] = [Trampoline {
    code: &[0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05],
    distance: 40,
    saved: &OF_X86_64,
    marks: |stack| stack.has(8, 8, 0) && stack.has(184, 2, 0x33),
}];

/// mov $173, %eax; int $0x80. pop %eax; mov $119, %eax; int $0x80
const X86: [Trampoline; 2] = [
    Trampoline {
        code: &[0xb8, 173, 0, 0, 0, 0xcd, 0x80],
        distance: 176,
        saved: &OF_X86,
        marks: |stack| stack.has(4, 4, stack.sp + 12) && stack.has(8, 4, stack.sp + 140),
    },
    Trampoline {
        code: &[0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80],
        distance: 20,
        saved: &OF_X86,
        // The stack pointer of the interrupted code stands there twice.
        marks: |stack| {
            stack.has_signal(0) && stack.word(32, 4) == stack.word(72, 4) && stack.word(32, 4).is_some()
        },
    },
];

/// mov r7, #173; svc 0 and the same with #119, in either instruction set
const ARM: [Trampoline; 4] = [
    Trampoline { code: &[0xad, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef], ..ARM_WITH_INFO },
    Trampoline { code: &[0xad, 0x27, 0, 0xdf], ..ARM_WITH_INFO },
    Trampoline { code: &[0x77, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef], ..ARM_WITHOUT_INFO },
    Trampoline { code: &[0x77, 0x27, 0, 0xdf], ..ARM_WITHOUT_INFO },
];
const ARM_WITH_INFO: Trampoline = Trampoline {
    code: &[],
    distance: 160,
    saved: &OF_ARM,
    marks: |stack| stack.has_signal(0) && stack.has(132, 4, 0) && stack.is_arm_user(224),
};
const ARM_WITHOUT_INFO: Trampoline = Trampoline {
    code: &[],
    distance: 32,
    saved: &OF_ARM,
    marks: |stack| stack.has(4, 4, 0) && stack.is_arm_user(96),
};

/// mov x8, #139; svc #0
const ARM64: [Trampoline; 1] = [Trampoline {
    code: &[0x68, 0x11, 0x80, 0xd2, 1, 0, 0, 0xd4],
    distance: 312,
    saved: &OF_ARM64,
    marks: |stack| {
        stack.has_signal(0) && stack.has(136, 8, 0) && stack.word(568, 8).is_some_and(|sp| sp % 16 == 0)
    },
}];

/// Memory from a stack pointer on.
struct Above<'m> {
    sp: u64,
    memory: &'m Memory<'m>,
}

impl Above<'_> {
    fn word(&self, offset: u64, size: u64) -> Option<u64> {
        self.memory.read(self.sp.checked_add(offset)?, size)
    }

    fn has(&self, offset: u64, size: u64, value: u64) -> bool {
        self.word(offset, size) == Some(value)
    }

    /// The number of a signal.
    fn has_signal(&self, offset: u64) -> bool {
        self.word(offset, 4).is_some_and(|signal| (1..=64).contains(&signal))
    }

    /// The status register of a program, whose mode is the user's.
    fn is_arm_user(&self, offset: u64) -> bool {
        self.word(offset, 4).is_some_and(|status| status & 0x1f == 0x10)
    }
}

fn known(arch: Arch) -> &'static [Trampoline] {
    match arch {
        Arch::X86_64 => &X86_64,
        Arch::X86 => &X86,
        Arch::Arm => &ARM,
        Arch::Arm64 => &ARM64,
    }
}

/// Registers of the frame that a signal interrupted, if the code at `pc` is what a handler returns to.
pub(super) fn interrupted(pc: u64, registers: &Registers, memory: &Memory<'_>) -> Option<Registers> {
    let here =
        known(registers.arch()).iter().find(|one| memory.bytes(pc, one.code.len()) == Some(one.code))?;
    here.saved(registers, memory)
}

/// The same where the code is not at hand, if the stack looks as the kernel leaves it for a handler.
pub(super) fn likely_interrupted(registers: &Registers, memory: &Memory<'_>) -> Option<Registers> {
    let stack = Above { sp: registers.sp()?, memory };
    let here = known(registers.arch()).iter().find(|one| (one.marks)(&stack))?;
    here.saved(registers, memory)
}

impl Trampoline {
    fn saved(&self, registers: &Registers, memory: &Memory<'_>) -> Option<Registers> {
        let arch = registers.arch();
        let mut found = Registers::new(arch);
        let first = registers.sp()?.checked_add(self.distance)?;
        for (register, at) in self.saved.iter().zip(0..) {
            let value = memory.read(first.checked_add(at * arch.word())?, arch.word())?;
            found.set(*register, Some(value));
        }
        Some(found)
    }
}
