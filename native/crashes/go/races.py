r"""Reports of Go's race detector (``go run -race``).

::

    WARNING: DATA RACE
    Read at 0x00c00001c0b8 by goroutine 7:
      main.book()
          /srv/shop/main.go:10 +0x44

    Previous write at 0x00c00001c0b8 by main goroutine:
      …
    Goroutine 7 (running) created at:
      …

The first stack of a report is the exception's, the others are linked to it (mechanism ``sanitizer``), as those of
`native.crashes.sanitizer` are. Source: the Go documentation, "Data Race Detector".
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.go.frames import parse_frame
from symbolicator.model import ExceptionValue, Frame, Mechanism, Stacktrace
from symbolicator.readers.text import MAX_FRAMES

_START = "WARNING: DATA RACE"
_END = "=================="
_HEADING = re.compile(
    r"(?:(?:Previous )?(?:[Ww]rite|[Rr]ead|[Aa]tomic (?:write|read)) at 0x[0-9a-f]{1,16} "
    r"by (?:goroutine [0-9]{1,19}|main goroutine)"
    r"|Goroutine [0-9]{1,19} \([a-z]{1,20}\) created at):\Z"
)
_WHOSE = re.compile(r"by (?:goroutine (?P<id>[0-9]{1,19})|(?P<main>main))")
MAX_RACES = 1_000


class _Part(Struct):
    heading: str
    frames: list[Frame] = field(default_factory=list)


def starts_race(line: str) -> bool:
    """Whether a report of a race starts on this line."""
    return line == _START


def read_races(lines: Sequence[str]) -> list[ExceptionValue]:
    """The races of a text, the first one first, each followed by what explains it."""
    if _START not in lines:
        return []
    values: list[ExceptionValue] = []
    races = _races(lines)
    alone = len(races) == 1 and len(races[0]) == 1
    for parts in races:
        first = len(values)
        values += [_exception(parts, number, None if alone else first) for number in range(len(parts))]
    return values


def _races(lines: Sequence[str]) -> list[list[_Part]]:
    races: list[list[_Part]] = []
    left, inside = MAX_FRAMES, False
    for index, line in enumerate(lines):
        if line in (_START, _END):
            inside = line == _START
            races += [[]] if inside else []
        elif inside and _HEADING.match(line):
            races[-1].append(_Part(line.removesuffix(":")))
        elif inside and races[-1] and left and index + 1 < len(lines):
            frame = parse_frame(line.removeprefix("  "), lines[index + 1])
            races[-1][-1].frames += [frame] if frame else []
            left -= 1 if frame else 0
    return [
        [part for part in parts if part.frames] for parts in races[:MAX_RACES] if any(part.frames for part in parts)
    ]


def _exception(parts: Sequence[_Part], number: int, first: int | None) -> ExceptionValue:
    part = parts[number]
    stack = Stacktrace(frames=tuple(reversed(part.frames)), instruction_addr_adjustment="all")
    if number:
        source = part.heading.partition(" at ")[0]
        mechanism = Mechanism(type="sanitizer", source=source, exception_id=(first or 0) + number, parent_id=first)
        return ExceptionValue(type=part.heading, mechanism=mechanism, stacktrace=stack)
    whose = _WHOSE.search(part.heading)
    return ExceptionValue(
        type="data race",
        value=part.heading,
        thread_id=int(whose["id"]) if whose and whose["id"] else 1 if whose else None,
        mechanism=Mechanism(type="separate" if first else "sanitizer", exception_id=first),
        stacktrace=stack,
    )
