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
from sourcemaps.backends.segments import MAX_SEGMENTS, Segment, decode_segments
from sourcemaps.protocol import GeneratedFunctions, OriginalPosition, SourceIndex, SourceMapBackend, SourceMapSummary
from sourcemaps.text import split_lines
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, IndexCache

_column0 = attrgetter("column0")


class ReferenceIndex:
    """A parsed source map. Source ids count through the sources of all its sections."""

    def __init__(self, document: Document) -> None:
        self.debug_id = document.debug_id
        self.defects: Sequence[str] = ()
        self._maps = document.maps
        self._sources = [(plain, number) for plain in document.maps for number in range(len(plain.sources))]
        self._names: list[str] = [name for plain in document.maps for name in plain.names]
        self._lines = self._decode(document)
        self.defects = tuple(document.defects)
        self._function_maps: dict[int, FunctionMap] = {}

    def original_positions(self, positions: Sequence[tuple[int, int]]) -> list[OriginalPosition | None]:
        """Looks up generated (line0, column0) pairs, columns in UTF-16 units; None where nothing is known."""
        return [self._original_position(line0, column0) for line0, column0 in positions]

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
        """The last segment at or before the column on its own line."""
        segments = self._lines.get(line0, ())
        at = bisect_right(segments, column0, key=_column0)
        segment = segments[at - 1] if at else None
        if segment is None or segment.source is None:
            return None
        name = None if segment.name is None else self._names[segment.name]
        return OriginalPosition(segment.source, segment.source_line0, segment.source_column0, name)

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
            return ReferenceIndex(parse_document(data))

    def generated_functions(self, blob: Blob, cache: IndexCache) -> GeneratedFunctions:  # noqa: ARG002 - as above
        """Reads the functions of a file of at most 2 MB from its syntax tree."""
        return LazyFunctions(blob)


BACKEND: SourceMapBackend = ReferenceBackend()
