"""The stack that a signal interrupted, where its handler runs on another one (sigaltstack(2)).

Handlers that report crashes do that as a rule. The kernel has written the interrupted registers to the handler's stack,
beside where that stack lies: the record says itself that it lies inside of what it describes. An unwinder needs the
interrupted stack too.

Source: the kernel's ``struct ucontext`` and ``struct sigcontext`` of each processor (asm/ucontext.h, asm/sigcontext.h).
"""

import struct
from itertools import islice
from typing import Final

from msgspec import Struct

from native.crashes.elfcore.memory import Memory
from symbolicator.model import StackMemory

MAX_SEARCHED: Final = 64 << 10
"""Bytes of a handler's stack, from its stack pointer on, that are searched."""
_MAX_CANDIDATES = 256
_MAX_STACK = 16 << 20
"""Bytes of an alternate stack."""
_MAX_FLAGS = 3


class _Record(Struct, frozen=True):
    """``struct ucontext``: bytes of a word, and how many lie before the stack pointer.

    It begins with flags and a link that is null; then the alternate stack: address, flags, size.
    """

    word: int
    pointer_at: int

    @property
    def form(self) -> str:
        """Its beginning and the stack pointer, as `struct` writes it."""
        head, letter, padding = ("<8xQQi4xQ", "Q", 40) if self.word == _WORD_64 else ("<4xIIiI", "I", 20)
        return f"{head}{self.pointer_at - padding}x{letter}"


_WORD_64, _WORD_32 = 8, 4
_RECORDS = {
    "x86_64": _Record(_WORD_64, 160),
    "x86": _Record(_WORD_32, 48),
    "arm": _Record(_WORD_32, 84),
    "arm64": _Record(_WORD_64, 432),
}


def interrupted_pointer(arch: str, stack: StackMemory, memory: Memory) -> int | None:
    """The stack pointer that a signal interrupted, if a handler's stack holds one of another stack.

    Of several records the first one counts whose stack is in the memory; else the first.
    """
    record = _RECORDS.get(arch)
    if record is None:
        return None
    data = stack.data[: min(MAX_SEARCHED, len(stack.data)) & -record.word]
    words = struct.unpack(f"<{len(data) // record.word}{'Q' if record.word == _WORD_64 else 'I'}", data)
    places = ((stack.address + (index - 2) * record.word, start) for index, start in enumerate(words) if index > 1)
    candidates = (at for at, start in places if start and start <= stack.address <= at < start + _MAX_STACK)
    found = (_pointer(record, at, stack) for at in islice(candidates, _MAX_CANDIDATES))
    pointers = [pointer for pointer in found if pointer is not None]
    return next((pointer for pointer in pointers if memory.stack_from(pointer) is not None), next(iter(pointers), None))


def _pointer(record: _Record, at: int, stack: StackMemory) -> int | None:
    """The stack pointer in the record at an address of the stack, if there is one."""
    size, offset = struct.calcsize(record.form), at - stack.address
    context = stack.data[offset : offset + size]
    if len(context) < size:
        return None
    link, start, flags, length, pointer = struct.unpack(record.form, context)
    is_inside = link == 0 and 0 <= flags <= _MAX_FLAGS and at < start + length <= start + _MAX_STACK
    if not is_inside or not pointer or start <= pointer < start + length:
        return None
    return int(pointer)
