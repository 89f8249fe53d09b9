"""What Metro and Hermes add to a map: segments of a bundle, modules of a RAM bundle, functions of bytecode.

``x_facebook_segments`` holds the maps of the files ``seg-1.js``, … by number, ``x_facebook_offsets`` the generated line
of each module, ``x_hermes_function_offsets`` the offsets in bytes of functions, by segment. The lines of a segment
count from 0 like the bundle's, so each has lines of its own behind them here. Source: metro-symbolicate.
"""

import re
from typing import TypeGuard

from msgspec import Struct, field

from sourcemaps.backends.sections import Position

SLOT_LINES = 1 << 24
MAX_SEGMENTS = 254
_MAX_NUMBER = 2**32 - 1
_NUMBER = re.compile("0|[1-9][0-9]{0,9}")


class Segment(Struct, frozen=True):
    """A segment's map and the lines that it has."""

    raw: dict[str, object]
    start: Position
    limit: Position


class Metro(Struct):
    """What was found. Keys are segments, or segments with a module or function."""

    segments: dict[int, Segment] = field(default_factory=dict)
    modules: dict[tuple[int, int], int] = field(default_factory=dict)
    functions: dict[tuple[int, int], int] = field(default_factory=dict)


def read_metro(top: dict[str, object], defects: dict[str, None]) -> Metro:
    """Reads the fields of a bundle's map and of the segments in it."""
    metro = Metro(_segments(top.get("x_facebook_segments"), defects))
    first = min((segment.start for segment in metro.segments.values()), default=(_MAX_NUMBER, 0))
    _add_modules(metro, 0, Segment(top, (0, 0), first), defects)
    lists = _numbered(top.get("x_hermes_function_offsets"))
    for number, segment in metro.segments.items():
        _add_modules(metro, number, segment, defects)
        own = _numbered(segment.raw.get("x_hermes_function_offsets"))
        if own.keys() & {0, number}:
            lists[number] = own.get(number, own.get(0))
    for number, offsets in lists.items():
        for function, offset in enumerate(offsets if isinstance(offsets, list) else ()):
            if _is_number(offset):
                metro.functions[number, function] = offset
    return metro


def _segments(value: object, defects: dict[str, None]) -> dict[int, Segment]:
    maps = _numbered(value)
    if 0 in maps or len(maps) != len(value if isinstance(value, dict) else ()):
        defects["Segments of the bundle without a number were passed over."] = None
    numbers = sorted(maps.keys() - {0})
    if len(numbers) > MAX_SEGMENTS:
        defects[f"Segments of the bundle beyond {MAX_SEGMENTS} were passed over."] = None
    segments: dict[int, Segment] = {}
    for number in numbers[:MAX_SEGMENTS]:
        raw = maps[number]
        if isinstance(raw, dict):
            line0 = (len(segments) + 1) * SLOT_LINES
            segments[number] = Segment(raw, (line0, 0), (line0 + SLOT_LINES, 0))
        else:
            defects["Segments of the bundle without a map were passed over."] = None
    return segments


def _add_modules(metro: Metro, number: int, segment: Segment, defects: dict[str, None]) -> None:
    offsets = segment.raw.get("x_facebook_offsets")
    listed = offsets if isinstance(offsets, list) else []
    if offsets is not None and not isinstance(offsets, list):
        defects["`x_facebook_offsets` is no list and was passed over."] = None
    for module, offset in enumerate(listed):
        if _is_number(offset) and segment.start[0] + offset < segment.limit[0]:
            metro.modules[number, module] = segment.start[0] + offset
        elif offset is not None:
            defects["Modules of the bundle that start at no line were passed over."] = None


def _numbered(value: object) -> dict[int, object]:
    """The members of an object whose keys are numbers."""
    members = value if isinstance(value, dict) else {}
    numbers = ((int(key), member) for key, member in members.items() if _NUMBER.fullmatch(key))
    return {number: member for number, member in numbers if number <= _MAX_NUMBER}


def _is_number(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MAX_NUMBER
