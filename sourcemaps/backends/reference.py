"""The reference backend: source maps in pure Python, through PyPI ``sourcemap``.

It serves where the compiled core is not installed, and it is the oracle of the core's tests. It needs no index file:
every `load` parses the map again. Sections are flattened before the library sees them, and lookups are our own: the
library knows no sections, and it has no bound to the line.
"""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter

from sourcemaps.backends.document import Document, PlainMap, parse_document
from sourcemaps.backends.function_maps import FunctionMap
from sourcemaps.backends.generated_functions import LazyFunctions
from sourcemaps.backends.options import range_mappings
from sourcemaps.backends.range_mappings import find_ranges
from sourcemaps.backends.scope_frames import ScopeFrames
from sourcemaps.backends.scopes import decode_scopes
from sourcemaps.backends.sections import Position
from sourcemaps.backends.segments import MAX_SEGMENTS, Segment, decode_segments
from sourcemaps.protocol import (
    GeneratedFunctions,
    OriginalPosition,
    ScopeFrame,
    SourceIndex,
    SourceMapBackend,
    SourceMapSummary,
)
from sourcemaps.text import split_lines
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

NO_NUMBER = 2**32 - 1
_column0 = attrgetter("column0")


class ReferenceIndex:
    """A parsed source map. Source ids count through the sources of all its sections."""

    def __init__(self, document: Document) -> None:
        self.file = document.file
        self.debug_id = document.debug_id
        self.defects: Sequence[str] = ()
        self._maps = document.maps
        self._sources = [(plain, number) for plain in document.maps for number in range(len(plain.sources))]
        self._names: list[str] = [name for plain in document.maps for name in plain.names]
        self._lines = self._decode(document)
        self._line_numbers = sorted(self._lines)
        self._scopes = self._decode_scopes(document)
        self._ranges = self._find_ranges(document)
        self._metro = document.metro
        self.defects = tuple(document.defects)
        self._function_maps: dict[int, FunctionMap] = {}

    def original_positions(self, positions: Sequence[tuple[int, int]]) -> list[OriginalPosition | None]:
        """Looks up generated (line0, column0) pairs, columns in UTF-16 units; None where nothing is known."""
        return [self._original_position(line0, column0) for line0, column0 in positions]

    def scope_frames(self, positions: Sequence[tuple[int, int]]) -> list[tuple[ScopeFrame, ...]]:
        """The functions running at generated (line0, column0) pairs, innermost first."""
        return [self._scopes.find(*position, self._mapped(*position)) for position in positions]

    def _mapped(self, line0: int, column0: int) -> tuple[int, int, int] | None:
        found = self._original_position(line0, column0)
        return None if found is None else (found.source, found.line0, found.column0)

    def segment_line0(self, segment: int) -> int | None:
        """Generated line at which a segment of Metro's bundle starts; 0 for the bundle itself."""
        found = self._metro.segments.get(segment)
        if found is None:
            return None if segment else 0
        return found.start[0]

    def module_line0(self, segment: int, module: int) -> int | None:
        """Generated line at which a RAM bundle's module starts."""
        return self._metro.modules.get((segment, module))

    def function_offset(self, segment: int, function: int) -> int | None:
        """Offset in bytes of a function of Hermes bytecode."""
        return self._metro.functions.get((segment, function))

    def source_name(self, source: int) -> str | None:
        """The source with ``sourceRoot`` applied; None if the map has null there."""
        plain, number = self._sources[source]
        return plain.sources[number]

    def source_ignored(self, source: int) -> bool:
        """Whether ``ignoreList``/``x_google_ignoreList`` names the source."""
        plain, number = self._sources[source]
        return number in plain.ignored

    def source_text(self, source: int) -> str | None:
        """The original source as in ``sourcesContent``."""
        plain, number = self._sources[source]
        return plain.contents[number]

    def source_lines(self, source: int, first_line0: int, count: int) -> list[str] | None:
        """Up to ``count`` lines without their ends; None where the map has no content for the source."""
        text = self.source_text(source)
        return None if text is None else split_lines(text)[first_line0 : first_line0 + count]

    def function_at(self, source: int, line0: int, column0: int) -> str | None:
        """Name of the original function around an original position, from ``x_facebook_sources``."""
        found = self._function_maps.get(source)
        if found is None:
            plain, number = self._sources[source]
            raw = plain.function_maps[number] if number < len(plain.function_maps) else None
            found = self._function_maps.setdefault(source, FunctionMap(raw))
        return found.find(line0, column0)

    def _original_position(self, line0: int, column0: int) -> OriginalPosition | None:
        """The last segment at or before the column on its own line, or a range that reaches there."""
        segment = self._last_segment(line0, column0)
        if segment is None or segment.source is None:
            return None
        line, column = segment.source_line0, segment.source_column0
        if (line0, column0) < self._ranges.get((segment.line0, segment.column0), (0, 0)):
            lines = line0 - segment.line0
            line, column = line + lines, column0 if lines else column + column0 - segment.column0
        elif line0 != segment.line0:
            return None
        name = None if segment.name is None else self._names[segment.name]
        return OriginalPosition(segment.source, line, column, name) if max(line, column) < NO_NUMBER else None

    def _last_segment(self, line0: int, column0: int) -> Segment | None:
        """The last segment at or before a position, on another line only if there are ranges."""
        segments = self._lines.get(line0, [])
        at = bisect_right(segments, column0, key=_column0)
        if at or not self._ranges:
            return segments[at - 1] if at else None
        before = bisect_right(self._line_numbers, line0 - 1)
        return self._lines[self._line_numbers[before - 1]][-1] if before else None

    @staticmethod
    def _find_ranges(document: Document) -> dict[Position, Position]:
        """The segments that stand for every character behind them, and where that ends."""
        ranges: dict[Position, Position] = {}
        wanted = range_mappings()
        for plain in document.maps if wanted else ():
            ranges |= find_ranges(plain, 1 if wanted == "1-based" else 0, document.defects)
        return ranges

    @staticmethod
    def _decode_scopes(document: Document) -> ScopeFrames:
        frames, sources = ScopeFrames(), 0
        for plain in document.maps:
            count = len(plain.sources)
            scopes = decode_scopes(plain.scopes, plain.ranges, plain.names, count, plain.start)
            document.defects.update(scopes.defects)
            frames.add(scopes, sources, count, plain.limit)
            sources += count
        return frames

    def _decode(self, document: Document) -> dict[int, list[Segment]]:
        """Segments by generated line, in the order of their columns, with ids that count through all sections."""
        lines: dict[int, list[Segment]] = {}
        sources = names = total = 0
        for plain in document.maps:
            segments, defects = decode_segments(plain.mappings, len(plain.sources), len(plain.names))
            document.defects.update(dict.fromkeys(defects))
            total += len(segments)
            _check_total(total)
            for segment in segments:
                moved = _moved(segment, plain, sources, names)
                if moved[:2] >= plain.limit:
                    document.defects["A section that reaches into the next one was cut off there."] = None
                    break
                if max(moved[:2]) >= NO_NUMBER:
                    document.defects["Segments beyond 2^32 lines or columns were left out."] = None
                    continue
                lines.setdefault(moved.line0, []).append(moved)
            sources += len(plain.sources)
            names += len(plain.names)
        for segments in lines.values():
            segments.sort(key=_column0)
        return lines


