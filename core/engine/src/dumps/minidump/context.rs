//! The registers of a thread (`CONTEXT`), by the names of Sentry's payload.

use minidump_common::format::{CONTEXT_AMD64, CONTEXT_ARM, CONTEXT_ARM64, CONTEXT_ARM64_OLD, CONTEXT_X86};
use scroll::ctx::TryFromCtx;
use scroll::{Endian, Pread};

const ROOM: usize = 4096;
const AMD64: u32 = 0x0010_0000;
const ARM: u32 = 0x4000_0000;
const ARM64: u32 = 0x0040_0000;
const ARM64_OLD: u32 = 0x8000_0000;
const X86: u32 = 0x0001_0000;

const X86_64_POINTERS: [&str; 2] = ["rip", "rsp"];
const ARM64_NAMES: [&str; 31] = [
    "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
    "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "fp", "lr",
];
const ARM_NAMES: [&str; 16] =
    ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"];

/// Registers in the order in which people read them.
pub(super) type Registers = Vec<(&'static str, u64)>;

/// The registers of a context; none if it is cut off before them, or of another processor.
pub(super) fn registers(bytes: &[u8], arch: &str, endian: Endian) -> Registers {
    match kind(bytes, arch, endian) {
        Some(AMD64) => x86_64(bytes, endian),
        Some(X86) => x86(bytes, endian),
        Some(ARM) => arm(bytes, endian),
        Some(ARM64) => arm64(bytes, endian),
        Some(ARM64_OLD) => arm64_old(bytes, endian),
        _ => None,
    }
    .unwrap_or_default()
}

/// The address of the instruction, and the stack pointer.
pub(super) fn stack_pointer(registers: &Registers) -> Option<u64> {
    registers.iter().find(|(name, _)| matches!(*name, "rsp" | "esp" | "sp")).map(|(_, value)| *value)
}

/// Which context it is: by the processor, else by its flags. Those of arm64 tell Breakpad's layout from Microsoft's.
fn kind(bytes: &[u8], arch: &str, endian: Endian) -> Option<u32> {
    let flags_at = |offset| bytes.pread_with::<u32>(offset, endian).unwrap_or_default();
    let first = flags_at(0);
    match arch {
        "x86_64" => Some(AMD64),
        "x86" => Some(X86),
        "arm" => Some(ARM),
        "arm64" if first & ARM64 != 0 => Some(ARM64),
        "arm64" => Some(ARM64_OLD),
        "" if flags_at(48) & AMD64 != 0 => Some(AMD64),
        "" => [X86, ARM, ARM64, ARM64_OLD].into_iter().find(|kind| first & 0xffff_0000 == *kind),
        _ => None,
    }
}

/// The record, with zeros for what is behind the first `needed` bytes and not there: floating point and extensions.
fn padded<T>(bytes: &[u8], needed: usize, endian: Endian) -> Option<T>
where
    T: for<'a> TryFromCtx<'a, Endian, [u8], Error = scroll::Error>,
{
    bytes.get(..needed)?;
    let mut room = [0; ROOM];
    let len = bytes.len().min(ROOM);
    room[..len].copy_from_slice(&bytes[..len]);
    room.pread_with(0, endian).ok()
}

fn x86_64(bytes: &[u8], endian: Endian) -> Option<Registers> {
    let raw: CONTEXT_AMD64 = padded(bytes, 256, endian)?;
    let [rip, rsp] = X86_64_POINTERS;
    Some(vec![
        (rip, raw.rip),
        (rsp, raw.rsp),
        ("rbp", raw.rbp),
        ("rax", raw.rax),
        ("rbx", raw.rbx),
        ("rcx", raw.rcx),
        ("rdx", raw.rdx),
        ("rsi", raw.rsi),
        ("rdi", raw.rdi),
        ("r8", raw.r8),
        ("r9", raw.r9),
        ("r10", raw.r10),
        ("r11", raw.r11),
        ("r12", raw.r12),
        ("r13", raw.r13),
        ("r14", raw.r14),
        ("r15", raw.r15),
    ])
}

fn x86(bytes: &[u8], endian: Endian) -> Option<Registers> {
    let raw: CONTEXT_X86 = padded(bytes, 204, endian)?;
    let named = [
        ("eip", raw.eip),
        ("esp", raw.esp),
        ("ebp", raw.ebp),
        ("eax", raw.eax),
        ("ebx", raw.ebx),
        ("ecx", raw.ecx),
        ("edx", raw.edx),
        ("esi", raw.esi),
        ("edi", raw.edi),
        ("eflags", raw.eflags),
    ];
    Some(named.map(|(name, value)| (name, value.into())).to_vec())
}

fn arm(bytes: &[u8], endian: Endian) -> Option<Registers> {
    let raw: CONTEXT_ARM = padded(bytes, 72, endian)?;
    Some(ARM_NAMES.into_iter().zip(raw.iregs.map(u64::from)).chain([("cpsr", raw.cpsr.into())]).collect())
}

fn arm64(bytes: &[u8], endian: Endian) -> Option<Registers> {
    let raw: CONTEXT_ARM64 = padded(bytes, 272, endian)?;
    Some(ARM64_NAMES.into_iter().zip(raw.iregs).chain([("sp", raw.sp), ("pc", raw.pc)]).collect())
}

fn arm64_old(bytes: &[u8], endian: Endian) -> Option<Registers> {
    let raw: CONTEXT_ARM64_OLD = padded(bytes, 276, endian)?;
    Some(ARM64_NAMES.into_iter().zip(raw.iregs).chain([("sp", raw.sp), ("pc", raw.pc)]).collect())
}
