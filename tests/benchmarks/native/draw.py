"""The addresses that all peers are asked for: ``draw FILE FOLDER``.

They are virtual addresses, uniform over the bytes of the FUNC symbols with a fixed seed.
"""

import json
import mmap
import random
import re
import subprocess
import sys
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

from symbolicator import _core

ADDRESSES = 10_000
SEED = 20_260_427

SYMBOL = re.compile(r"^\s*\d+: ([0-9a-f]+)\s+(0x[0-9a-f]+|\d+) I?FUNC\s+\S+\s+\S+\s+\d+\s+(\S+)", re.MULTILINE)


def function_symbols(file: Path) -> dict[tuple[int, int], list[str]]:
    """The names at each address and size of a function in the symbol table, as GNU readelf prints it."""
    listing = subprocess.run(["readelf", "--syms", "--wide", str(file)], capture_output=True, text=True, check=True)
    names: dict[tuple[int, int], list[str]] = {}
    for at in SYMBOL.finditer(listing.stdout):
        names.setdefault((int(at[1], 16), int(at[2], 0)), []).append(at[3].partition("@")[0])
    return {span: found for span, found in names.items() if span[1]}


def _load_address(file: Path) -> int:
    """Virtual address where the image begins: a kernel has a segment at 0 as well, which it does not count."""
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        view = memoryview(data)
        try:
            return _core.summarize_debug_file(view).load_address
        finally:
            view.release()


def draw(file: Path, folder: Path) -> None:
    """Writes ``addresses.json``, ``base.json`` (where the image begins), ``aliases.json`` (all names of a function)."""
    names = function_symbols(file)
    spans = sorted(names)
    ends = list(accumulate(size for _, size in spans))
    chosen = random.Random(SEED)
    units = [chosen.randrange(ends[-1]) for _ in range(ADDRESSES)]
    owners = [bisect_right(ends, unit) for unit in units]
    addresses = [sum(spans[owner]) - (ends[owner] - unit) for owner, unit in zip(owners, units, strict=True)]
    (folder / "addresses.json").write_text(json.dumps(addresses))
    (folder / "base.json").write_text(json.dumps(_load_address(file)))
    (folder / "aliases.json").write_text(json.dumps([sorted(set(names[spans[owner]])) for owner in owners]))


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
