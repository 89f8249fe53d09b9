//! What a processor keeps in pointers to code besides the address: signatures and tags of 64-bit ARM, the Thumb bit.
//!
//! The rule for signatures is that of `native/pointers.py`: a signature takes every bit above the width of addresses,
//! but bit 55, which tells the kernel's addresses; the width is taken from where the images lie, and an address
//! without anything above bit 47 is left alone.
//!
//! Source: Arm Architecture Reference Manual, D8.10.

use super::arch::Arch;

const KERNEL_BIT: u64 = 1 << 55;
const MIN_BITS: u32 = 39;
const MAX_BITS: u32 = 48;
/// Upper bits that are all equal in an address.
const ABOVE: u64 = !((1 << MAX_BITS) - 1);

/// How pointers to code are read.
pub(super) struct Pointers {
    arch: Arch,
    /// Bits of an address.
    address: u64,
}

impl Pointers {
    /// Those of a process with images of such starts and sizes.
    pub(super) fn of(arch: Arch, images: impl Iterator<Item = (u64, u64)>) -> Self {
        let ends = images.filter_map(|(start, size)| start.checked_add(size));
        let highest = ends.filter(|end| *end <= 1 << MAX_BITS).max();
        let bits = highest.map_or(MAX_BITS, |end| u64::BITS - end.leading_zeros());
        Self { arch, address: (1 << bits.clamp(MIN_BITS, MAX_BITS)) - 1 }
    }

    /// The address that a pointer to code holds.
    pub(super) fn code(&self, pointer: u64) -> u64 {
        match self.arch {
            Arch::X86 | Arch::X86_64 => pointer,
            Arch::Arm => pointer & !1,
            Arch::Arm64 if matches!(pointer & ABOVE, 0 | ABOVE) => pointer,
            Arch::Arm64 if pointer & KERNEL_BIT != 0 => pointer | ABOVE,
            Arch::Arm64 => pointer & self.address,
        }
    }
}
