"""The source lines around a position, short enough to be shown.

>>> trim_line("x" * 500, 250).startswith("{snip} x")
True
"""

from msgspec import Struct

from sourcemaps.protocol import OriginalPosition, SourceIndex
from sourcemaps.text import code_points

LINES = 5
"""How many lines are kept before and after."""
MAX_COLUMNS = 300
SNIP = "{snip}"


class SourceContext(Struct, frozen=True):
    """The line of a position and its neighbours, without line ends."""

    before: tuple[str, ...]
    line: str
    after: tuple[str, ...]


def context_of(index: SourceIndex, position: OriginalPosition) -> SourceContext | None:
    """The lines around a position; None where the map has no text for the source, or fewer lines."""
    first = max(0, position.line0 - LINES)
    lines = index.source_lines(position.source, first, position.line0 - first + 1 + LINES)
    return context_in(lines or [], position.line0 - first, position.column0)


def context_in(lines: list[str], at: int, column0: int) -> SourceContext | None:
    """The line ``lines[at]`` and its neighbours, trimmed: around the column there, elsewhere at the end."""
    if not 0 <= at < len(lines):
        return None
    return SourceContext(
        tuple(trim_line(line, 0) for line in lines[max(0, at - LINES) : at]),
        trim_line(lines[at], column0),
        tuple(trim_line(line, 0) for line in lines[at + 1 : at + 1 + LINES]),
    )


def trim_line(line: str, column0: int) -> str:
    """The line, or the part of it around a column (UTF-16 units) with marks where the rest was."""
    if len(line) <= MAX_COLUMNS:
        return line
    middle = code_points(line, column0)
    start = max(0, min(middle - MAX_COLUMNS // 2, len(line) - MAX_COLUMNS))
    end = start + MAX_COLUMNS
    head = f"{SNIP} " if start else ""
    tail = f" {SNIP}" if end < len(line) else ""
    return head + line[start:end] + tail
