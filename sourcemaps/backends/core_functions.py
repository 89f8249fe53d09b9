"""Functions of generated files through the compiled core.

::

    [function] = CoreFunctions(blob, cache).at([(0, 4711)])

A file is scanned once: its function index stays in the cache, and one that turns out to be damaged is built again.
"""

from array import array
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from sourcemaps.protocol import GeneratedFunction, NamePiece
from symbolicator import _core
from symbolicator.cached_index import CachedIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

FUNCTION_INDEX_FORMAT: Final = f"function-index-v{_core.FUNCTION_INDEX_VERSION}"

_NONE = 0xFFFF_FFFF


class CoreFunctions:
    """`GeneratedFunctions` in the index cache."""

    def __init__(self, blob: Blob, cache: IndexCache) -> None:
        def build(data: Buffer) -> bytes:
            try:
                return _core.build_function_index(data)
            except _core.ScriptError as error:
                raise MalformedArtifact(f"{blob.name} cannot be read: {error}. Split it into smaller files.") from error

        self._index = CachedIndex(
            blob, cache, FUNCTION_INDEX_FORMAT, build=build, open_index=_open, damaged=_core.IndexFileError
        )

    def at(self, positions: Sequence[tuple[int, int]]) -> list[GeneratedFunction | None]:
        """The innermost function around each (line0, column0); numbers beyond 32 bits are past the end."""
        places = array("I", chain.from_iterable(_clamped(position) for position in positions))
        return self._index.ask(lambda index: _functions(index, index.lookup(places)))


def _open(path: Path) -> _core.FunctionIndex:
    return _core.FunctionIndex.open(str(path))


def _clamped(position: tuple[int, int]) -> tuple[int, int]:
    line0, column0 = position
    return (line0, min(column0, _NONE)) if line0 < _NONE else (_NONE, _NONE)


def _functions(index: _core.FunctionIndex, answers: bytes) -> list[GeneratedFunction | None]:
    ids = memoryview(answers).cast("I").tolist()
    known = {found: _function(index, found) for found in set(ids) if found != _NONE}
    return [known.get(found) for found in ids]


def _function(index: _core.FunctionIndex, found: int) -> GeneratedFunction:
    kind, pieces = index.function(found)
    return GeneratedFunction(kind, tuple(NamePiece(*piece) for piece in pieces))
