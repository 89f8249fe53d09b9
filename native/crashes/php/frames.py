r"""Calls of PHP's stack traces, and whose code they are.

====================================================================  =============================================
``#0 /srv/till.php(11): Shop\Till->total()``                          what was called, and where it was called
``#1 [internal function]: Shop\{closure}(Array, 'a long te...')``     PHP itself called it
``#2 {main}``                                                         the file that was run
====================================================================  =============================================

A place is the caller's: a call goes with the place of the line above it, the newest one with that of the exception.
Source: zend_exceptions.c (smart_str_append_backtrace).
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from symbolicator.model import Frame

PLATFORM = "php"
_CALL = re.compile(
    r"#[0-9]{1,6} (?:(?P<internal>\[internal function\])|(?P<file>[^\n]{1,2000}?)\((?P<line>[0-9]{1,9})\)): "
    r"(?P<function>[\w\\{}:$@.\x80-\U0010ffff/>-]{1,1000}?)(?P<arguments>\([^\n]{0,60000}\))?\s*\Z"
)
_MAIN = re.compile(r"#[0-9]{1,6} (?P<function>\{main\})\s*\Z")


class Place(Struct, frozen=True):
    """``line1`` is 1-based; a call by PHP itself has no place."""

    file: str | None
    line1: int | None


class Call(Struct, frozen=True):
    """``function``: None where the trace does not come to it. ``called_at``: None for the file that was run."""

    function: str | None
    called_at: Place | None
    arguments: str = "()"


def parse_call(line: str) -> Call | None:
    """The call of a line, None if it is none."""
    if not line.startswith("#"):
        return None
    main, match = _MAIN.match(line), _CALL.match(line)
    if main:
        return Call(main["function"], None)
    if match is None:
        return None
    place = Place(None, None) if match["internal"] else Place(match["file"], int(match["line"]) or None)
    return Call(match["function"].replace("\\\\", "\\"), place, match["arguments"] or "()")


def frames_of(thrown: Place, calls: Sequence[Call]) -> tuple[Frame, ...]:
    """The stack from caller to callee. ``calls`` are newest first; ``thrown``: where the exception was made."""
    places = [thrown, *(call.called_at or Place(None, None) for call in calls)]
    is_whole = bool(calls) and calls[-1].called_at is None
    known = calls if is_whole else [*calls, Call(None, None)]
    return tuple(_frame(call, place) for call, place in zip(known, places, strict=False))[::-1]


def _frame(call: Call, place: Place) -> Frame:
    return Frame(
        platform=PLATFORM,
        function=call.function,
        raw_function=f"{call.function}{call.arguments}" if call.arguments != "()" else None,
        filename=place.file,
        abs_path=place.file,
        lineno=place.line1,
        in_app=False if place.file is None else None,
    )
