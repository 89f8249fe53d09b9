"""Which plain maps an indexed map consists of, and where in the generated file each lies.

An indexed map holds others, each with the generated position that it starts at, and they may hold more::

    {"version": 3, "sections": [{"offset": {"line": 0, "column": 0}, "map": {"version": 3, "sources": ["a.js"], …}}]}

In a RAM bundle's map (``x_facebook_offsets``) the columns of sections are not counted: Metro generates a module's map
with the wrapper ``__d(function(…){`` in front (since 2018) and adds its length again as the section's column
(``fixWrapperOffset``). ``fixtures/rn-ram-bundle`` has the proof.

Source: ECMA-426, "Index map".
"""

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from symbolicator.errors import MalformedArtifact

MAX_SECTIONS = 1 << 16
MAX_OFFSET = 2**32 - 1

Position = tuple[int, int]
"""Generated line and column, 0-based, in the whole file."""

END: Position = (2**63, 0)
"""Behind every position."""


class Placed(Struct, frozen=True):
    """A map and the part of the generated file that it describes: from ``start`` up to ``limit``."""

    raw: dict[str, object]
    start: Position
    limit: Position


def place_maps(outermost: Placed, defects: dict[str, None]) -> Iterator[Placed]:
    """The plain maps in the order of the generated file; a stack stands for recursion. Raises MalformedArtifact."""
    waiting = [outermost]
    seen = 0
    while waiting:
        placed = waiting.pop()
        if "sections" not in placed.raw:
            yield placed
            continue
        listed = placed.raw["sections"]
        sections = listed if isinstance(listed, list) else []
        seen += len(sections)
        if seen > MAX_SECTIONS:
            raise MalformedArtifact(f"The source map has more than {MAX_SECTIONS} sections: build it with fewer parts.")
        if "mappings" in placed.raw:
            defects["`mappings` beside `sections` were passed over."] = None
        waiting.extend(reversed(_children(placed, sections, defects)))


def _children(parent: Placed, sections: list[object], defects: dict[str, None]) -> list[Placed]:
    """The sections in order, each up to where the next one starts."""
    entries = [entry for entry in sections if isinstance(entry, dict)]
    is_ram_bundle = isinstance(parent.raw.get("x_facebook_offsets"), list)
    placed = [_section(entry, number, parent.start, defects) for number, entry in enumerate(entries)]
    if is_ram_bundle:
        placed = [child and (child[0], _at_line(child[1], parent.start)) for child in placed]
    children = [child for child in placed if child is not None]
    if any(right[1] < left[1] for left, right in pairwise(children)):
        defects["Sections out of order were sorted."] = None
    children.sort(key=lambda child: child[1])
    limits = [min(start, parent.limit) for _, start in children[1:]] + [parent.limit]
    return [Placed(raw, start, limit) for (raw, start), limit in zip(children, limits, strict=False)]


def _section(
    entry: dict[str, object], number: int, parent: Position, defects: dict[str, None]
) -> tuple[dict[str, object], Position] | None:
    """A section's map and where it starts in the whole file; None if that makes no sense."""
    raw, offset = entry.get("map"), entry.get("offset")
    line, column = _offset(offset, "line"), _offset(offset, "column")
    if not isinstance(raw, dict) or (line is None and number > 0):
        defects["Sections without a map or a line to start at were passed over."] = None
        return None
    if line is None or column is None:
        defects["Offsets of sections without line or column were read as 0."] = None
    start = (parent[0] + (line or 0), (column or 0) + (0 if line else parent[1]))
    return raw, start


def _at_line(start: Position, parent: Position) -> Position:
    """Where a section starts whose column does not count."""
    return start[0], parent[1] if start[0] == parent[0] else 0


def _offset(offset: object, name: str) -> int | None:
    value = offset.get(name) if isinstance(offset, dict) else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MAX_OFFSET else None
