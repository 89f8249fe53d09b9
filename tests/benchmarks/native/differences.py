"""What is not equal to llvm-symbolizer's answer to the letter, and why: ``differences FOLDER PEER``.

`agreement` looks past two ways to say the same. Here every letter counts, and each difference has to be of a class that
a test in tests/native/agreement shows with a small program; what is of none is printed, innermost call first.
"""

import json
import posixpath
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.native.agreement import STRUCTOR, Pair, pairs
from tests.benchmarks.native.worker import Call

PATH = "the path, where ours has no . and .. in it"
VERSION = "the version behind a symbol, which ours leaves away"
STRUCTOR_KIND = "the kind of a constructor or destructor of which one code serves both"
ALIAS = "another name of the same code, where ours is the one in the debug info"
FILE_ALONE = "a file without line, which is the symbol table's, for the name of an object file"
UNEXPLAINED = "unexplained"


def classes(pair: Pair, aliases: frozenset[str]) -> set[str]:
    """Every way in which the two chains differ; ``aliases``: all names of the code, as the symbol table has them."""
    if len(pair.expected) != len(pair.found):
        return {UNEXPLAINED}
    calls = zip(pair.expected, pair.found, strict=True)
    return {kind for expected, found in calls for kind in _of_call(expected, found, aliases)}


def _of_call(expected: Call, found: Call, aliases: frozenset[str]) -> Iterator[str]:
    if expected[0] != found[0]:
        yield _of_name(expected[0] or "", found[0] or "", aliases)
    if expected[1] != found[1]:
        yield _of_file(expected, found)
    if expected[2:] != found[2:]:
        yield UNEXPLAINED


def _of_name(expected: str, found: str, aliases: frozenset[str]) -> str:
    plain = expected.partition("@")[0]
    if plain == found:
        return VERSION
    if STRUCTOR.sub(r"\g<1>", plain) == STRUCTOR.sub(r"\g<1>", found):
        return STRUCTOR_KIND
    return ALIAS if {plain, found} <= aliases else UNEXPLAINED


def _of_file(expected: Call, found: Call) -> str:
    if not expected[2]:
        return FILE_ALONE if found[1] is None else UNEXPLAINED
    same = posixpath.normpath(expected[1] or "") == posixpath.normpath(found[1] or "")
    return PATH if same else UNEXPLAINED


def counted(folder: Path, peer: str) -> tuple[Counter[str], Sequence[Pair]]:
    """How many addresses each class touches, and those that a class does not explain."""
    aliases = [frozenset(names) for names in json.loads((folder / "aliases.json").read_text())]
    found = [(pair, classes(pair, names)) for pair, names in zip(pairs(folder, peer), aliases, strict=True)]
    counts = Counter(kind for _, kinds in found for kind in kinds)
    counts["none"] = sum(not kinds for _, kinds in found)
    return counts, [pair for pair, kinds in found if UNEXPLAINED in kinds]


def main(folder: Path, peer: str, limit: int = 10) -> None:
    counts, unexplained = counted(folder, peer)
    for pair in unexplained[:limit]:
        sys.stdout.write(f"{pair.address:#x}\n  {pair.expected}\n  {pair.found}\n")
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
