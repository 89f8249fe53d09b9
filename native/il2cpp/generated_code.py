"""The C++ that IL2CPP generated, as a text: its comments say which lines of C# and which method it was made of.

::

    // System.Void Shop.Player::TakeDamage(System.Int32)
    IL2CPP_EXTERN_C IL2CPP_METHOD_ATTR void Player_TakeDamage_m1A2B… (Player_t… * __this, …)
    {
        //<source_info:/shop/Assets/Player.cs:17>

A comment with a line holds until the next one or the end of the function.
"""

import re
from collections.abc import Iterator, Sequence

from native.il2cpp.line_mapping import MAX_LINE, NO_SOURCE, Place
from native.il2cpp.names import Generated
from native.il2cpp.signatures import Signature, parse_signature

_SOURCE = re.compile(r"\s{0,100}//<source_info:(?P<path>.{1,2000}):(?P<line>[0-9]{1,10})>\s*\Z")
_MARK = "//<source_info:"
_END = "}"
"""Closes a function: other brackets are indented."""
_COMMENT = "// "
MAX_FUNCTION = 20_000
"""In lines."""


def find_place(lines: Sequence[str], line: int) -> Place | None:
    """The line of C# that a line of C++ (from 1) was made of."""
    match = next((found for text in _above(lines, line) if (found := _SOURCE.match(text))), None)
    if match is None or match["path"] == NO_SOURCE or not 0 < int(match["line"]) < MAX_LINE:
        return None
    return Place(match["path"], int(match["line"]))


def has_places(lines: Sequence[str]) -> bool:
    """Whether the code was generated with comments that say lines of C#."""
    return any(_MARK in text for text in lines)


def find_signature(lines: Sequence[str], line: int, generated: Generated) -> Signature | None:
    """The method that a function was made of, as the comment above its head says."""
    above = list(_above(lines, line))
    heads = (at for at, text in enumerate(above) if generated.symbol in text and not text.startswith((" ", "\t")))
    comments = (above[at + 1] for at in heads if at + 1 < len(above))
    told = (parse_signature(text.removeprefix(_COMMENT)) for text in comments if text.startswith(_COMMENT))
    return next((signature for signature in told if signature and signature.key == generated.key), None)


def _above(lines: Sequence[str], line: int) -> Iterator[str]:
    """The lines from one upwards to the end of the function before."""
    for at in range(min(line, len(lines)) - 1, max(line - MAX_FUNCTION, 0) - 1, -1):
        if lines[at].startswith(_END) and at != line - 1:
            return
        yield lines[at]
