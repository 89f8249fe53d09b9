"""Signals of Linux, as Breakpad and Crashpad keep them: code = number, flags = ``si_code``, address = ``si_addr``."""

from typing import TYPE_CHECKING

from native.crashes.elfcore.siginfo import Signal, exception_of
from native.crashes.signal_codes import is_sent
from symbolicator.model import ExceptionValue

if TYPE_CHECKING:
    from symbolicator import _core

_SIGN_BIT = 1 << 31
_SI_KERNEL = 0x80


def value_of(_: "_core.Minidump", raised: "_core.MinidumpException") -> ExceptionValue:
    """Type and text of a signal. Who sent one is not told: ``si_addr`` is another field then."""
    code = raised.flags - (raised.flags & _SIGN_BIT) * 2
    has_address = not is_sent(code) and code != _SI_KERNEL
    signal = Signal(raised.code, code, raised.address if has_address else None)
    return exception_of(signal, raised.thread_id, process_id=None, message=None)
