"""Mach exceptions, as Breakpad and Crashpad keep them.

Breakpad: code = kind, flags = code, address = subcode. Crashpad also has kind, code and subcode in the parameters, the
code of 64 bits where ``flags`` has 32.
"""

from typing import TYPE_CHECKING

from native.crashes.mach_exceptions import (
    ARITHMETIC,
    BAD_ACCESS,
    BAD_INSTRUCTION,
    BREAKPOINT,
    CRASH,
    SOFTWARE,
    code_name,
    exception_name,
    signal_name,
)
from symbolicator.model import JSON, ExceptionValue, Mechanism

if TYPE_CHECKING:
    from symbolicator import _core

_SOFT_SIGNAL = 0x10003
_CRASHPAD = 3
"""Parameters of Crashpad: kind, code, subcode."""
_SIGNALS = {BAD_ACCESS: "SIGSEGV", BAD_INSTRUCTION: "SIGILL", ARITHMETIC: "SIGFPE", BREAKPOINT: "SIGTRAP"}
_PROTECTION = 2


def value_of(dump: "_core.Minidump", raised: "_core.MinidumpException") -> ExceptionValue:
    """Type and text of a Mach exception."""
    kind, code, subcode = _numbers(raised)
    arch = dump.system.arch if dump.system else None
    name = exception_name(kind) or f"Mach exception {kind:#x}"
    signal = _signal(kind, code, subcode)
    why = signal if kind == SOFTWARE and signal else code_name(kind, code, arch) or f"code {code:#x}"
    return ExceptionValue(
        type=name,
        value=f"{why} at {subcode:#x}" if kind == BAD_ACCESS else why,
        mechanism=Mechanism(type="mach", handled=False, meta=_meta(kind, code, subcode, signal)),
    )


def _numbers(raised: "_core.MinidumpException") -> tuple[int, int, int]:
    """Kind, code and subcode. A crash that the kernel packed (EXC_CRASH) holds the exception that it was."""
    kind, code, subcode = raised.code, raised.flags, raised.address
    if len(raised.parameters) == _CRASHPAD and raised.parameters[0] == raised.code:
        kind, code, subcode = raised.parameters
    inner = code >> 20 & 0xF
    return (inner, code & 0xFFFFF, subcode) if kind == CRASH and inner else (kind, code, subcode)


def _signal(kind: int, code: int, subcode: int) -> str | None:
    """The signal that the kernel makes of the exception."""
    if kind == SOFTWARE and code == _SOFT_SIGNAL:
        return signal_name(subcode)
    if kind == CRASH:
        return code_name(CRASH, code)
    return "SIGBUS" if kind == BAD_ACCESS and code == _PROTECTION else _SIGNALS.get(kind)


def _meta(kind: int, code: int, subcode: int, signal: str | None) -> dict[str, JSON]:
    mach: dict[str, JSON] = {"exception": kind, "name": exception_name(kind), "code": code, "subcode": subcode}
    of_signal: dict[str, JSON] = {"signal": {"name": signal}} if signal else {}
    return {"mach_exception": mach} | of_signal
