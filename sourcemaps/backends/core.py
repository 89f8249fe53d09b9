"""Source maps through the compiled core.

::

    index = BACKEND.load(blob, cache)
    [position] = index.original_positions([(0, 4711)])

A map is parsed once: its index stays in the cache, and one that turns out to be damaged is built again.
"""

from array import array
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, TypeVar

from sourcemaps.protocol import OriginalPosition, SourceIndex, SourceMapSummary
from symbolicator import _core
from symbolicator.cached_index import CachedIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

INDEX_FORMAT: Final = f"source-index-v{_core.SOURCE_INDEX_VERSION}"

_NONE = 0xFFFF_FFFF
_FIELDS = 4

_Answer = TypeVar("_Answer")


class CoreBackend:
    """Parses source maps with `symbolicator._core`."""

    name = "core"

    def __init__(self, *, texts: bool = True) -> None:
        """Without ``texts`` indexes are made in a third of the time and have no source lines."""
        self._texts = texts

    def summarize(self, data: Buffer) -> SourceMapSummary:
        """Reads the top level. Raises `MalformedArtifact` if ``data`` is no source map."""
        try:
            summary = _core.summarize_source_map(data)
        except _core.SourceMapError as error:
            raise _malformed("The file", error) from error
        return SourceMapSummary(
            file=summary.file,
            debug_id=summary.debug_id,
            sources=tuple(summary.sources),
            sources_with_content=summary.sources_with_content,
            names=summary.names,
            sections=summary.sections,
        )

    def load(self, blob: Blob, cache: IndexCache) -> SourceIndex:
        """Opens the map leniently, through the cached index where there is one. Raises `MalformedArtifact`."""
        return _CoreIndex(blob, cache, texts=self._texts)


class _CoreIndex:
    """A `SourceIndex` in the index cache."""

    def __init__(self, blob: Blob, cache: IndexCache, *, texts: bool) -> None:
        def build(data: Buffer) -> bytes:
            try:
                return _core.build_source_index(data, texts=texts)[0]
            except _core.SourceMapError as error:
                raise _malformed(blob.name, error) from error

        self._index = CachedIndex(
            blob,
            cache,
            INDEX_FORMAT if texts else f"{INDEX_FORMAT}-positions",
            build=build,
            open_index=_open,
            damaged=_core.IndexFileError,
        )
        self.debug_id = self._ask(lambda index: index.debug_id)

    @property
    def defects(self) -> Sequence[str]:
        return self._ask(lambda index: index.defects)

    def original_positions(self, positions: Sequence[tuple[int, int]]) -> list[OriginalPosition | None]:
        """Looks generated (line0, column0) pairs up; numbers beyond 32 bits have no segment."""
        places = array("I", chain.from_iterable(_clamped(position) for position in positions))
        return self._ask(lambda index: _positions(index, index.lookup(places)))

    def source_name(self, source: int) -> str | None:
        return self._ask(lambda index: index.source_name(source))

    def source_ignored(self, source: int) -> bool:
        return self._ask(lambda index: index.source_ignored(source))

    def source_text(self, source: int) -> str | None:
        return self._ask(lambda index: index.source_text(source))

    def source_lines(self, source: int, first_line0: int, count: int) -> list[str] | None:
        return self._ask(lambda index: index.source_lines(source, first_line0, count))

    def function_at(self, source: int, line0: int, column0: int) -> str | None:
        return self._ask(lambda index: index.function_at(source, line0, column0))

    def _ask(self, question: Callable[[_core.SourceIndex], _Answer]) -> _Answer:
        return self._index.ask(question)


def _open(path: Path) -> _core.SourceIndex:
    return _core.SourceIndex.open(str(path))


def _clamped(position: tuple[int, int]) -> tuple[int, int]:
    """Lines beyond what a map can hold become its last possible line, where no map has a segment."""
    line0, column0 = position
    return (line0, min(column0, _NONE)) if line0 < _NONE else (_NONE, 0)


def _positions(index: _core.SourceIndex, answers: bytes) -> list[OriginalPosition | None]:
    words = memoryview(answers).cast("I")
    return [_position(index, words[start : start + _FIELDS].tolist()) for start in range(0, len(words), _FIELDS)]


def _position(index: _core.SourceIndex, fields: list[int]) -> OriginalPosition | None:
    source, line0, column0, name = fields
    if source == _NONE:
        return None
    return OriginalPosition(source, line0, column0, None if name == _NONE else index.name(name))


def _malformed(name: str, error: Exception) -> MalformedArtifact:
    return MalformedArtifact(f"{name} cannot be read: {error}. Build it again and check that it was copied completely.")


BACKEND = CoreBackend()
