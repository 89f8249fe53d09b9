"""A unit of DWARF, read when an address first needs it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from elftools.dwarf.compileunit import CompileUnit

from native.backends.dwarf_entries import Entries, Function, InlinedCall, read_entries, text
from native.backends.dwarf_lines import LineTable, read_lines
from native.backends.dwarf_ranges import Range, RangeReader
from native.backends.dwarf_sections import MAX_UNIT, allow_unit
from native.backends.guard import attempt

MAX_OVERLAP = 16
"""How many functions are tried that begin before an address: they hardly ever overlap."""

_LANGUAGES = {
    **dict.fromkeys((0x01, 0x02, 0x0C, 0x1D, 0x2D), "c"),
    **dict.fromkeys((0x04, 0x19, 0x1A, 0x21, 0x2B, 0x2C), "cpp"),
    0x1C: "rust",
}
"""``DW_LANG`` codes; source: DWARF 5, section 7.12, and the list of codes given out since."""


class _Span(NamedTuple):
    begin: int
    end: int
    function: Function


class Unit:
    """A compilation unit. What cannot be read of it is as if it were not there; ``defects`` says so."""

    def __init__(self, unit: CompileUnit, code: tuple[Range, ...]) -> None:
        self._unit = unit
        self._code = code
        self.defects: list[str] = []

    @cached_property
    def language(self) -> str | None:
        """``c``, ``cpp`` or ``rust``."""
        return attempt(self._read_language, None)

    @cached_property
    def ranges(self) -> tuple[Range, ...]:
        """Where the unit's code lies, as its first entry says."""
        return attempt(self._read_ranges, ())

    @cached_property
    def entries(self) -> Entries:
        """Functions and names of the unit."""
        entries = Entries()
        self._attempt("functions", lambda: self._read_entries(entries))
        return entries

    @cached_property
    def lines(self) -> LineTable:
        """Lines of the unit."""
        tables: list[LineTable] = []
        self._attempt("lines", lambda: tables.append(self._read_lines()))
        return tables[0] if tables else LineTable()

    def function_at(self, address: int) -> Function | None:
        """The innermost function with code at a virtual address."""
        index = bisect_right(self._spans, address, key=lambda span: span.begin)
        for span in reversed(self._spans[max(0, index - MAX_OVERLAP) : index]):
            if address < span.end:
                return span.function
        return None

    def has_function(self, begin: int, end: int) -> bool:
        """Whether a function has code among the virtual addresses from ``begin`` up to, without, ``end``."""
        index = bisect_left(self._spans, end, key=lambda span: span.begin)
        return any(span.end > begin for span in self._spans[max(0, index - MAX_OVERLAP) : index])

    @cached_property
    def _spans(self) -> list[_Span]:
        functions = self.entries.functions
        return sorted(
            (_Span(*code, function) for function in functions for code in function.ranges),
            key=lambda span: (span.begin, -span.end, span.function.offset),
        )

    def _read_language(self) -> str | None:
        language = self._unit.get_top_DIE().attributes.get("DW_AT_language")
        return _LANGUAGES.get(language.value) if language else None

    def _read_ranges(self) -> tuple[Range, ...]:
        return RangeReader(self._unit, self._code).of(self._unit.get_top_DIE())

    def _read_entries(self, entries: Entries) -> None:
        if self._unit.size > MAX_UNIT:
            raise ValueError("unit too large")
        allow_unit(self._unit.dwarfinfo, self._unit.size)
        read_entries(self._unit, RangeReader(self._unit, self._code), entries)

    def _read_lines(self) -> LineTable:
        allow_unit(self._unit.dwarfinfo, self._unit.size)
        directory = text(self._unit.get_top_DIE(), "DW_AT_comp_dir") or ""
        return read_lines(self._unit, self._code, directory)

    def _attempt(self, what: str, read: Callable[[], None]) -> None:
        def succeeded() -> bool:
            read()
            return True

        if not attempt(succeeded, otherwise=False):
            self.defects.append(f"The {what} of the unit at {self._unit.cu_offset:#x} are incomplete.")


def calls_at(function: Function, address: int) -> list[InlinedCall]:
    """The inlined calls that led to an address, outermost first."""
    chain: list[InlinedCall] = []
    for call in function.calls:
        if call.depth <= len(chain):
            break  # the part of the tree that covers the address is done
        if call.depth == len(chain) + 1 and any(begin <= address < end for begin, end in call.ranges):
            chain.append(call)
    return chain
