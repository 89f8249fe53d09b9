"""The lines of sampled units as pyelftools reads them, beside ours: ``rows FOLDER PEER FILE``.

A row counts where an instruction starts at its address and the next row is at another one. Nothing is relocated: a
kernel is linked already, and its ``.rela.debug_*`` would be added a second time. A sequence of a discarded function,
which starts where no code is, is left out. GNU ld sometimes points it at the copy that was kept: so two units speak of
one address, and a row of ours that differs counts apart if another unit has it.
"""

import json
import random
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from elftools.dwarf.ranges import RangeEntry
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
    with Lines(file) as lines:
        pairs = [pair for rows in lines.sampled() for pair in zip(rows, answers(opened, rows), strict=True)]
        differing = [(row, found) for row, found in pairs if row != found]
        unexplained = [(row, found) for row, found in differing if not lines.has(found)]
    counts = {
        "rows": len(pairs),
        "equal": len(pairs) - len(differing),
        "of another unit with a copy of the function": len(differing) - len(unexplained),
        "unexplained": len(unexplained),
    }
    shown = [f"{row[0]:#x} {row[1:]} {found[1:]}" for row, found in unexplained[:10]]
    sys.stdout.write("\n".join([*shown, json.dumps(counts)]) + "\n")


def answers(opened: _core.SymCache, rows: Sequence[Row]) -> Iterator[Row]:
    """What an index says at the address of each row, of the innermost call."""
    relative = array("Q", [address - opened.load_address for address, *_ in rows])
    for (address, *_), chain in zip(rows, opened.chains(relative), strict=True):
        innermost = chain[0] if chain else None
        path = innermost.file if innermost and innermost.file else ""
        line, column = (innermost.line or 0, innermost.column or 0) if innermost else (0, 0)
        yield address, path.rpartition("/")[2], line, column


class Lines:
    """The line programs of a file, through pyelftools, which has no types."""

    def __init__(self, file: Path) -> None:
        self._stream = file.open("rb")
        elf = ELFFile(self._stream)
        self._code = [
            range(s["sh_addr"], s["sh_addr"] + s["sh_size"]) for s in elf.iter_sections() if s["sh_flags"] & 4
        ]
        self._dwarf: Any = elf.get_dwarf_info(relocate_dwarf_sections=False)
        self._units: list[Any] = list(self._dwarf.iter_CUs())
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def sampled(self) -> Iterator[list[Row]]:
        """Some rows of some units, drawn with a fixed seed."""
        draw = random.Random(SEED)
        for unit in draw.sample(self._units, min(UNITS, len(self._units))):
            if time.monotonic() - self._started > BUDGET_S:
                return
            rows = sorted(row for row in self._rows(unit) if any(row[0] in section for section in self._code))
            yield draw.sample(rows, min(ROWS, len(rows)))

    def has(self, row: Row) -> bool:
        """Whether any unit has this row, as far as the time reaches."""
        around = (unit for unit in self._units if self._covers(unit, row[0]))
        return any(row in self._rows(unit) for unit in around if time.monotonic() - self._started < 3 * BUDGET_S)

    @cache  # noqa: B019 - it lives as long as the process
    def _rows(self, unit: Any) -> set[Row]:
        program = self._dwarf.line_program_for_CU(unit)
        return set() if program is None else _rows(program)

    def _covers(self, unit: Any, address: int) -> bool:
        return any(start <= address < end for start, end in self._ranges(unit))

    @cache  # noqa: B019 - as above
    def _ranges(self, unit: Any) -> list[tuple[int, int]]:
        attributes = unit.get_top_DIE().attributes
        base = attributes["DW_AT_low_pc"].value if "DW_AT_low_pc" in attributes else 0
        if "DW_AT_ranges" not in attributes:
            return [(base, base + attributes["DW_AT_high_pc"].value)] if "DW_AT_high_pc" in attributes else []
        entries = self._dwarf.range_lists().get_range_list_at_offset(attributes["DW_AT_ranges"].value, cu=unit)
        ranges = [entry for entry in entries if isinstance(entry, RangeEntry)]
        offsets = [(0 if entry.is_absolute else base, entry) for entry in ranges]
        return [(offset + entry.begin_offset, offset + entry.end_offset) for offset, entry in offsets]


def _rows(program: Any) -> set[Row]:
    """The last row at each address of a line program."""
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
