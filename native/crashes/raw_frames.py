"""One call as a report prints it, before its image is known."""

from collections.abc import Sequence
from itertools import zip_longest

from msgspec import Struct, field
from msgspec.structs import replace

from symbolicator.model import JSON, AsyncCall


class RawFrame(Struct, frozen=True):
    """``address`` is absolute as printed, ``image_offset`` relative to the load bias of ``image``; both in bytes.

    ``line1`` and ``column1`` are 1-based. ``adjust``: whether the address is a return address; None: the stack's rule.
    """

    function: str | None = None
    function_offset: int | None = None
    image: str | None = None
    image_offset: int | None = None
    address: int | None = None
    build_id: str | None = None
    arch: str | None = None
    file: str | None = None
    line1: int | None = None
    column1: int | None = None
    inlined: bool = False
    machinery: str | None = None
    adjust: bool | None = None
    async_call: AsyncCall | None = None
    notes: dict[str, JSON] = field(default_factory=dict)
    variables: dict[str, JSON] = field(default_factory=dict)


def mark_inlined(frames: Sequence[RawFrame]) -> list[RawFrame]:
    """The frames (newest first); one that shares its address with the next older call was inlined into that.

    Except if both are calls of one function: that is recursion.
    """
    pairs = zip_longest(frames, frames[1:])
    return [replace(frame, inlined=frame.inlined or _shares(frame, older)) for frame, older in pairs if frame]


def _shares(frame: RawFrame, older: RawFrame | None) -> bool:
    if older is None or frame.function == older.function:
        return False
    if frame.address is None:
        return frame.image_offset is not None and (frame.image, frame.image_offset) == (older.image, older.image_offset)
    return frame.address == older.address


def position(text: str) -> tuple[str, int | None, int | None]:
    """``src/main.rs:4:5``: file, line and column (1-based; None where the text has none)."""
    numbers: list[int] = []
    rest = text
    for _ in range(2):
        head, colon, tail = rest.rpartition(":")
        if not colon or not head or not (tail.isascii() and tail.isdigit() and len(tail) <= _MAX_DIGITS):
            break
        numbers.insert(0, int(tail))
        rest = head
    line, column = (*numbers, None, None)[:2]
    return rest, line or None, column or None


_MAX_DIGITS = 10


def last_group(text: str) -> int | None:
    """Index of the parenthesis that the last character of ``text``, a closing one, belongs to; None if it is none."""
    if not text.endswith(")"):
        return None
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] == ")") - (text[index] == "(")
        if depth == 0:
            return index
    return None
