"""What is known about generated positions before frames are made of them, one parse an original source.

A `Resolution` belongs to a call at a position: frames of the same position (recursion) share those of the position.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.javascript.chains import Trail, trail_of_call
from sourcemaps.javascript.context import SourceContext
from sourcemaps.javascript.function_names import Enclosing, enclosing_functions
from sourcemaps.javascript.minified_names import recovered_names
from sourcemaps.javascript.places import Place
from sourcemaps.javascript.syntax import Budget
from sourcemaps.javascript.texts import Texts
from sourcemaps.protocol import GeneratedFunctions, ScopeFrame

if TYPE_CHECKING:
    from sourcemaps.javascript.discovery import Found


class Resolution(Struct, frozen=True):
    """One call: the way to its original position and what is known there about the function that was running.

    ``scope``: by the map's ``scopes``. ``listed_function``: by its list of functions (Metro). ``enclosing``: by the
    original source. ``recovered``: by the generated file.
    """

    trail: Trail
    context: SourceContext | None
    scope: ScopeFrame | None = None
    listed_function: str | None = None
    enclosing: Enclosing | None = None
    recovered: str | None = None


Calls: TypeAlias = tuple[Resolution, ...]
"""The calls at one position, innermost first: all but the last were inlined into it."""


def resolve_trails(
    trails: Mapping[Place, Trail], texts: Texts, functions: GeneratedFunctions | None, budget: Budget
) -> dict[Place, Calls]:
    """What is known at the end of each trail.

    ``functions``: those of the generated file, where it is at hand. ``budget``: for parsing original sources.
    """
    calls = _with_calls(trails, texts)
    every = {(place, depth): call for place, at in calls.items() for depth, call in enumerate(at)}
    every = _with_recovered(_with_enclosing(every, texts, budget), functions)
    return {place: tuple(every[place, depth] for depth in range(len(at))) for place, at in calls.items()}


def resolve_line(trail: Trail, texts: Texts) -> Resolution:
    """What is known about a line without a column: no function, since a line may hold several."""
    return Resolution(trail, texts.context(trail))


def _with_calls(trails: Mapping[Place, Trail], texts: Texts) -> dict[Place, Calls]:
    by_map: dict[Found, list[Place]] = {}
    for place, trail in trails.items():
        by_map.setdefault(trail.found, []).append(place)
    calls: dict[Place, Calls] = {}
    for found, places in by_map.items():
        scopes = found.index.scope_frames([trails[place].generated for place in places])
        calls |= {place: _calls(trails[place], frames, texts) for place, frames in zip(places, scopes, strict=True)}
    return calls


def _calls(trail: Trail, frames: tuple[ScopeFrame, ...], texts: Texts) -> Calls:
    innermost = _resolution(trail, frames[0] if frames else None, texts)
    callers = ((trail_of_call(trail, frame), frame) for frame in frames[1:])
    return innermost, *(_resolution(caller, frame, texts) for caller, frame in callers if caller)


def _resolution(trail: Trail, scope: ScopeFrame | None, texts: Texts) -> Resolution:
    position = trail.position
    listed = trail.found.index.function_at(position.source, position.line0, position.column0)
    return Resolution(trail, texts.context(trail), scope, listed)


_Key: TypeAlias = tuple[Place, int]
_Every: TypeAlias = dict[_Key, Resolution]


def _with_enclosing(every: _Every, texts: Texts, budget: Budget) -> _Every:
    """Adds the enclosing functions; each source is parsed once, and not at all where the map lists its functions."""
    by_source: dict[tuple[Found, int], list[_Key]] = {}
    for key, resolution in every.items():
        if resolution.listed_function is None and resolution.context is not None:
            source = (resolution.trail.found, resolution.trail.position.source)
            by_source.setdefault(source, []).append(key)
    answers: _Every = {}
    for keys in by_source.values():
        trails = [every[key].trail for key in keys]
        positions = [(trail.position.line0, trail.position.column0) for trail in trails]
        text, name = texts.of(trails[0]) or "", trails[0].sources[-1] or ""
        functions = enclosing_functions(text, name, positions, budget)
        answers |= {key: replace(every[key], enclosing=found) for key, found in zip(keys, functions, strict=True)}
    return every | answers


def _with_recovered(every: _Every, functions: GeneratedFunctions | None) -> _Every:
    """Adds what the generated file calls the functions that nothing else has named."""
    keys = [key for key, resolution in every.items() if _is_unnamed(resolution)] if functions else []
    if functions is None or not keys:
        return every
    index = every[keys[0]].trail.found.index
    names = recovered_names(functions, index, [every[key].trail.generated for key in keys])
    return every | {key: replace(every[key], recovered=name) for key, name in zip(keys, names, strict=True)}


def _is_unnamed(resolution: Resolution) -> bool:
    """Whether the generated file may help: it knows nothing about chained maps, nor about inlined calls."""
    named = resolution.scope or resolution.listed_function or resolution.enclosing
    return not named and len(resolution.trail.maps) == 1
