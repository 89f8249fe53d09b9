"""What the signal that ended the process says: which, why, and at which address or by whom.

>>> told(signal_of(process, elf))
'SEGV_MAPERR at 0x8: nothing is mapped there'

Source: sigaction(2), and ``siginfo_t`` in the kernel's include/uapi/asm-generic/siginfo.h: number, errno and code, then
from the next word on the address, or process and user id of the sender, or the number of the system call.
"""

import struct
from typing import TYPE_CHECKING

from msgspec import Struct

from native.crashes.elfcore.process import Process
from native.crashes.signal_codes import code_name, is_sent, meaning
from native.crashes.signals import signal_mechanism, signal_name
from native.elf.layout import ElfFile
from symbolicator.model import ExceptionValue

if TYPE_CHECKING:
    from symbolicator.model import JSON

_WITH_ADDRESS = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP"})
_SI_KERNEL = 0x80
_STOPS = frozenset({"SIGSTOP"})
"""What a debugger stops a process with before it writes a core: nothing crashed."""
_HEAD = struct.calcsize("3i")


class Signal(Struct, frozen=True):
    """``code`` is the ``si_code``; ``address`` the one that could not be used, ``sender`` and ``user`` whose signal."""

    number: int
    code: int | None = None
    address: int | None = None
    sender: int | None = None
    user: int | None = None
    system_call: int | None = None

    @property
    def name(self) -> str:
        """``SIGSEGV``; ``signal 99`` where the number has no name."""
        return signal_name(self.number) or f"signal {self.number}"


def signal_of(process: Process, elf: ElfFile) -> Signal | None:
    """The signal that ended the process; None if it was only looked at, as by ``gcore``."""
    number = process.threads[0].signal if process.threads else 0
    told = _read(process.signal_note, elf) if process.signal_note else None
    signal = told if told and told.number and told.number == (number or told.number) else Signal(number)
    return None if not signal.number or signal.name in _STOPS else signal


def _read(note: bytes, elf: ElfFile) -> Signal | None:
    if len(note) < _HEAD:
        return None
    number, _, code = struct.unpack_from(f"{elf.order}3i", note)
    name = signal_name(number)
    at = elf.word_size * 2 if elf.is_64 else _HEAD
    rest = note[at:].ljust(elf.word_size * 2, b"\0")
    (word,) = struct.unpack_from(elf.order + ("Q" if elf.is_64 else "I"), rest)
    sender, user = struct.unpack_from(f"{elf.order}iI", rest)
    if is_sent(code):
        return Signal(number, code, sender=sender, user=user)
    if name == "SIGSYS":
        (call,) = struct.unpack_from(elf.order + "i", rest, elf.word_size)
        return Signal(number, code, system_call=call)
    has_address = name in _WITH_ADDRESS and code != _SI_KERNEL
    return Signal(number, code, word if has_address else None)


def exception_of(
    signal: Signal, thread_id: int | str | None, process_id: int | None, message: str | None
) -> ExceptionValue:
    """The exception of the thread that got the signal. ``message``: what the C library said before it aborted."""
    data: dict[str, JSON] = {}
    if signal.address is not None:
        data["relevant_address"] = hex(signal.address)
    if signal.sender is not None:
        data |= {"sender_pid": signal.sender, "sender_uid": signal.user}
    return ExceptionValue(
        type=signal.name,
        value=message or told(signal, process_id),
        thread_id=thread_id,
        mechanism=signal_mechanism(signal.name, data, signal.code),
    )


def told(signal: Signal, process_id: int | None = None) -> str | None:
    """The signal in a sentence; None if no more than its number is known."""
    if signal.code is None:
        return None
    name = code_name(signal.name, signal.code) or f"si_code {signal.code}"
    place = f" at {signal.address:#x}" if signal.address is not None else ""
    words = _sender(signal, name, process_id) or meaning(name)
    if signal.system_call is not None:
        words = f"{words or 'system call'} (number {signal.system_call})"
    return f"{name}{place}: {words}" if words else f"{name}{place}"


def _sender(signal: Signal, name: str, process_id: int | None) -> str | None:
    """Who sent the signal, where that is told."""
    if not signal.sender:
        return None
    if signal.sender != process_id:
        return f"sent by process {signal.sender}, user {signal.user}"
    return f"sent by the process itself{', as abort(3) and raise(3) do' if name == 'SI_TKILL' else ''}"
