"""Functions by address and by name, from the symbol tables alone."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from native.elf.layout import ElfFile
from native.elf.symbols import FunctionSymbol
from native.mangling import demangled
from native.names import normal_form
from native.protocol import NEAREST, Evidence

MAX_GAP = 1 << 20
"""How far a function without a size reaches where no other one follows, in bytes."""
MAX_NEAR = 64 << 10
"""Bytes behind what is known to be a function's own where it is still the nearest one: few functions are longer."""

MAX_AROUND = 64
"""How many functions before an address are looked at for one that reaches so far."""


class Covering(NamedTuple):
    """A function with the virtual addresses of its code, and how it is known to be the right one."""

    name: str
    entry: int
    end: int
    evidence: Evidence


class SymbolTable:
    """All functions of a file, the best of several names at an address."""

    def __init__(self, elf: ElfFile, symbols: list[FunctionSymbol]) -> None:
        self._all = symbols
        self._ends = {index: part.address + part.size for index, part in enumerate(elf.sections)}

    def function_at(self, address: int) -> Covering | None:
        """The function that covers a virtual address."""
        index = self._index_before(address)
        for at in range(index, max(index - MAX_AROUND, -1), -1):
            symbol = self._sorted[at]
            if address < self._ends_at[at]:
                evidence: Evidence = "export" if symbol.is_export else "symbol table"
                return Covering(symbol.name, symbol.address, self._ends_at[at], evidence)
            if address >= self._reach[at][0]:
                return None
        return None

    def nearest(self, address: int) -> Covering | None:
        """The function before a virtual address that none covers, in its section and not far away."""
        index = self._index_before(address)
        if index < 0:
            return None
        end, at = self._reach[index]
        symbol = self._sorted[at]
        is_near = end <= address < min(end + MAX_NEAR, self._ends.get(symbol.section, 0))
        return Covering(symbol.name, symbol.address, end, NEAREST) if is_near else None

    def _index_before(self, address: int) -> int:
        return bisect_right(self._sorted, address, key=lambda symbol: symbol.address) - 1

    def address_of(self, name: str) -> int | None:
        """Virtual address of a function by its name, mangled, demangled or in normal form; None if ambiguous."""
        addresses = self._by_name.get(name) or self._by_shown_name.get(normal_form(name)) or set()
        return next(iter(addresses)) if len(addresses) == 1 else None

    @cached_property
    def _sorted(self) -> list[FunctionSymbol]:
        """One symbol an address: known size first, then binding, then the shortest name, then the alphabet."""
        best: dict[int, FunctionSymbol] = {}
        for symbol in self._all:
            other = best.get(symbol.address)
            if other is None or _preference(symbol) < _preference(other):
                best[symbol.address] = symbol
        return list(_outside_of_others([best[address] for address in sorted(best)]))

    @cached_property
    def _ends_at(self) -> list[int]:
        return [self._end(index) for index in range(len(self._sorted))]

    @cached_property
    def _reach(self) -> list[tuple[int, int]]:
        """For each symbol where all up to it have ended, and the index of the one that ends last."""
        ends = ((end, index) for index, end in enumerate(self._ends_at))
        return list(accumulate(ends, max))

    def _end(self, index: int) -> int:
        symbol = self._sorted[index]
        if symbol.size or symbol.is_export:
            return symbol.address + (symbol.size or 1)
        following = self._sorted[index + 1].address if index + 1 < len(self._sorted) else None
        section_end = self._ends.get(symbol.section, symbol.address + MAX_GAP)
        return min(section_end, following if following is not None else section_end)

    @cached_property
    def _by_name(self) -> dict[str, set[int]]:
        table: dict[str, set[int]] = {}
        for symbol in self._all:
            table.setdefault(symbol.name, set()).add(symbol.address)
        return table

    @cached_property
    def _by_shown_name(self) -> dict[str, set[int]]:
        table: dict[str, set[int]] = {}
        for symbol in self._all:
            if shown := demangled(symbol.name):
                table.setdefault(normal_form(shown), set()).add(symbol.address)
        return table


def _preference(symbol: FunctionSymbol) -> tuple[bool, bool, int, int, str, bool]:
    return not symbol.size, symbol.is_label, symbol.rank, len(symbol.name), symbol.name, symbol.is_export


def _outside_of_others(symbols: list[FunctionSymbol]) -> Iterator[FunctionSymbol]:
    """Without the labels in functions, which have no code of their own."""
    end = 0
    for symbol in symbols:
        is_sure = bool(symbol.size) and not symbol.is_label
        if is_sure:
            end = max(end, symbol.address + symbol.size)
        if is_sure or symbol.address >= end:
            yield symbol
