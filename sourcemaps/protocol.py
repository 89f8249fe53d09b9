"""What a source-map backend offers: the compiled core and the pure-Python reference both do.

A backend turns the bytes of a source map into a `SourceIndex`; the transformer only ever sees these protocols::

    index = BACKEND.load(blob, cache)
    [position] = index.original_positions([(0, 4711)])
"""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from symbolicator.protocols import Blob, Buffer, IndexCache


class OriginalPosition(Struct, frozen=True):
    """Where a generated position came from. ``line0``/``column0`` are 0-based, columns in UTF-16 units."""

    source: int
    line0: int
    column0: int
    name: str | None


class ScopeFrame(Struct, frozen=True):
    """A function that was running, from the map's ``scopes`` (ECMA-426, proposal "Scopes").

    ``function``: its name; None where the map gives it none (an anonymous function, or one whose name the tool that
    wrote the map did not record), and where ``top_level`` says that the code is outside of all functions. ``source``,
    ``line0``, ``column0``: where it called the frame before; None in the first frame, whose position is the original
    position.
    """

    function: str | None
    source: int | None = None
    line0: int | None = None
    column0: int | None = None
    top_level: bool = False


class SourceMapSummary(Struct, frozen=True):
    """The top level of a source map."""

    file: str | None
    debug_id: str | None
    sources: tuple[str | None, ...]
    sources_with_content: int
    names: int
    sections: int


class SourceIndex(Protocol):
    """A source map, ready for lookups. Source ids are positions in the map's flattened ``sources``."""

    @property
    def file(self) -> str | None:
        """The generated file that the map says it describes."""

    @property
    def debug_id(self) -> str | None: ...

    @property
    def defects(self) -> Sequence[str]:
        """What was wrong with the map and passed over, a sentence each (known when it was parsed in this process)."""

    def original_positions(self, positions: Sequence[tuple[int, int]]) -> list[OriginalPosition | None]:
        """Looks up generated (line0, column0) pairs; ``None`` where the line has no segment at or before it."""

    def scope_frames(self, positions: Sequence[tuple[int, int]]) -> list[tuple[ScopeFrame, ...]]:
        """The functions running at generated (line0, column0) pairs according to the map's ``scopes``, innermost first.

        More than one where calls were inlined. Empty if the map says nothing there, and in code that no function of the
        sources contains: helpers of the compiler, and parts of functions that it moved elsewhere.
        """

    def segment_line0(self, segment: int) -> int | None:
        """Generated line at which a segment of Metro's bundle (``seg-1.js``) starts in this index.

        0 for segment 0, the bundle itself; None if the map has no such segment (``x_facebook_segments``).
        """

    def module_line0(self, segment: int, module: int) -> int | None:
        """Generated line, in this index, at which a RAM bundle's module starts (``x_facebook_offsets``)."""

    def function_offset(self, segment: int, function: int) -> int | None:
        """Offset in bytes of a function of Hermes bytecode (``x_hermes_function_offsets``)."""

    def source_name(self, source: int) -> str | None: ...

    def source_ignored(self, source: int) -> bool: ...

    def source_text(self, source: int) -> str | None: ...

    def source_lines(self, source: int, first_line0: int, count: int) -> list[str] | None: ...

    def function_at(self, source: int, line0: int, column0: int) -> str | None: ...


class NamePiece(Struct, frozen=True):
    """A piece of a function's name as a generated file has it; ``is_property``: no variable."""

    text: str
    line0: int
    column0: int
    is_property: bool


class GeneratedFunction(Struct, frozen=True):
    """A function of a generated file. ``pieces``: a class before its member; none is anonymous.

    ``kind``: ``function``, ``arrow``, ``method``, ``static method``, ``getter``, ``setter``, ``constructor``, ``static
    block``, ``field``, ``static field`` (initialisers). The last piece of a member is its key, except for constructors
    and static blocks, which are called after their class.
    """

    kind: str
    pieces: tuple[NamePiece, ...]


class GeneratedFunctions(Protocol):
    """The functions of a generated file."""

    def at(self, positions: Sequence[tuple[int, int]]) -> list[GeneratedFunction | None]:
        """The innermost function around each generated (line0, column0 in UTF-16 units); None where there is none."""


class SourceMapBackend(Protocol):
    """Parses source maps, and the generated files that they describe."""

    name: str

    def summarize(self, data: Buffer) -> SourceMapSummary:
        """Reads the top level. Raises `symbolicator.errors.MalformedArtifact` if ``data`` is no source map."""

    def load(self, blob: Blob, cache: IndexCache) -> SourceIndex:
        """Opens the map leniently, through the cached index where there is one. Raises MalformedArtifact."""

    def parse(self, name: str, data: Buffer) -> SourceIndex:
        """Opens a map that lies in no file of its own leniently, in memory. Raises MalformedArtifact."""

    def generated_functions(self, blob: Blob, cache: IndexCache) -> GeneratedFunctions:
        """Opens the functions of a generated file, any bytes; nothing is read before they are asked for."""
