"""Share of addresses for which a peer's whole inline chain equals llvm-symbolizer's: ``agreement FOLDER PEER``.

Compared are mangled function, file and line of every call. Of the outermost function, whose name some take from the
symbol table and some from the debug information, any name of the same function counts as equal, and the suffixes that
compilers add to the symbols of clones (``.part.0``, ``.cold``) are left away. Paths are normalized.
"""

import json
import posixpath
import re
import sys
from pathlib import Path
from typing import Any, TypeAlias

from tests.benchmarks.native.tools import LLVM

Chain: TypeAlias = list[tuple[str | None, str | None, int]]

CLONE = re.compile(r"\.(part|isra|constprop|cold|lto_priv)(\.\d+)?")


def share(folder: Path, peer: str) -> float:
    """Between 0.0 and 1.0."""
    rows = list(_rows(folder, peer))
    return sum(_same(*row) for row in rows) / len(rows)


def differences(folder: Path, peer: str, limit: int = 10) -> list[str]:
    """The first few chains that differ, llvm-symbolizer's first, for whoever looks into one."""
    addresses = json.loads((folder / "addresses.json").read_text())
    rows = zip(addresses, _rows(folder, peer), strict=True)
    found = [f"{at:#x}\n  {row[0]}\n  {row[1]}" for at, row in rows if not _same(*row)]
    return found[:limit]


def _rows(folder: Path, peer: str) -> "zip[tuple[Chain, Chain, list[str]]]":
    aliases = json.loads((folder / "aliases.json").read_text())
    return zip(_chains(folder, LLVM.name), _chains(folder, peer), aliases, strict=True)


def _chains(folder: Path, peer: str) -> list[Chain]:
    return [[_call(*call) for call in chain] for chain in json.loads((folder / f"{peer}.answers.json").read_text())]


def _call(function: Any, file: Any, line: Any) -> tuple[str | None, str | None, int]:
    name = CLONE.sub("", function) if function else None
    return name, posixpath.normpath(file) if file else None, line


def _same(expected: Chain, found: Chain, aliases: list[str]) -> bool:
    if not expected or len(expected) != len(found):
        return expected == found
    if expected[:-1] != found[:-1] or expected[-1][1:] != found[-1][1:]:
        return False
    one, other = expected[-1][0], found[-1][0]
    names = {CLONE.sub("", name) for name in aliases}
    return one == other or {one, other} <= names


if __name__ == "__main__":
    where, name = Path(sys.argv[1]), sys.argv[2]
    sys.stdout.write("\n".join([*differences(where, name), json.dumps({"share": share(where, name)})]) + "\n")
