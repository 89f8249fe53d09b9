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
    saved: &'static [Option<Register>],
}

const X86_64: [Trampoline; 1] = [Trampoline {
    // mov $15, %rax; syscall
    code: &[0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05],
    distance: 40,
    saved: &[
        Some(8),
        Some(9),
        Some(10),
        Some(11),
        Some(12),
        Some(13),
        Some(14),
        Some(15),
        Some(5),
        Some(4),
        Some(6),
        Some(3),
        Some(1),
        Some(0),
        Some(2),
        Some(7),
        Some(16),
    ],
}];

/// Registers of the frame that a signal interrupted, if the code at `pc` is what a handler returns to.
pub(super) fn interrupted(pc: u64, registers: &Registers, memory: &Memory<'_>) -> Option<Registers> {
    let arch = registers.arch();
    let known: &[Trampoline] = match arch {
        Arch::X86_64 => &X86_64,
        _ => &[],
    };
    let here = known.iter().find(|one| memory.bytes(pc, one.code.len()) == Some(one.code))?;
    let mut found = Registers::new(arch);
    let first = registers.sp()?.checked_add(here.distance)?;
    for (register, at) in here.saved.iter().zip(0..) {
        let value = memory.read(first.checked_add(at * arch.word())?, arch.word())?;
        if let Some(register) = register {
            found.set(*register, Some(value));
        }
    }
    Some(found)
}
