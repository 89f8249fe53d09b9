"""Processors by Apple's names and numbers, in the names of Sentry's payload.

Source: ``mach/machine.h``.
"""

_64_BIT, _64_BIT_POINTERS_32 = 0x0100_0000, 0x0200_0000
_X86, _ARM, _PPC = 7, 12, 18
_SUBTYPE_MASK = 0x00FF_FFFF
"""The upper bits of a subtype are features, as the version of pointer signing."""
_TYPES = {
    _X86: "x86",
    _X86 | _64_BIT: "x86_64",
    _ARM: "arm",
    _ARM | _64_BIT: "arm64",
    _ARM | _64_BIT_POINTERS_32: "arm64_32",
    _PPC: "ppc",
    _PPC | _64_BIT: "ppc64",
}
_SUBTYPES = {
    (_X86 | _64_BIT, 8): "x86_64h",
    (_ARM, 6): "armv6",
    (_ARM, 9): "armv7",
    (_ARM, 11): "armv7s",
    (_ARM, 12): "armv7k",
    (_ARM | _64_BIT, 2): "arm64e",
}
IMAGE_ARCHS = frozenset({*_TYPES.values(), *_SUBTYPES.values(), "i386"})
"""What reports write behind an image's name."""
_CODE_TYPES = {
    "ARM-64": "arm64",
    "ARM": "arm",
    "X86-64": "x86_64",
    "X86": "x86",
    "PPC": "ppc",
    "PPC-64": "ppc64",
}


def arch_of(cpu_type: int | None, cpu_subtype: int | None) -> str | None:
    """``arm64e`` of 0x100000c and 2; None if the type is unknown."""
    if cpu_type is None:
        return None
    subtype = (cpu_subtype or 0) & _SUBTYPE_MASK
    return _SUBTYPES.get((cpu_type, subtype)) or _TYPES.get(cpu_type)


def arch_of_code_type(words: str) -> str | None:
    """``arm64`` of ``ARM-64 (Native)``."""
    return _CODE_TYPES.get(words.partition("(")[0].strip().upper())


def image_arch(word: str) -> str | None:
    """The processor that a word of a report names; None if it names none."""
    return "x86" if word == "i386" else word if word in IMAGE_ARCHS else None
