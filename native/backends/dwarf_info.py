"""All DWARF of a file: from an address to its unit, and from there to the chain of calls.

Units are found through ``.debug_aranges`` where it knows the address, else through the ranges of every unit, so that
the first answer for a big file costs one unit and not all of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from elftools.dwarf.aranges import ARanges
from elftools.dwarf.dwarfinfo import DWARFInfo

from native.backends.dwarf_entries import Function, InlinedCall
from native.backends.dwarf_lines import Row
from native.backends.dwarf_names import FunctionName, Names
from native.backends.dwarf_ranges import Range
from native.backends.dwarf_sections import allow_overview
from native.backends.dwarf_unit import MAX_OVERLAP, Unit, calls_at
from native.backends.guard import attempt

MAX_UNITS = 1 << 16
MAX_PIECES = 1 << 20
"""Address ranges of all units."""


class _Piece(NamedTuple):
    begin: int
    end: int
    unit: int


class Call(NamedTuple):
    """One call: what, and where in it. ``line`` and ``column`` are 1-based or None."""

    name: FunctionName | None
    file: str | None
    line: int | None
    column: int | None
    language: str | None


class Chain(NamedTuple):
    """The calls at an address, innermost first, and where the code of the outermost begins (virtual)."""

    calls: tuple[Call, ...]
    entry: int | None


class DebugInfo:
    """Answers addresses. Everything that cannot be read is left out, never raised."""

    def __init__(self, dwarf: DWARFInfo, code: tuple[Range, ...]) -> None:
        self._dwarf = dwarf
        self._code = code
        self._units: dict[int, Unit] = {}
        self._names = Names(self._unit_of)

    def chain_at(self, address: int) -> Chain | None:
        """The chain at a virtual address; None where no unit has code there."""
        for unit in self._candidates(address):
            function = unit.function_at(address)
            row = unit.lines.row_at(address)
            if function:
                return self._chain(unit, function, row, address)
            if row:
                return Chain((_call(unit, None, row.file, row.line, row.column),), None)
        return None

    def has_function(self, begin: int, end: int) -> bool:
        """Whether a function has code among the virtual addresses from ``begin`` up to, without, ``end``."""
        units = dict.fromkeys(piece.unit for piece in _before(self._pieces, end) if piece.end > begin)
        return any(unit.has_function(begin, end) for unit in map(self._unit, units) if unit)

    @property
    def defects(self) -> list[str]:
        """What was wrong with the units that were looked at, a sentence each."""
        return [defect for unit in self._units.values() for defect in unit.defects]

    def _chain(self, unit: Unit, function: Function, row: Row | None, address: int) -> Chain:
        """Each call's position is where the next inner one was called; the innermost one's is the line table's."""
        calls = calls_at(function, address)
        callees = [function.offset, *(call.callee for call in calls)]
        places = [*map(_call_site, calls), (row.file, row.line, row.column) if row else (-1, 0, 0)]
        chain = [_call(unit, self._names.of(callee), *place) for callee, place in zip(callees, places, strict=True)]
        return Chain(tuple(reversed(chain)), function.ranges[0].begin)

    def _candidates(self, address: int) -> Iterator[Unit]:
        """Units that may have code at an address, each once."""
        listed = list(_covering(self._aranges, address))
        yield from filter(None, map(self._unit, listed))
        others = (offset for offset in _covering(self._pieces, address) if offset not in listed)
        yield from filter(None, map(self._unit, others))

    @cached_property
    def _aranges(self) -> list[_Piece]:
        allow_overview(self._dwarf)
        table = attempt(self._read_aranges, None)
        entries = islice(table.entries, MAX_PIECES) if table else ()
        return sorted(_Piece(entry.begin_addr, entry.begin_addr + entry.length, entry.info_offset) for entry in entries)

    def _read_aranges(self) -> ARanges | None:
        table: ARanges | None = self._dwarf.get_aranges()
        return table

    @cached_property
    def _pieces(self) -> list[_Piece]:
        allow_overview(self._dwarf)
        pieces: list[_Piece] = []
        for offset in self._offsets:
            unit = self._unit(offset)
            pieces.extend(_Piece(begin, end, offset) for begin, end in (unit.ranges if unit else ()))
            if len(pieces) > MAX_PIECES:
                break
        return sorted(pieces)

    @cached_property
    def _offsets(self) -> list[int]:
        """Where units begin in ``.debug_info``; after a damaged header there are no more."""
        allow_overview(self._dwarf)
        offsets: list[int] = []
        units = islice(self._dwarf.iter_CUs(), MAX_UNITS)
        attempt(lambda: offsets.extend(unit.cu_offset for unit in units), None)
        return offsets

    def _unit(self, offset: int) -> Unit | None:
        if offset not in self._units:
            header = attempt(lambda: self._dwarf.get_CU_at(offset), None)
            if header is None:
                return None
            self._units[offset] = Unit(header, self._code)
        return self._units[offset]

    def _unit_of(self, entry: int) -> Unit | None:
        """The unit that holds the entry at an offset."""
        index = bisect_right(self._offsets, entry) - 1
        return self._unit(self._offsets[index]) if index >= 0 else None


def _covering(pieces: list[_Piece], address: int) -> Iterator[int]:
    return (piece.unit for piece in reversed(_before(pieces, address + 1)) if address < piece.end)


def _before(pieces: list[_Piece], address: int) -> list[_Piece]:
    """The last pieces that begin before an address."""
    index = bisect_left(pieces, address, key=lambda piece: piece.begin)
    return pieces[max(0, index - MAX_OVERLAP) : index]


def _call_site(call: InlinedCall) -> tuple[int, int, int]:
    return call.call_file, call.call_line, call.call_column


def _call(unit: Unit, name: FunctionName | None, file: int, line: int, column: int) -> Call:
    language = name.language if name else unit.language
    return Call(name, unit.lines.file(file), line or None, column or None, language)
