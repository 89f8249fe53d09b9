"""Original positions of generated ones, for a whole event at once: one lookup a map, one parse an original source.

A `Resolution` is what is known about a generated position before a frame is made of it; frames of the same position
(recursion) share one.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.javascript.columns import place_by_line
from sourcemaps.javascript.context import SourceContext, context_of
from sourcemaps.javascript.discovery import Found
from sourcemaps.javascript.function_names import Enclosing, enclosing_functions
from sourcemaps.javascript.syntax import Budget
from sourcemaps.protocol import OriginalPosition, SourceIndex

Place: TypeAlias = tuple[int, int]
"""Generated line and column, both 1-based, as frames have them."""


class Resolution(Struct, frozen=True):
    """An original position and what the map says about it. ``listed_function``: from the map's own function list."""

    position: OriginalPosition
    source: str | None
    ignored: bool
    context: SourceContext | None
    listed_function: str | None
    enclosing: Enclosing | None = None


def resolve_places(found: Found, places: Iterable[Place], budget: Budget) -> Mapping[Place, Resolution | None]:
    """What the map says about each place; None where it has no segment. ``budget``: for parsing original sources."""
    distinct = sorted(set(places))
    positions = found.index.original_positions([(line1 - 1, column1 - 1) for line1, column1 in distinct])
    known = {place: position for place, position in zip(distinct, positions, strict=True) if position is not None}
    resolved = {place: _resolution(found.index, position) for place, position in known.items()}
    return dict.fromkeys(distinct) | _with_enclosing(found.index, resolved, budget)


def resolve_line(found: Found, line1: int) -> Resolution | None:
    """What the map says about a whole generated line, if that comes from one original line; its column is unknown."""
    position = place_by_line(found.index, line1 - 1)
    return None if position is None else _resolution(found.index, position)


def _resolution(index: SourceIndex, position: OriginalPosition) -> Resolution:
    return Resolution(
        position=position,
        source=index.source_name(position.source),
        ignored=index.source_ignored(position.source),
        context=context_of(index, position),
        listed_function=index.function_at(position.source, position.line0, position.column0),
    )


def _with_enclosing(
    index: SourceIndex, resolved: Mapping[Place, Resolution], budget: Budget
) -> dict[Place, Resolution]:
    """Adds the enclosing functions; each source is parsed once, and not at all where the map lists its functions."""
    by_source: dict[int, list[Place]] = {}
    for place, resolution in resolved.items():
        if resolution.listed_function is None and resolution.context is not None:
            by_source.setdefault(resolution.position.source, []).append(place)
    answers = dict(resolved)
    for source, places in by_source.items():
        positions = [(resolved[place].position.line0, resolved[place].position.column0) for place in places]
        text, name = index.source_text(source) or "", index.source_name(source) or ""
        functions = enclosing_functions(text, name, positions, budget)
        answers |= {
            place: replace(resolved[place], enclosing=function)
            for place, function in zip(places, functions, strict=True)
        }
    return answers
