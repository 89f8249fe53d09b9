"""Functions by address and by name, from the symbol tables alone."""

from bisect import bisect_right
from functools import cached_property
from typing import NamedTuple

from native.elf.layout import ElfFile
from native.elf.symbols import FunctionSymbol
from native.mangling import demangled
from native.names import normal_form

MAX_GAP = 1 << 20
"""How far a function without a size reaches where no other one follows, in bytes."""


class Covering(NamedTuple):
    """A function with the virtual address that its code begins at."""

    name: str
    entry: int


class SymbolTable:
    """All functions of a file, the best of several names at an address."""

    def __init__(self, elf: ElfFile, symbols: list[FunctionSymbol]) -> None:
        self._all = symbols
        self._ends = {index: part.address + part.size for index, part in enumerate(elf.sections)}

    def function_at(self, address: int) -> Covering | None:
        """The function that covers a virtual address."""
        index = bisect_right(self._sorted, address, key=lambda symbol: symbol.address) - 1
        if index < 0:
            return None
        symbol = self._sorted[index]
        return Covering(symbol.name, symbol.address) if address < self._end(index) else None

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
        return [best[address] for address in sorted(best)]

    def _end(self, index: int) -> int:
        symbol = self._sorted[index]
        if symbol.size:
            return symbol.address + symbol.size
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


def _preference(symbol: FunctionSymbol) -> tuple[bool, int, int, str]:
    return not symbol.size, symbol.rank, len(symbol.name), symbol.name
