"""The C++ that IL2CPP generated, as a text: its comments say which lines of C# and which method it was made of.

::

    // System.Void Shop.Player::TakeDamage(System.Int32)
    IL2CPP_EXTERN_C IL2CPP_METHOD_ATTR void Player_TakeDamage_m1A2B… (Player_t… * __this, …)
    {
        //<source_info:/shop/Assets/Player.cs:17>

A comment with a line holds until the next one or the end of the function. The file is read once, then asked by line.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from native.il2cpp.line_mapping import MAX_LINE, NO_SOURCE, Place
from native.il2cpp.names import Generated, parse
from native.il2cpp.signatures import Signature, parse_signature

_MARK = "//<source_info:"
_SOURCE = re.compile(r"//<source_info:(?P<path>.{1,2000}):(?P<line>[0-9]{1,10})>")
_END = "}"
"""Closes a function: other brackets are indented."""
_COMMENT, _SCOPE = "// ", "::"
_MAX_HEAD = 2_000


class GeneratedCode:
    """What the comments of one file say."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._starts: list[int] = []
        self._places: list[Place | None] = []
        for number, text in enumerate(lines, 1):
            if _MARK in text[:_MAX_HEAD]:
                self._mark(number, _place(text.strip()))
            elif text.startswith(_END):
                self._mark(number + 1, None)
        self._signatures = _signatures(lines)

    def _mark(self, number: int, place: Place | None) -> None:
        """From a line on (counted from 1), code was made of a line of C#, or nothing is known of it."""
        self._starts.append(number)
        self._places.append(place)

    @property
    def has_places(self) -> bool:
        """Whether it was generated with comments that say lines of C#."""
        return any(self._places)

    def place(self, line: int) -> Place | None:
        """The line of C# that a line of C++ was made of."""
        at = bisect_right(self._starts, line) - 1
        return self._places[at] if at >= 0 else None

    def signature(self, generated: Generated) -> Signature | None:
        """The method that a function was made of."""
        return self._signatures.get(generated.symbol)


def _place(text: str) -> Place | None:
    match = _SOURCE.fullmatch(text)
    if match is None or match["path"] == NO_SOURCE or not 0 < int(match["line"]) < MAX_LINE:
        return None
    return Place(match["path"], int(match["line"]))


def _signatures(lines: Sequence[str]) -> dict[str, Signature]:
    """The methods that comments above functions say, where IL2CPP makes such a function of such a method."""
    found: dict[str, Signature] = {}
    for comment, head in pairwise(lines):
        if comment.startswith(_COMMENT) and _SCOPE in comment[:_MAX_HEAD]:
            generated = parse(head[:_MAX_HEAD].partition("(")[0].rstrip().rpartition(" ")[2])
            signature = parse_signature(comment.removeprefix(_COMMENT))
            if generated and signature and signature.key == generated.key:
                found[generated.symbol] = signature
    return found
