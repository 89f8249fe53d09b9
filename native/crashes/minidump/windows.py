"""Exceptions of Windows."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from native.crashes.windows_codes import (
    ACCESS_VIOLATION,
    CLR_EXCEPTION,
    CPP_EXCEPTION,
    FAST_FAIL,
    IN_PAGE_ERROR,
    OUT_OF_MEMORY,
    exception_name,
    fast_fail_meaning,
    fast_fail_name,
    meaning,
    status_name,
)
from symbolicator.model import ExceptionValue, Mechanism

if TYPE_CHECKING:
    from symbolicator import _core

_ACCESSES = {0: "reading", 1: "writing", 8: "executing"}
_NULL_PAGES = 0x10000
"""Bytes at address 0 that no program ever owns: a field of an object that is not there."""
_KERNEL_ANSWER = 0xFFFFFFFF_FFFFFFFF
"""What the processor's general protection faults have for an address: it does not say which."""


def value_of(_: "_core.Minidump", raised: "_core.MinidumpException") -> ExceptionValue:
    """Type and text of an exception."""
    return ExceptionValue(
        type=exception_name(raised.code) or f"EXCEPTION {raised.code:#010x}",
        value=_text(raised),
        mechanism=Mechanism(
            type="minidump", handled=False, data={"code": f"{raised.code:#010x}", "address": hex(raised.address)}
        ),
    )


def _text(raised: "_core.MinidumpException") -> str:
    told = _TEXTS.get(raised.code)
    text = told(raised.parameters) if told else None
    return text or meaning(raised.code) or f"at address {raised.address:#x}"


def _access(parameters: Sequence[int]) -> str | None:
    """``reading address 0x8``."""
    if len(parameters) < 2:  # noqa: PLR2004 - kind and address
        return None
    kind, address = _ACCESSES.get(parameters[0], "using"), parameters[1]
    if address == _KERNEL_ANSWER:
        return f"{kind} an address that the processor does not tell, as it is none (not canonical)"
    null = " (a null pointer)" if address < _NULL_PAGES else ""
    return f"{kind} address {address:#x}{null}"


def _in_page(parameters: Sequence[int]) -> str | None:
    """``reading address 0x10, which cannot be loaded: STATUS_IO_DEVICE_ERROR``."""
    access = _access(parameters)
    if access is None or len(parameters) < 3:  # noqa: PLR2004 - kind, address and status
        return access
    status = parameters[2] & 0xFFFFFFFF
    return f"{access}, which cannot be loaded: {status_name(status) or f'NTSTATUS {status:#010x}'}"


def _fast_fail(parameters: Sequence[int]) -> str | None:
    if not parameters:
        return None
    name = fast_fail_name(parameters[0]) or f"fast fail code {parameters[0]}"
    said = fast_fail_meaning(name)
    return f"{name}: {said}" if said else name


def _cpp(parameters: Sequence[int]) -> str:
    """What Visual C++ passes: a magic number, the object that was thrown, a description of its type, its image."""
    thrown = f", object at {parameters[1]:#x}" if len(parameters) > 1 else ""
    return f"an exception of C++ that nobody caught{thrown}"


def _clr(parameters: Sequence[int]) -> str:
    result = f", HRESULT {parameters[0] & 0xFFFFFFFF:#010x}" if parameters else ""
    return f"an exception of .NET that nobody caught{result}"


def _memory(parameters: Sequence[int]) -> str:
    wanted = f": {parameters[0]:,} bytes were wanted" if parameters and parameters[0] else ""
    return f"there is no more memory{wanted}"


_TEXTS: Mapping[int, Callable[[Sequence[int]], str | None]] = {
    ACCESS_VIOLATION: _access,
    IN_PAGE_ERROR: _in_page,
    FAST_FAIL: _fast_fail,
    CPP_EXCEPTION: _cpp,
    CLR_EXCEPTION: _clr,
    OUT_OF_MEMORY: _memory,
}
