"""Mach exceptions and the signals of Apple's systems, by number and by name.

>>> exception_name(1), code_name(1, 2)
('EXC_BAD_ACCESS', 'KERN_PROTECTION_FAILURE')

A Mach exception is a kind, a code and a subcode. What the code means depends on the kind, and for some kinds on the
processor. Of EXC_RESOURCE and EXC_GUARD the code is packed: type and flavor are in its upper bits.

Sources: xnu's headers (``mach/exception_types.h``, ``mach/kern_return.h``, ``mach/arm/exception.h``,
``mach/i386/exception.h``, ``kern/exc_resource.h``, ``kern/exc_guard.h``, ``sys/guarded.h``, ``mach/port.h``,
``sys/signal.h``) and "Understanding the exception types in a crash report" of Apple's documentation.
"""

from collections.abc import Mapping

from msgspec import Struct

_KINDS = (
    "EXC_BAD_ACCESS", "EXC_BAD_INSTRUCTION", "EXC_ARITHMETIC", "EXC_EMULATION", "EXC_SOFTWARE", "EXC_BREAKPOINT",
    "EXC_SYSCALL", "EXC_MACH_SYSCALL", "EXC_RPC_ALERT", "EXC_CRASH", "EXC_RESOURCE", "EXC_GUARD", "EXC_CORPSE_NOTIFY",
)  # fmt: skip
EXCEPTIONS: Mapping[int, str] = dict(enumerate(_KINDS, 1))
"""Names of the kinds by number."""
_NUMBERS = {name: number for number, name in EXCEPTIONS.items()}
BAD_ACCESS, BAD_INSTRUCTION, ARITHMETIC, SOFTWARE, BREAKPOINT, CRASH, RESOURCE, GUARD = (
    _NUMBERS[f"EXC_{name}"]
    for name in ("BAD_ACCESS", "BAD_INSTRUCTION", "ARITHMETIC", "SOFTWARE", "BREAKPOINT", "CRASH", "RESOURCE", "GUARD")
)

_KERNEL_RETURNS = {
    1: "KERN_INVALID_ADDRESS", 2: "KERN_PROTECTION_FAILURE", 3: "KERN_NO_SPACE", 4: "KERN_INVALID_ARGUMENT",
    5: "KERN_FAILURE", 6: "KERN_RESOURCE_SHORTAGE", 7: "KERN_NOT_RECEIVER", 8: "KERN_NO_ACCESS",
    9: "KERN_MEMORY_FAILURE", 10: "KERN_MEMORY_ERROR", 14: "KERN_ABORTED", 50: "KERN_CODESIGN_ERROR",
    51: "KERN_POLICY_STATIC",
}  # fmt: skip
_SOFTWARE = {
    0x10000: "EXC_UNIX_BAD_SYSCALL", 0x10001: "EXC_UNIX_BAD_PIPE", 0x10002: "EXC_UNIX_ABORT",
    0x10003: "EXC_SOFT_SIGNAL",
}  # fmt: skip
_ANY: Mapping[int, Mapping[int, str]] = {
    BAD_ACCESS: {
        **_KERNEL_RETURNS, 0x0D: "EXC_I386_GPFLT", 0x101: "EXC_ARM_DA_ALIGN", 0x102: "EXC_ARM_DA_DEBUG",
        0x103: "EXC_ARM_SP_ALIGN", 0x104: "EXC_ARM_SWP", 0x105: "EXC_ARM_PAC_FAIL",
        0x106: "EXC_ARM_MTE_TAGCHECK_FAIL", 0x107: "EXC_ARM_MTE_CANONICAL_FAIL",
    },
    SOFTWARE: _SOFTWARE,
}  # fmt: skip
_X86: Mapping[int, Mapping[int, str]] = {
    BAD_INSTRUCTION: {
        1: "EXC_I386_INVOP", 8: "EXC_I386_DBLFLT", 10: "EXC_I386_INVTSSFLT", 11: "EXC_I386_SEGNPFLT",
        12: "EXC_I386_STKFLT",
    },
    ARITHMETIC: {
        1: "EXC_I386_DIV", 2: "EXC_I386_INTO", 3: "EXC_I386_NOEXT", 4: "EXC_I386_EXTOVR", 5: "EXC_I386_EXTERR",
        6: "EXC_I386_EMERR", 7: "EXC_I386_BOUND", 8: "EXC_I386_SSEEXTERR",
    },
    BREAKPOINT: {1: "EXC_I386_SGL", 2: "EXC_I386_BPT"},
}  # fmt: skip
_ARM: Mapping[int, Mapping[int, str]] = {
    BAD_INSTRUCTION: {1: "EXC_ARM_UNDEFINED"},
    ARITHMETIC: {
        0: "EXC_ARM_FP_UNDEFINED", 1: "EXC_ARM_FP_IO", 2: "EXC_ARM_FP_DZ", 3: "EXC_ARM_FP_OF", 4: "EXC_ARM_FP_UF",
        5: "EXC_ARM_FP_IX", 6: "EXC_ARM_FP_ID",
    },
    BREAKPOINT: {1: "EXC_ARM_BREAKPOINT"},
}  # fmt: skip

