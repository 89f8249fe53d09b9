//! Processors whose stacks are walked: their registers as DWARF numbers them.

/// A processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// 32-bit.
    X86,
    /// 64-bit.
    X86_64,
    /// 32-bit.
    Arm,
    /// 64-bit.
    Arm64,
}

/// Number of a register in DWARF; the program counter has one where DWARF gives it none.
pub type Register = u16;

/// One more than the highest number of a register that is kept.
pub(super) const REGISTERS: usize = 33;

const X86: [&str; 9] = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip"];
const X86_64: [&str; 17] = [
    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
    "r15", "rip",
];
const ARM: [&str; 16] =
    ["r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"];
const ARM64: [&str; 33] = [
    "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
    "x16", "x17", "x18", "x19", "x20", "x21", "x22", "x23", "x24", "x25", "x26", "x27", "x28", "fp", "lr",
    "sp", "pc",
];

impl Arch {
    /// By the name that Sentry's payload has for it, variants included (`arm64e`, `armv7`, `x86_64h`, `i386`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "x86" | "i386" | "i486" | "i586" | "i686" => Some(Self::X86),
            "amd64" => Some(Self::X86_64),
            "aarch64" => Some(Self::Arm64),
            _ if name.starts_with("x86_64") => Some(Self::X86_64),
            // Pointers of 32 bits on registers of 64: nothing here reads such a stack.
            "arm64_32" => None,
            _ if name.starts_with("arm64") => Some(Self::Arm64),
            _ if name.starts_with("arm") || name.starts_with("thumb") => Some(Self::Arm),
            _ => None,
        }
    }

    /// Bytes of an address.
    #[must_use]
    pub fn word(self) -> u64 {
        if self.is_64() { 8 } else { 4 }
    }

    pub(super) fn is_64(self) -> bool {
        matches!(self, Self::X86_64 | Self::Arm64)
    }

    pub(super) fn is_x86(self) -> bool {
        matches!(self, Self::X86 | Self::X86_64)
    }

    /// The highest address.
    pub(super) fn max(self) -> u64 {
        if self.is_64() { u64::MAX } else { u32::MAX.into() }
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            Self::X86 => &X86,
            Self::X86_64 => &X86_64,
            Self::Arm => &ARM,
            Self::Arm64 => &ARM64,
        }
    }

    /// A register's name as in Sentry's payload.
    #[must_use]
    pub fn name(self, register: Register) -> Option<&'static str> {
        self.names().get(usize::from(register)).copied()
    }

    /// The register of a name, with or without a `$` before it.
    #[must_use]
    pub fn register(self, name: &str) -> Option<Register> {
        let name = name.trim_start_matches(['$', '%', '.']);
        let name = match (self, name) {
            (Self::Arm64, "x29") => "fp",
            (Self::Arm64, "x30") => "lr",
            (Self::Arm, "fp") => "r11",
            (Self::Arm, "ip") => "r12",
            (Self::Arm, "r13") => "sp",
            (Self::Arm, "r14") => "lr",
            (Self::Arm, "r15") => "pc",
            _ => name,
        };
        let at = self.names().iter().position(|one| one.eq_ignore_ascii_case(name))?;
        Register::try_from(at).ok()
    }

    /// The program counter.
    pub(super) fn pc(self) -> Register {
        match self {
            Self::X86 => 8,
            Self::X86_64 => 16,
            Self::Arm => 15,
            Self::Arm64 => 32,
        }
    }

    /// The stack pointer.
    pub(super) fn sp(self) -> Register {
        match self {
            Self::X86 => 4,
            Self::X86_64 => 7,
            Self::Arm => 13,
            Self::Arm64 => 31,
        }
    }

    /// The frame pointer, where functions keep one. On ARM that of Thumb code and of Apple.
    pub(super) fn fp(self) -> Register {
        match self {
            Self::X86 => 5,
            Self::X86_64 => 6,
            Self::Arm => 7,
            Self::Arm64 => 29,
        }
    }

    /// The link register, where calls leave the return address in one.
    pub(super) fn lr(self) -> Option<Register> {
        match self {
            Self::X86 | Self::X86_64 => None,
            Self::Arm => Some(14),
            Self::Arm64 => Some(30),
        }
    }

    /// Whether functions hand a register back as they found it.
    ///
    /// Source: System V ABI (i386, x86-64), 3.2.1; AAPCS and AAPCS64, 6.1.1. What Windows keeps besides those on
    /// x86-64 is in its own rules.
    pub(super) fn is_preserved(self, register: Register) -> bool {
        match self {
            Self::X86 => matches!(register, 3 | 5..=7),
            Self::X86_64 => matches!(register, 3 | 6 | 12..=15),
            Self::Arm => matches!(register, 4..=11),
            Self::Arm64 => matches!(register, 19..=29),
        }
    }
}
