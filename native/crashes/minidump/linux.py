"""Signals of Linux, as Breakpad and Crashpad keep them: code = number, flags = ``si_code``, address = ``si_addr``."""

from typing import TYPE_CHECKING

from native.crashes.signal_codes import code_name, is_sent, meaning
from native.crashes.signals import signal_mechanism, signal_name
from symbolicator.model import ExceptionValue

if TYPE_CHECKING:
    from symbolicator import _core

_SIGN_BIT = 1 << 31


def value_of(_: "_core.Minidump", raised: "_core.MinidumpException") -> ExceptionValue:
    """Type and text of a signal."""
    name, code = signal_name(raised.code), _signed(raised.flags)
    if name is None:
        return ExceptionValue(type=f"signal {raised.code}", value=f"address {raised.address:#x}")
    why = code_name(name, code)
    said = meaning(why) if why else None
    address = None if is_sent(code) else f"address {raised.address:#x}"
    text = ", ".join(part for part in (address, why) if part) + (f": {said}" if said else "")
    return ExceptionValue(type=name, value=text or None, mechanism=signal_mechanism(name, {}, code))


def _signed(number: int) -> int:
    return number - (number & _SIGN_BIT) * 2
