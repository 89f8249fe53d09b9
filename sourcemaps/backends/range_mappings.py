"""``rangeMappings`` (ECMA-426, proposal "Range Mappings"): segments that stand for every character behind them.

Lines are split by ``;``. A line is a row of base64 VLQ numbers without sign, each the difference to the number, in its
line, of the next segment that is a range: from 0 since April 2026, from 1 before.
"""

from collections.abc import Iterator

from sourcemaps.backends.document import PlainMap
from sourcemaps.backends.numbers import UnreadableError, read_numbers, signed
from sourcemaps.backends.sections import Position


def find_ranges(plain: PlainMap, first: int, defects: dict[str, None]) -> dict[Position, Position]:
    """The segments that are ranges, by their generated position, and where their part of the file ends.

    ``first``: the number of a line's first segment.
    """
    text, start, limit = plain.range_mappings, plain.start, plain.limit
    if not isinstance(text, str):
        if text is not None:
            defects["`rangeMappings` is no text and was passed over."] = None
        return {}
    found: dict[Position, Position] = {}
    lines = plain.mappings.split(";")
    try:
        for number, marks in enumerate(text.split(";")):
            line = lines[number] if number < len(lines) else ""
            for column0 in _columns(marks, line, first) if marks else ():
                at = (start[0] + number, column0 + (0 if number else start[1]))
                if column0 >= 0 and at < limit:
                    found[at] = limit
    except UnreadableError:
        defects["`rangeMappings` that cannot be read end there."] = None
    return found


def _columns(marks: str, line: str, first: int) -> Iterator[int]:
    """The generated columns of the segments that are marked. Raises UnreadableError."""
    segments = _segments(line)
    read, wanted, column0, has_source = 0, 1 - first, 0, False
    for at, delta in enumerate(read_numbers(marks)):
        if delta == 0 and (first or at):
            raise UnreadableError
        wanted += delta
        while read < wanted:
            step, has_source = next(segments, (None, False))
            if step is None:
                raise UnreadableError
            column0, read = column0 + step, read + 1
        if not has_source:
            raise UnreadableError
        yield column0


def _segments(line: str) -> Iterator[tuple[int | None, bool]]:
    """How far each segment is from the one before, and whether it has an original position."""
    for segment in filter(None, line.split(",")):
        first = next(read_numbers(segment))
        yield signed(first), len(segment) > _length(segment)


def _length(segment: str) -> int:
    """Characters of the first number."""
    return next(at for at, char in enumerate(segment, 1) if char not in "ghijklmnopqrstuvwxyz0123456789+/")
