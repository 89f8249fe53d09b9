r"""Tracebacks of Lua in a text, and what was said above them.

::

    lua5.4: src/till.lua:4: attempt to index a nil value (field 'count')
    stack traceback:
            src/till.lua:4: in function <src/till.lua:3>
            (...tail calls...)
            src/shop.lua:21: in main chunk
            [C]: in ?

The newest level is the first. OpenResty writes ``coroutine 0:`` above the levels of each coroutine, the newest first.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.lua.frames import Level, frame_at, parse_level
from symbolicator.model import Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

HEADING = "stack traceback:"
_COROUTINE = re.compile(r"coroutine [0-9]{1,6}:\s*\Z")
_PROGRAM = re.compile(r"[\w./+-]{0,200}?lua(?:jit)?[0-9.-]{0,8}(?:\.exe)?: ")
_PLACED = re.compile(
    r"(?:[^\n]{0,500}?: )?(?P<chunk>\[string \"[^\n]{0,200}?\"\]|\([a-z ]{3,20}\)|[^\s:\[(][^\s:]{0,400}):"
    r"(?P<line>[0-9]{1,9}): (?P<message>[^\n]{0,20000})\Z"
)
_NATIVE = re.compile(r"0x[0-9a-f]{4}|#[0-9]{1,5} ")
"""What a native frame has, that is no message."""
_MAX_MESSAGE_LINES = 20
_MAX_TRACEBACKS = 1_000


class Traceback(Struct):
    """``levels`` newest first. ``start`` and ``end`` (exclusive) of its lines, the message among them."""

    start: int
    end: int
    message: str | None = None
    levels: list[Level] = field(default_factory=list)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The levels from caller to callee, with those marked that C called."""
        older: Level | None = None
        frames: list[Frame] = []
        for level in reversed(self.levels):
            frames.append(_marked(level, older))
            older = older if level.is_mark else level
        return tuple(frames)


def _marked(level: Level, older: Level | None) -> Frame:
    is_lua = not level.is_mark and not level.is_native
    called_by_c = older is None or older.is_native or level.is_reentry
    return with_data(level.frame, is_entry=True) if is_lua and called_by_c else level.frame


def read_tracebacks(lines: Sequence[str]) -> list[Traceback]:
    """The tracebacks of these lines; else one for a script that could not be compiled."""
    found: list[Traceback] = []
    left = MAX_FRAMES
    for at in islice(_headings(lines), _MAX_TRACEBACKS):
        traceback = _traceback(lines, at, found[-1].end if found else 0, left)
        left -= len(traceback.levels)
        found += [traceback] if traceback.levels else []
    return found or list(_uncompiled(lines))


def _headings(lines: Sequence[str]) -> Iterator[int]:
    """Where levels follow."""
    for at, line in enumerate(lines):
        if line.rstrip().endswith(HEADING) and _is_level(lines[at + 1 : at + 2]):
            yield at


def _is_level(following: Sequence[str]) -> bool:
    return any(parse_level(line) or _COROUTINE.match(line.strip()) for line in following)


def _traceback(lines: Sequence[str], heading: int, earliest: int, left: int) -> Traceback:
    start, message = _message(lines, heading, earliest)
    traceback = Traceback(start, heading + 1, message)
    for at in range(heading + 1, len(lines)):
        level = parse_level(lines[at])
        if level is None and not _COROUTINE.match(lines[at].strip()):
            break
        traceback.levels += [level] if level and len(traceback.levels) < left else []
        traceback.end = at + 1
    return traceback


def _message(lines: Sequence[str], heading: int, earliest: int) -> tuple[int, str | None]:
    """Where the message starts, and the message: from a line with a place on, else the line above the heading."""
    same = lines[heading].strip().removesuffix(HEADING).strip()
    first = max(earliest, heading - _MAX_MESSAGE_LINES)
    for at in range(heading - 1, first - 1, -1):
        placed = _PLACED.match(lines[at])
        if placed:
            return at, "\n".join([placed["message"], *lines[at + 1 : heading]])
        if not lines[at].strip():
            break
    above = lines[heading - 1].strip() if heading > earliest else ""
    above = "" if _NATIVE.search(above) else above
    text = same or _PROGRAM.sub("", above, count=1)
    return (heading - 1 if above and not same else heading), text or None


def _uncompiled(lines: Sequence[str]) -> Iterator[Traceback]:
    """``lua: shop.lua:1: unexpected symbol near '='``: no traceback follows."""
    for at, line in enumerate(lines):
        placed = _PLACED.match(line) if _PROGRAM.match(line) else None
        if placed:
            frame = frame_at(placed["chunk"], int(placed["line"]), None)
            yield Traceback(at, at + 1, placed["message"], [Level(replace(frame, function="main chunk"))])
            return
