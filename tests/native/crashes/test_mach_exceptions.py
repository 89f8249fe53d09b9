"""Names of Mach exceptions and of macOS's signals."""

import pytest

from native.crashes.mach_exceptions import SIGNALS, code_name, exception_name, exception_number, signal_name


@pytest.mark.parametrize(
    ("kind", "code", "arch", "name"),
    [
        (1, 1, None, "KERN_INVALID_ADDRESS"),
        (1, 2, "arm64", "KERN_PROTECTION_FAILURE"),
        (1, 13, "x86_64", "EXC_I386_GPFLT"),
        (1, 0x101, "arm64", "EXC_ARM_DA_ALIGN"),
        (1, 0x105, "arm64e", "EXC_ARM_PAC_FAIL"),
        (2, 1, "x86_64", "EXC_I386_INVOP"),
        (2, 1, "arm64", "EXC_ARM_UNDEFINED"),
        (2, 1, None, None),
        (3, 1, "x86_64", "EXC_I386_DIV"),
        (5, 0x10003, None, "EXC_SOFT_SIGNAL"),
        (6, 1, "arm64", "EXC_ARM_BREAKPOINT"),
        (6, 2, "x86_64", "EXC_I386_BPT"),
        (10, 0x0B10_0001, None, "SIGSEGV"),
        (11, 3 << 61 | 1 << 58 | 2098, None, "RESOURCE_TYPE_MEMORY (HIGH_WATERMARK)"),
        (11, 1 << 61 | 2 << 58, None, "RESOURCE_TYPE_CPU (CPU_MONITOR_FATAL)"),
        (12, 2 << 61 | 1 << 32 | 21, None, "GUARD_TYPE_FD (CLOSE)"),
        (12, 1 << 61 | 8 << 32, None, "GUARD_TYPE_MACH_PORT (UNGUARDED)"),
        (12, 5 << 61 | 99 << 32, None, "GUARD_TYPE_VIRT_MEMORY"),
        (12, -(1 << 63), None, "GUARD_TYPE_VN"),
        (11, 0, None, None),
        (99, 1, "arm64", None),
    ],
)
def test_what_a_code_means(kind: int, code: int, arch: str | None, name: str | None) -> None:
    """A code named after another processor or exception sends the engineer after the wrong cause."""
    assert code_name(kind, code, arch) == name


def test_exceptions_by_number_and_name() -> None:
    """Minidumps have numbers and reports have names: both must mean the same exception."""
    assert [exception_name(number) for number in (0, 1, 10, 13, 14)] == [
        None, "EXC_BAD_ACCESS", "EXC_CRASH", "EXC_CORPSE_NOTIFY", None,
    ]  # fmt: skip
    assert exception_number("EXC_GUARD") == 12
    assert exception_number("EXC_NOTHING") is None


def test_signals_have_macos_numbers() -> None:
    """SIGBUS is 10 there and 7 on Linux: with the other's numbers a bus error would be called SIGUSR1."""
    assert (SIGNALS["SIGBUS"], SIGNALS["SIGSYS"], SIGNALS["SIGUSR1"], SIGNALS["SIGABRT"]) == (10, 12, 30, 6)
    assert (signal_name(10), signal_name(7), signal_name(99)) == ("SIGBUS", "SIGEMT", None)
