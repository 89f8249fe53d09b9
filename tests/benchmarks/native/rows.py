"""The lines of sampled units as pyelftools reads them, beside ours: ``rows FOLDER PEER FILE``.

A row counts where an instruction starts at its address and the next row is at another one. Nothing is relocated: a
kernel is linked already, and its ``.rela.debug_*`` would be added a second time. A sequence of a discarded function,
which starts where no code is, is left out.
"""

import json
import random
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from elftools.elf.elffile import ELFFile

from symbolicator import _core

UNITS = 40
ROWS = 200
"""Of a unit."""
BUDGET_S = 60.0
"""No further unit starts after this."""
SEED = 20_260_427

Row = tuple[int, str, int, int]
"""Address, last component of the file, line and column (1-based, 0 unknown)."""


def main(folder: Path, name: str, file: Path) -> None:
    opened = _core.SymCache.open(str(folder / f"{name}.index"))
    counts: Counter[str] = Counter()
    shown: list[str] = []
    for unit in sampled_units(file):
        counts["units"] += 1
        for row, found in zip(unit, answers(opened, unit), strict=True):
            counts["rows"] += 1
            counts["equal rows"] += found == row
            shown += [f"{row[0]:#x} {row[1:]} {found[1:]}"] * (found != row and len(shown) < 10)
    sys.stdout.write("\n".join([*shown, json.dumps(counts)]) + "\n")


def answers(opened: _core.SymCache, rows: Sequence[Row]) -> Iterator[Row]:
    """What an index says at the address of each row, of the innermost call."""
    relative = array("Q", [address - opened.load_address for address, *_ in rows])
    for (address, *_), chain in zip(rows, opened.chains(relative), strict=True):
        innermost = chain[0] if chain else None
        path = innermost.file if innermost and innermost.file else ""
        line, column = (innermost.line or 0, innermost.column or 0) if innermost else (0, 0)
        yield address, path.rpartition("/")[2], line, column


def sampled_units(file: Path) -> Iterator[list[Row]]:
    """Some rows of some units, drawn with a fixed seed."""
    draw = random.Random(SEED)
    started = time.monotonic()
    with file.open("rb") as stream:
        elf = ELFFile(stream)
        code = [range(s["sh_addr"], s["sh_addr"] + s["sh_size"]) for s in elf.iter_sections() if s["sh_flags"] & 4]
        dwarf = elf.get_dwarf_info(relocate_dwarf_sections=False)
        units = list(dwarf.iter_CUs())
        for unit in draw.sample(units, min(UNITS, len(units))):
            program = dwarf.line_program_for_CU(unit)
            if program is None or time.monotonic() - started > BUDGET_S:
                continue
            rows = sorted(row for row in _rows(program) if any(row[0] in section for section in code))
            yield draw.sample(rows, min(ROWS, len(rows)))


def _rows(program: Any) -> set[Row]:
    """The last row at each address of a line program of pyelftools, which has no types."""
    states = [entry.state for entry in program.get_entries() if entry.state is not None]
    return {
        (state.address, _file(program, state.file), state.line, state.column)
        for state, following in pairwise(states)
        if not state.end_sequence and following.address != state.address
    }


def _file(program: Any, number: int) -> str:
    """Files count from 0 in DWARF 5 and from 1 before."""
    files = program.header["file_entry"]
    index = number if program.header["version"] >= 5 else number - 1
    name: bytes = files[index].name if 0 <= index < len(files) else b""
    return name.decode(errors="replace").rpartition("/")[2]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
