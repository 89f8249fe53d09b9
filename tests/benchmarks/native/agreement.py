"""Share of addresses for which a peer's whole inline chain equals llvm-symbolizer's: ``agreement FOLDER PEER``.

Prints first what differs; `differences` says what else is not equal to the letter, and why.

Compared are mangled function, file and line of every call. The outermost function's name comes from the symbol table
with some and from the debug information with others: any name of the same function counts as equal there. What is put
behind symbols (``.part.0``, ``.cold``, ``@GLIBC_2.14``) and the kind of a constructor are left away. Of files the last
component is compared, and in a second figure the whole path, normalized: where the compilation directory is relative,
peers join it differently. A file without a line is not compared. Columns are compared in a third figure.
"""

import json
import posixpath
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.benchmarks.native.tools import LLVM

Chain: TypeAlias = list[tuple[str | None, str | None, int, int]]

SUFFIX = re.compile(r"(\.(part|isra|constprop|cold|lto_priv)(\.\d+)?)+$|@.*")
STRUCTOR = re.compile(r"([CD])[0-5](?=[EI])")


@dataclass(frozen=True, slots=True)
class Pair:
    """What llvm-symbolizer and the peer say of one address, the symbols there, and the function's plain DWARF name."""

    address: int
    expected: Chain
    found: Chain
    symbols: frozenset[str]
    short: str

    def same(self, *, whole_path: bool = False) -> bool:
        """Whether the chains are equal, as this module's docstring says."""
        expected, found = _shown(self.expected, whole_path=whole_path), _shown(self.found, whole_path=whole_path)
        if not expected or len(expected) != len(found):
            return expected == found
        inner_same = expected[:-1] == found[:-1] and expected[-1][1:] == found[-1][1:]
        return inner_same and self._same_function(expected[-1][0], found[-1][0])

    def same_columns(self) -> bool:
        """Whether the chains are equal, columns too."""
        columns = [[call[3] for call in chain] for chain in (self.expected, self.found)]
        return self.same() and columns[0] == columns[1]

    def _same_function(self, expected: str | None, found: str | None) -> bool:
        """Whether two names stand for the outermost function. A mangled name holds the plain one, after its length."""
        if expected == found or found is None or found in self.symbols:
            return expected == found or found is not None
        return bool(self.short) and (found == self.short or f"{len(self.short)}{self.short}" in found)


def _shown(chain: Chain, *, whole_path: bool) -> list[tuple[str | None, str | None, int]]:
    return [
        (_unclothed(name), _path(file, whole_path=whole_path) if line else None, line)
        for name, file, line, _column in chain
    ]


def _path(file: str | None, *, whole_path: bool) -> str | None:
    if not file:
        return None
    return posixpath.normpath(file) if whole_path else posixpath.basename(file)


def _unclothed(name: str | None) -> str | None:
    return STRUCTOR.sub(r"\g<1>4", SUFFIX.sub("", name)) if name else None


def pairs(folder: Path, peer: str) -> list[Pair]:
    """Everything that both were asked."""
    names = ("addresses.json", f"{LLVM.name}.answers.json", f"{peer}.answers.json", "aliases.json", "short.json")
    rows = zip(*(json.loads((folder / name).read_text()) for name in names), strict=True)
    return [
        Pair(address, expected, found, frozenset(filter(None, map(_unclothed, symbols))), short.partition("<")[0])
        for address, expected, found, symbols, short in rows
    ]


def shares(found: Sequence[Pair]) -> dict[str, float]:
    """Between 0.0 and 1.0: by last component, by whole path, and with columns if the peer gives any."""
    equal = {
        "share": sum(pair.same() for pair in found),
        "path_share": sum(pair.same(whole_path=True) for pair in found),
    }
    if any(call[3] for pair in found for call in pair.found):
        equal["column_share"] = sum(pair.same_columns() for pair in found)
    return {name: count / len(found) for name, count in equal.items()}


def shown_differences(found: Sequence[Pair], limit: int = 10) -> list[str]:
    """The first few chains that differ, llvm-symbolizer's first, for whoever looks into one."""
    differing = [pair for pair in found if not pair.same()]
    return [f"{pair.address:#x}\n  {pair.expected}\n  {pair.found}" for pair in differing[:limit]]


if __name__ == "__main__":
    everything = pairs(Path(sys.argv[1]), sys.argv[2])
    sys.stdout.write("\n".join([*shown_differences(everything), json.dumps(shares(everything))]) + "\n")