def _moved(segment: Segment, plain: PlainMap, sources: int, names: int) -> Segment:
    """The segment in the whole file instead of its section."""
    line0, column0 = plain.start
    return Segment(
        segment.line0 + line0,
        segment.column0 + (column0 if segment.line0 == 0 else 0),
        None if segment.source is None else segment.source + sources,
        segment.source_line0,
        segment.source_column0,
        None if segment.name is None else segment.name + names,
    )


def _check_total(segments: int) -> None:
    if segments > MAX_SEGMENTS:
        raise MalformedArtifact(
            f"The source map has more than {MAX_SEGMENTS} segments, too many for the pure-Python backend: install the "
            "compiled core (`symbolicator doctor`)."
        )


class ReferenceBackend:
    """Parses source maps without the compiled core."""

    name = "reference"

    def summarize(self, data: Buffer) -> SourceMapSummary:
        """Reads everything but the mappings. Raises MalformedArtifact."""
        document = parse_document(data)
        contents = (content for plain in document.maps for content in plain.contents)
        return SourceMapSummary(
            file=document.file,
            debug_id=document.debug_id,
            sources=tuple(source for plain in document.maps for source in plain.sources),
            sources_with_content=sum(content is not None for content in contents),
            names=sum(len(plain.names) for plain in document.maps),
            sections=document.sections,
        )

    def load(self, blob: Blob, cache: IndexCache) -> SourceIndex:  # noqa: ARG002 - the bytes are parsed every time
        """Parses the map. Raises MalformedArtifact."""
        with blob.open() as data:
            return self.parse(blob.name, data)

    def parse(self, name: str, data: Buffer) -> SourceIndex:  # noqa: ARG002 - the error says enough
        """Parses the map. Raises MalformedArtifact."""
        return ReferenceIndex(parse_document(data))

    def generated_functions(self, blob: Blob, cache: IndexCache) -> GeneratedFunctions:  # noqa: ARG002 - as above
        """Reads the functions of a file of at most 2 MB from its syntax tree."""
        return LazyFunctions(blob)


BACKEND: SourceMapBackend = ReferenceBackend()
