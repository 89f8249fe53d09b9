"""What is known about generated positions before frames are made of them, one parse an original source.

A `Resolution` belongs to a position: frames of the same position (recursion) share one.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.javascript.chains import Trail
from sourcemaps.javascript.context import SourceContext
from sourcemaps.javascript.function_names import Enclosing, enclosing_functions
from sourcemaps.javascript.places import Place
from sourcemaps.javascript.syntax import Budget
from sourcemaps.javascript.texts import Texts

if TYPE_CHECKING:
    from sourcemaps.javascript.discovery import Found


class Resolution(Struct, frozen=True):
    """The way to an original position and what is known there. ``listed_function``: by the map's own function list."""

    trail: Trail
    context: SourceContext | None
    listed_function: str | None
    enclosing: Enclosing | None = None


def resolve_trails(trails: Mapping[Place, Trail], texts: Texts, budget: Budget) -> dict[Place, Resolution]:
    """What is known at the end of each trail. ``budget``: for parsing original sources."""
    resolved = {place: _resolution(trail, texts) for place, trail in trails.items()}
    return resolved | _with_enclosing(resolved, texts, budget)


def resolve_line(trail: Trail, texts: Texts) -> Resolution:
    """What is known about a line without a column: no function, since a line may hold several."""
    return Resolution(trail, texts.context(trail), None)


def _resolution(trail: Trail, texts: Texts) -> Resolution:
    position = trail.position
    listed = trail.found.index.function_at(position.source, position.line0, position.column0)
    return Resolution(trail, texts.context(trail), listed)


def _with_enclosing(resolved: Mapping[Place, Resolution], texts: Texts, budget: Budget) -> dict[Place, Resolution]:
    """Adds the enclosing functions; each source is parsed once, and not at all where the map lists its functions."""
    by_source: dict[tuple[Found, int], list[Place]] = {}
    for place, resolution in resolved.items():
        if resolution.listed_function is None and resolution.context is not None:
            source = (resolution.trail.found, resolution.trail.position.source)
            by_source.setdefault(source, []).append(place)
    answers: dict[Place, Resolution] = {}
    for places in by_source.values():
        trails = [resolved[place].trail for place in places]
        positions = [(trail.position.line0, trail.position.column0) for trail in trails]
        text, name = texts.of(trails[0]) or "", trails[0].sources[-1] or ""
        functions = enclosing_functions(text, name, positions, budget)
        answers |= {
            place: replace(resolved[place], enclosing=function)
            for place, function in zip(places, functions, strict=True)
        }
    return answers
