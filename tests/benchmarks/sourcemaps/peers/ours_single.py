"""Our compiled core asked one position at a time, each answer with its strings: the way peers work."""

from array import array
from collections.abc import Sequence

from tests.benchmarks.sourcemaps.peers.ours import NONE, Index, index_size, prepare, ready, trace, version
from tests.benchmarks.sourcemaps.worker import Answer, Position

__all__ = ["answers", "index_size", "lookups", "prepare", "ready", "trace", "version"]


def lookups(index: Index, positions: Sequence[Position]) -> list[tuple[str | None, int, int, str | None] | None]:
    return [_lookup(index, position) for position in positions]


def _lookup(index: Index, position: Position) -> tuple[str | None, int, int, str | None] | None:
    opened = index.opened
    source, line0, column0, name = memoryview(opened.lookup(array("I", position))).cast("I")
    if source == NONE:
        return None
    return opened.source_name(source), line0, column0, None if name == NONE else opened.name(name)


def answers(_index: Index, looked_up: list[tuple[str | None, int, int, str | None] | None]) -> list[Answer]:
    return [at and at[:3] for at in looked_up]
