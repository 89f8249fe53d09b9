"""Our compiled core, batched as it is meant to be: arrays in, arrays out."""

from array import array
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from symbolicator import _core
from tests.benchmarks.sourcemaps.worker import CONTEXT, Answer, Position

NONE = 0xFFFFFFFF
INDEX = "ours.index"


class Index:
    """An index in memory and the bytes it was opened from."""

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        self.opened = _core.SourceIndex.from_bytes(data)


def version() -> str:
    return _core.__version__


def ready(source_map: bytes, _bundle: bytes) -> Index:
    return Index(_core.build_source_index(source_map)[0])


def index_size(index: Index) -> int | None:
    return index.size


def lookups(index: Index, positions: Sequence[Position]) -> memoryview:
    """The cost of making the array counts, as it would in use."""
    flat = array("I", chain.from_iterable(positions))
    return memoryview(index.opened.lookup(flat)).cast("I")


def answers(index: Index, looked_up: memoryview) -> list[Answer]:
    found = [looked_up[start : start + 3].tolist() for start in range(0, len(looked_up), 4)]
    return [None if at[0] == NONE else (index.opened.source_name(at[0]), at[1], at[2]) for at in found]


def prepare(folder: Path) -> None:
    index, _defects = _core.build_source_index((folder / "bundle.js.map").read_bytes())
    (folder / INDEX).write_bytes(index)


def trace(folder: Path, positions: Sequence[Position]) -> list[tuple[str | None, str | None, list[str] | None]]:
    opened = _core.SourceIndex.open(str(folder / INDEX))
    flat = array("I", chain.from_iterable(positions))
    found = memoryview(opened.lookup(flat)).cast("I")
    return [_frame(opened, *found[start : start + 4].tolist()) for start in range(0, len(found), 4)]


def _frame(
    opened: _core.SourceIndex, source: int, line0: int, _column0: int, name: int
) -> tuple[str | None, str | None, list[str] | None]:
    if source == NONE:
        return None, None, None
    first = max(0, line0 - CONTEXT)
    lines = opened.source_lines(source, first, line0 + CONTEXT + 1 - first)
    return opened.source_name(source), None if name == NONE else opened.name(name), lines
