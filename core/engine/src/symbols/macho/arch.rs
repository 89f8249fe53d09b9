//! What Sentry calls the processors of `<mach/machine.h>`.

use object::macho::{self, CpuSubtype, CpuType};

/// The upper byte of a subtype holds capabilities, such as the version of arm64e's pointer authentication.
const SUBTYPE: u32 = 0x00ff_ffff;

/// Sentry's name of the processor.
pub(super) fn name(cpu: CpuType, subtype: CpuSubtype) -> &'static str {
    match (cpu, subtype.0 & SUBTYPE) {
        (macho::CPU_TYPE_X86_64, 8) => "x86_64h",
        (macho::CPU_TYPE_X86_64, _) => "x86_64",
        (macho::CPU_TYPE_X86, _) => "x86",
        (macho::CPU_TYPE_ARM64, 1) => "arm64v8",
        (macho::CPU_TYPE_ARM64, 2) => "arm64e",
        (macho::CPU_TYPE_ARM64, _) => "arm64",
        (macho::CPU_TYPE_ARM64_32, 1) => "arm64_32_v8",
        (macho::CPU_TYPE_ARM64_32, _) => "arm64_32",
        (macho::CPU_TYPE_ARM, subtype) => arm(subtype),
        (macho::CPU_TYPE_POWERPC, _) => "ppc",
        (macho::CPU_TYPE_POWERPC64, _) => "ppc64",
        _ => "unknown",
    }
}

fn arm(subtype: u32) -> &'static str {
    match subtype {
        6 => "armv6",
        7 => "armv5",
        9 => "armv7",
        10 => "armv7f",
        11 => "armv7s",
        12 => "armv7k",
        14 => "armv6m",
        15 => "armv7m",
        16 => "armv7em",
        _ => "arm",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_no_part_of_the_name() {
        let arm64 = |subtype| name(macho::CPU_TYPE_ARM64, CpuSubtype(subtype));
        assert_eq!(
            [arm64(0), arm64(2), arm64(0x8000_0002), arm64(0xc000_0002)],
            ["arm64", "arm64e", "arm64e", "arm64e"]
        );
        let watch = [9, 11, 12].map(|subtype| name(macho::CPU_TYPE_ARM, CpuSubtype(subtype)));
        assert_eq!(watch, ["armv7", "armv7s", "armv7k"]);
        assert_eq!(name(macho::CPU_TYPE_X86_64, CpuSubtype(0x8000_0008)), "x86_64h");
    }
}
