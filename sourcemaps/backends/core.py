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

from sourcemaps.backends.core_functions import CoreFunctions
from sourcemaps.backends.options import range_mappings
from sourcemaps.protocol import GeneratedFunctions, OriginalPosition, ScopeFrame, SourceIndex, SourceMapSummary
from symbolicator import _core
from symbolicator.cached_index import CachedIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

RANGE_MAPPINGS: Final = range_mappings()
INDEX_FORMAT: Final = f"source-index-v{_core.SOURCE_INDEX_VERSION}" + (f"-{RANGE_MAPPINGS}" if RANGE_MAPPINGS else "")

_NONE = 0xFFFF_FFFF
_TOP_LEVEL = 0xFFFF_FFFE
_UNKNOWN = 0xFFFF_FFFD
_FIELDS = 4

_Answer = TypeVar("_Answer")


class CoreBackend:
    """Parses source maps with `symbolicator._core`."""

    name = "core"

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

        def build(data: Buffer) -> bytes:
            return _build(blob.name, data)

        return _CoreIndex(
            CachedIndex(blob, cache, INDEX_FORMAT, build=build, open_index=_open, damaged=_core.IndexFileError)
        )

    def parse(self, name: str, data: Buffer) -> SourceIndex:
        """Opens a map in memory, leniently. Raises `MalformedArtifact`."""
        return _CoreIndex(_InMemory(_core.SourceIndex.from_bytes(_build(name, data))))

    def generated_functions(self, blob: Blob, cache: IndexCache) -> GeneratedFunctions:
        """Opens the functions of a generated file, through the cached index where there is one."""
        return CoreFunctions(blob, cache)


class _InMemory:
    """An index that is in no cache."""

    def __init__(self, index: _core.SourceIndex) -> None:
        self._index = index

    def ask(self, question: Callable[[_core.SourceIndex], _Answer]) -> _Answer:
        return question(self._index)


class _CoreIndex:
    """A `SourceIndex` over an index file."""

    def __init__(self, index: CachedIndex[_core.SourceIndex] | _InMemory) -> None:
        self._index = index
        self.file, self.debug_id = self._ask(lambda opened: (opened.file, opened.debug_id))

    @property
    def defects(self) -> Sequence[str]:
        return self._ask(lambda index: index.defects)

    def original_positions(self, positions: Sequence[tuple[int, int]]) -> list[OriginalPosition | None]:
        """Looks generated (line0, column0) pairs up; numbers beyond 32 bits have no segment."""
        places = array("I", chain.from_iterable(_clamped(position) for position in positions))
        return self._ask(lambda index: _positions(index, index.lookup(places)))

    def scope_frames(self, positions: Sequence[tuple[int, int]]) -> list[tuple[ScopeFrame, ...]]:
        """The functions running at generated (line0, column0) pairs, innermost first."""
        places = array("I", chain.from_iterable(_clamped(position) for position in positions))
        return self._ask(lambda index: _scope_frames(index, *index.scope_frames(places)))

    def segment_line0(self, segment: int) -> int | None:
        return self._ask(lambda index: index.segment_line0(segment)) if _is_u32(segment) else None

    def module_line0(self, segment: int, module: int) -> int | None:
        return self._ask(lambda index: index.module_line0(segment, module)) if _is_u32(segment, module) else None

    def function_offset(self, segment: int, function: int) -> int | None:
        return self._ask(lambda index: index.function_offset(segment, function)) if _is_u32(segment, function) else None

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


def _build(name: str, data: Buffer) -> bytes:
    try:
        return _core.build_source_index(data, range_mappings=RANGE_MAPPINGS)[0]
    except _core.SourceMapError as error:
        raise _malformed(name, error) from error


def _open(path: Path) -> _core.SourceIndex:
    return _core.SourceIndex.open(str(path))


def _is_u32(*numbers: int) -> bool:
    return all(0 <= number <= _NONE for number in numbers)


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


def _scope_frames(index: _core.SourceIndex, ends: bytes, records: bytes) -> list[tuple[ScopeFrame, ...]]:
    words, stops = memoryview(records).cast("I"), memoryview(ends).cast("I").tolist()
    frames = [_scope_frame(index, words[start : start + _FIELDS].tolist()) for start in range(0, len(words), _FIELDS)]
    return [tuple(frames[start:stop]) for start, stop in zip([0, *stops], stops, strict=False)]


def _scope_frame(index: _core.SourceIndex, fields: list[int]) -> ScopeFrame:
    function, source, line0, column0 = fields
    name = None if function >= _UNKNOWN else index.name(function) or None
    if source == _NONE:
        return ScopeFrame(name, top_level=function == _TOP_LEVEL)
    return ScopeFrame(name, source, line0, column0, top_level=function == _TOP_LEVEL)


def _malformed(name: str, error: Exception) -> MalformedArtifact:
    return MalformedArtifact(f"{name} cannot be read: {error}. Build it again and check that it was copied completely.")


BACKEND = CoreBackend()