_SIGNALS = (
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "EMT", "FPE", "KILL", "BUS", "SEGV", "SYS", "PIPE", "ALRM", "TERM",
    "URG", "STOP", "TSTP", "CONT", "CHLD", "TTIN", "TTOU", "IO", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "INFO",
    "USR1", "USR2",
)  # fmt: skip
SIGNALS: Mapping[str, int] = {f"SIG{name}": number for number, name in enumerate(_SIGNALS, 1)}
"""Numbers of the signals by name; on Linux some have another one."""
_SIGNAL_NAMES = {number: name for name, number in SIGNALS.items()}


class _Packed(Struct, frozen=True):
    """A type of EXC_RESOURCE or EXC_GUARD: its name and those of its flavors."""

    name: str
    flavors: Mapping[int, str]


_RESOURCES = {
    1: _Packed("CPU", {1: "CPU_MONITOR", 2: "CPU_MONITOR_FATAL"}),
    2: _Packed("WAKEUPS", {1: "WAKEUPS_MONITOR"}),
    3: _Packed("MEMORY", {1: "HIGH_WATERMARK", 2: "DIAG_MEMLIMIT", 3: "CONCLAVE_LIMIT"}),
    4: _Packed("IO", {1: "IO_PHYSICAL_WRITES", 2: "IO_LOGICAL_WRITES"}),
    5: _Packed("THREADS", {1: "THREADS_HIGH_WATERMARK"}),
    6: _Packed("PORTS", {1: "PORT_SPACE_FULL"}),
}
_GUARDS = {
    1: _Packed("MACH_PORT", {
        1: "DESTROY", 2: "MOD_REFS", 3: "INVALID_OPTIONS", 4: "SET_CONTEXT", 5: "THREAD_SET_STATE", 8: "UNGUARDED",
        16: "INCORRECT_GUARD", 32: "IMMOVABLE", 64: "STRICT_REPLY", 128: "MSG_FILTERED", 256: "INVALID_RIGHT",
        512: "INVALID_NAME", 1024: "INVALID_VALUE", 2048: "INVALID_ARGUMENT", 4096: "RIGHT_EXISTS",
    }),
    2: _Packed("FD", {1: "CLOSE", 2: "DUP", 4: "NOCLOEXEC", 8: "SOCKET_IPC", 16: "FILEPORT", 32: "MISMATCH",
                      64: "WRITE"}),
    3: _Packed("USER", {}),
    4: _Packed("VN", {1: "RENAME_TO", 2: "RENAME_FROM", 4: "UNLINK", 8: "WRITE_OTHER", 16: "TRUNC_OTHER", 32: "LINK",
                      64: "EXCHDATA"}),
    5: _Packed("VIRT_MEMORY", {1: "DEALLOC_GAP"}),
    6: _Packed("REJECTED_SC", {}),
}  # fmt: skip


def exception_name(kind: int) -> str | None:
    """``EXC_BAD_ACCESS`` of 1; None if xnu knows no such exception."""
    return EXCEPTIONS.get(kind)


def exception_number(name: str) -> int | None:
    """1 of ``EXC_BAD_ACCESS``."""
    return _NUMBERS.get(name)


def code_name(kind: int, code: int, arch: str | None = None) -> str | None:
    """What the code of an exception means, as ``KERN_INVALID_ADDRESS`` or ``GUARD_TYPE_FD (CLOSE)``; None if unknown.

    ``arch``: the processor's name as in Sentry's payload. Codes that depend on it have no name without it.
    """
    code &= (1 << 64) - 1
    if kind == RESOURCE:
        return _packed(_RESOURCES, "RESOURCE_TYPE", code >> 61, code >> 58 & 0x7)
    if kind == GUARD:
        return _packed(_GUARDS, "GUARD_TYPE", code >> 61, code >> 32 & 0x1FFF_FFFF)
    if kind == CRASH:
        return signal_name(code >> 24 & 0xFF)
    of_processor = _ARM if (arch or "").startswith(("arm", "aarch")) else _X86 if arch else {}
    names: Mapping[int, str] = {**_ANY.get(kind, {}), **of_processor.get(kind, {})}
    return names.get(code)


def signal_name(number: int) -> str | None:
    """``SIGBUS`` of 10."""
    return _SIGNAL_NAMES.get(number)


def _packed(types: Mapping[int, _Packed], prefix: str, number: int, flavor: int) -> str | None:
    known = types.get(number)
    if known is None:
        return None
    name = known.flavors.get(flavor)
    return f"{prefix}_{known.name}" + (f" ({name})" if name else "")
