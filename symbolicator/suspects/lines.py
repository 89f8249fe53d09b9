"""Where a frame's source line is in the file as it was at some revision.

A line number fits the very build that crashed. If the revision is another one, the line's text, where the frame has
it, tells how far it moved.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from symbolicator.model import Frame

MAX_SHIFT = 20
"""Lines up and down in which a moved line is looked for."""
_MIN_CUT = 80
"""Reports cut long lines: from this many characters on the beginning is enough."""
_MIN_TELLING = 4
"""Letters and digits that a line must have to be looked for elsewhere: a brace is everywhere."""

Match: TypeAlias = Literal["same text", "shifted", "unverified", "other text"]


class Located(Struct, frozen=True):
    """A 1-based line and how it compares with the frame's text."""

    line: int
    match: Match


def locate(frame: Frame, lines: Sequence[str]) -> Located | None:
    """The frame's line in the file; None if the file has no such line, and no other with its text nearby."""
    number = frame.lineno or 0
    is_there = 1 <= number <= len(lines)
    if not (frame.context_line or "").strip():
        return Located(number, "unverified") if is_there else None
    if is_there and _is_same(frame.context_line, lines[number - 1]):
        return Located(number, "same text")
    moved = _moved(frame, number, lines)
    if moved:
        return Located(moved, "shifted")
    return Located(number, "other text") if is_there else None


def _moved(frame: Frame, number: int, lines: Sequence[str]) -> int | None:
    """The one line nearby with the frame's text: if there are several, that with most of the lines around it."""
    if sum(map(str.isalnum, frame.context_line or "")) < _MIN_TELLING:
        return None
    around = range(max(1, number - MAX_SHIFT), min(len(lines), number + MAX_SHIFT) + 1)
    found = [at for at in around if _is_same(frame.context_line, lines[at - 1])]
    ranked = sorted(((_agreeing(frame, at, lines), -abs(at - number)), at) for at in found)
    if not ranked or (len(ranked) > 1 and ranked[-1][0] == ranked[-2][0]):
        return None
    return ranked[-1][1]


def _agreeing(frame: Frame, at: int, lines: Sequence[str]) -> int:
    """How many of the lines around the frame's line stand around ``at`` too."""
    return sum(_is_same(text, lines[line - 1]) for line, text in _around(frame, at) if 1 <= line <= len(lines))


def _around(frame: Frame, at: int) -> Iterator[tuple[int, str]]:
    before, after = frame.pre_context or (), frame.post_context or ()
    yield from ((at - len(before) + offset, text) for offset, text in enumerate(before[-MAX_SHIFT:], _skipped(before)))
    yield from ((at + 1 + offset, text) for offset, text in enumerate(after[:MAX_SHIFT]))


def _skipped(before: Sequence[str]) -> int:
    return max(0, len(before) - MAX_SHIFT)


def _is_same(text: str | None, line: str) -> bool:
    """Equal but for spaces, or the beginning of it where the report cut it."""
    wanted, found = "".join((text or "").split()), "".join(line.split())
    wanted = wanted.removesuffix("{snip}").removesuffix("…")
    return wanted == found or (len(wanted) >= _MIN_CUT and found.startswith(wanted))
