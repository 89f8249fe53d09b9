"""The table of source positions of a code object, as of Python 3.11.

>>> position(bytes([0x80, 0x04]), first_line=7, unit=0)
Position(line1=7, column1=1)

Each entry covers one to eight code units (two bytes each). Its first byte has the top bit set, then four bits of its
form and three bits of the number of units less one. What follows depends on the form:

=====  ====================================================================================
0-9    one byte: column = form * 8 + its bits 4 to 6; the line is that of the entry before
10-12  two bytes: start and end column; the line goes on by form - 10
13     the line goes on by a signed variable-length number; no columns
14     likewise, then three unsigned ones: lines to the end, start and end column plus one
15     no position
=====  ====================================================================================

Source: CPython's Objects/locations.md of 3.11, InternalDocs/code_objects.md of 3.14.
"""

from typing import NamedTuple

_ENTRY = 0x80
_ONE_LINE, _NO_COLUMNS, _LONG, _NONE = 10, 13, 14, 15
_MORE, _CHUNK = 0x40, 6
_MAX_SHIFT = 60


class Position(NamedTuple):
    """Line and column of an instruction, both 1-based, the column in bytes."""

    line1: int
    column1: int | None


class _Numbers:
    """Reads the numbers behind an entry's first byte; zeros behind the table's end."""

    def __init__(self, table: bytes, at: int) -> None:
        self.table = table
        self.at = at

    def byte(self) -> int:
        value = self.table[self.at] if self.at < len(self.table) else 0
        self.at += 1
        return value

    def unsigned(self) -> int:
        """Six bits a byte, the lowest first; bit 6 says that more follow."""
        value = shift = 0
        while shift <= _MAX_SHIFT:
            byte = self.byte()
            value |= (byte & (_MORE - 1)) << shift
            if not byte & _MORE:
                break
            shift += _CHUNK
        return value

    def signed(self) -> int:
        """The lowest bit is the sign."""
        value = self.unsigned()
        return -(value >> 1) if value & 1 else value >> 1


def position(table: bytes, first_line: int, unit: int) -> Position | None:
    """Where in the source the code unit number ``unit`` (0-based) comes from; None if the table does not say."""
    line, covered, at = first_line, 0, 0
    while at < len(table):
        head = table[at]
        form, numbers = head >> 3 & 15, _Numbers(table, at + 1)
        advance, column = _entry(form, numbers)
        line += advance
        covered += (head & 7) + 1
        if unit < covered:
            return Position(line, column) if form != _NONE and line > 0 else None
        at = _next_entry(table, numbers.at)
    return None


def _entry(form: int, numbers: _Numbers) -> tuple[int, int | None]:
    """How far the line goes on, and the column (1-based)."""
    if form == _NONE:
        return 0, None
    if form == _LONG:
        advance, _, column = numbers.signed(), numbers.unsigned(), numbers.unsigned()
        return advance, column or None
    if form == _NO_COLUMNS:
        return numbers.signed(), None
    if form >= _ONE_LINE:
        return form - _ONE_LINE, numbers.byte() + 1
    return 0, form * 8 + (numbers.byte() >> 4) + 1


def _next_entry(table: bytes, at: int) -> int:
    """Entries are told by their top bit: what an entry has beside what was read is skipped."""
    while at < len(table) and not table[at] & _ENTRY:
        at += 1
    return at
