"""One frame of gdb's ``backtrace``, put together from the lines that gdb wrapped it to.

==========================================================================  ===========================================
``#0  0x000055d1 in shop::total (order=0x0, n=2) at src/order.cpp:28``      resolved by gdb
``#1  shop::sum (…) at src/order.h:33``                                     no address: the one above is inlined into it
``#2  0x00007f3b in ?? () from /lib/libfoo.so``                             nothing known but the library
``#3  <signal handler called>``                                             the signal's trampoline
==========================================================================  ===========================================

C++ names hold spaces and parentheses, arguments hold strings: the arguments are the last outermost parentheses that
follow a space and end the line or come before `` at `` or `` from ``. Source: gdb's stack.c, print_frame.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from native.crashes.raw_frames import RawFrame, position
from native.crashes.trampoline import MACHINERY

SIGNAL_HANDLER_CALLED = "<signal handler called>"
_FRAME = re.compile(r"#(?P<number>[0-9]{1,6}) +(?:0x(?P<address>[0-9a-f]{1,16}) (?:\[PAC\] )?in )?(?P<rest>\S.*)\Z")
_MARKS = re.compile(r"[()\"\\']")
_CHARACTER = re.compile(r"'(?:\\.{1,5}|[^'\\])'")
_MARKER = re.compile(r"<[a-z][a-z ]{0,60}>\Z")


class GdbFrame(Struct, frozen=True):
    """A frame and its number in the stack; number 0 is the newest call."""

    number: int
    raw: RawFrame


def starts_frame(line: str) -> bool:
    """Whether a frame may start on this line."""
    return line.startswith("#") and _FRAME.match(line) is not None


def parse_frame(text: str) -> GdbFrame | None:
    """The frame of a whole (unwrapped) line, None if it is none."""
    match = _FRAME.match(text)
    if match is None:
        return None
    number, rest = int(match["number"]), match["rest"].rstrip()
    if _MARKER.match(rest):
        called = rest == SIGNAL_HANDLER_CALLED
        return GdbFrame(number, RawFrame(function=rest, machinery=MACHINERY if called else None))
    address = int(match["address"], 16) if match["address"] else None
    call = _split_call(rest)
    if call is None or (address is None and not call.place):
        return None
    return GdbFrame(number, _raw_frame(call, address))


class _Call(Struct, frozen=True):
    function: str
    arguments: str
    place: str


def _raw_frame(call: _Call, address: int | None) -> RawFrame:
    file, line, column = (
        position(call.place.removeprefix(" at ")) if call.place.startswith(" at ") else (None, None, None)
    )
    return RawFrame(
        function=None if call.function == "??" else call.function,
        image=call.place.removeprefix(" from ") if call.place.startswith(" from ") else None,
        address=address,
        file=file,
        line1=line,
        column1=column,
        notes={"arguments": call.arguments.strip()} if call.arguments.strip() else {},
    )


def _split_call(text: str) -> _Call | None:
    """Function, arguments and what follows them."""
    found: tuple[int, int] | None = None
    for start, end in outermost_groups(text):
        if text[start - 1 : start] == " " and (end == len(text) or text.startswith((" at ", " from "), end)):
            found = start, end
    if found is None:
        return None
    start, end = found
    return _Call(text[: start - 1], text[start + 1 : end - 1], text[end:])


def outermost_groups(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the outermost parentheses, without those in strings and characters of the arguments."""
    depth = start = 0
    quoted = False
    skip_to = 0
    for mark in _MARKS.finditer(text):
        at, sign = mark.start(), mark[0]
        if at < skip_to:
            continue
        if sign == "\\":
            skip_to = at + 2
        elif sign == '"':
            quoted = depth > 0 and not quoted
        elif quoted:
            continue
        elif sign == "'":
            constant = _CHARACTER.match(text, at) if depth else None
            skip_to = constant.end() if constant else at + 1
        elif sign == "(":
            start = start if depth else at
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield start, at + 1
