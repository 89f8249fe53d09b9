"""Address ranges of debugging entries: ``DW_AT_ranges`` of DWARF 2-5, or low and high pc.

Source: DWARF 5, sections 2.17 and 7.28; DWARF 4, section 7.24.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.die import DIE
from elftools.dwarf.ranges import BaseAddressEntry, RangeEntry

from native.elf import layout
from native.elf.layout import ElfFile

MAX_RANGES = 1 << 16
"""Ranges of one entry."""


class Range(NamedTuple):
    """Virtual addresses from ``begin`` up to, without, ``end``."""

    begin: int
    end: int


def code_of(elf: ElfFile) -> tuple[Range, ...]:
    """Where the file has code. Linkers leave the entries of dropped functions at 0 or -1: outside of it."""
    return tuple(
        Range(part.address, part.address + part.memory_size)
        for part in elf.segments
        if part.type == layout.SEGMENT_LOAD and part.flags & layout.SEGMENT_EXECUTABLE
    )


class RangeReader:
    """Reads the ranges of a unit's entries."""

    def __init__(self, unit: CompileUnit, code: tuple[Range, ...]) -> None:
        self._unit = unit
        self._code = code
        self._lists = unit.dwarfinfo.range_lists()
        self._base: int = _low_pc(unit.get_top_DIE()) or 0

    def of(self, die: DIE) -> tuple[Range, ...]:
        """Where the entry's code lies, in the order in which it says so."""
        ranges = (Range(*pair) for pair in self._pairs(die))
        kept = (span for span in ranges if span.begin < span.end and in_code(span, self._code))
        return tuple(span for span, _ in zip(kept, range(MAX_RANGES), strict=False))

    def _pairs(self, die: DIE) -> Iterable[tuple[int, int]]:
        listed = die.attributes.get("DW_AT_ranges")
        if listed is not None and self._lists is not None:
            return self._listed(self._lists.get_range_list_at_offset(listed.value, self._unit))
        low, high = _low_pc(die), die.attributes.get("DW_AT_high_pc")
        if low is None or high is None:
            return ()
        absolute = high.form == "DW_FORM_addr" or high.form.startswith("DW_FORM_addrx")
        return ((low, high.value if absolute else low + high.value),)

    def _listed(self, entries: list[RangeEntry | BaseAddressEntry]) -> Iterator[tuple[int, int]]:
        base = self._base
        for entry in entries:
            if isinstance(entry, BaseAddressEntry):
                base = entry.base_address
            elif entry.is_absolute:
                yield entry.begin_offset, entry.end_offset
            else:
                yield base + entry.begin_offset, base + entry.end_offset


def in_code(span: Range, code: tuple[Range, ...]) -> bool:
    """Whether it begins inside one of the pieces of code."""
    return any(piece.begin <= span.begin < piece.end for piece in code)


def _low_pc(die: DIE) -> int | None:
    low = die.attributes.get("DW_AT_low_pc")
    return None if low is None else low.value
