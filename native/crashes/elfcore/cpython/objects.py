"""Python's strings, bytes and code objects, read out of the memory of a process.

Source: CPython's Include/cpython/unicodeobject.h (compact strings), bytesobject.h and code.h.
"""

from typing import Final

from msgspec import Struct

from native.crashes.elfcore.cpython.layouts import Layout
from native.crashes.elfcore.memory import Memory

MAX_TEXT: Final = 1024
"""Characters of a name or a path that are read."""
MAX_BYTES: Final = 1 << 20
"""Of a table of lines."""
_WORD = 8
_ENCODINGS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
"""By kind, which is the bytes of a character."""
_KIND, _COMPACT, _ASCII = 7, 8, 16
"""Bits of a string's state from its kind on."""


class Code(Struct, frozen=True):
    """A code object. ``first`` is the address of its first instruction, ``first_line`` 1-based."""

    qualname: str
    filename: str
    first_line: int
    first: int
    lines: bytes


class Objects:
    """Reads objects of one interpreter."""

    def __init__(self, memory: Memory, layout: Layout) -> None:
        self._memory = memory
        self._layout = layout
        self._codes: dict[int, Code | None] = {}

    def word(self, address: int) -> int | None:
        """A word of eight bytes; None if it is not in the core."""
        return self._memory.number(address, _WORD)

    def byte(self, address: int) -> int | None:
        """A byte; None if it is not in the core."""
        return self._memory.number(address, 1)

    def code(self, address: int) -> Code | None:
        """The code object at an address; None if there is none."""
        if address not in self._codes:
            self._codes[address] = self._code(address)
        return self._codes[address]

    def text(self, address: int) -> str | None:
        """The string at an address, at most `MAX_TEXT` characters of it; None if there is none."""
        at = self._layout
        length, state = self.word(address + at.length), self._memory.number(address + at.string_state, 4)
        if length is None or state is None or length >> 32:
            return None
        state >>= at.kind_shift
        encoding = _ENCODINGS.get(state & _KIND)
        if encoding is None or not state & _COMPACT:
            return None
        start = address + (at.ascii_size if state & _ASCII else at.compact_size)
        size = min(length, MAX_TEXT) * (state & _KIND)
        data = self._memory.read(start, size)
        return data.decode(encoding, "backslashreplace") if len(data) == size else None

    def _code(self, address: int) -> Code | None:
        at = self._layout
        filename, qualname = (self._text_at(address + offset) for offset in (at.code_filename, at.code_qualname))
        first_line = self._memory.number(address + at.code_firstlineno, 4)
        table = self.word(address + at.code_linetable)
        if filename is None or qualname is None or first_line is None:
            return None
        return Code(qualname, filename, first_line, address + at.code_adaptive, self._bytes(table) if table else b"")

    def _text_at(self, address: int) -> str | None:
        pointer = self.word(address)
        return self.text(pointer) if pointer else None

    def _bytes(self, address: int) -> bytes:
        size = self.word(address + self._layout.length) or 0
        return self._memory.read(address + self._layout.bytes_value, size) if size <= MAX_BYTES else b""
