r"""One frame of LLDB's ``bt``.

=====================================================================================  =================================
``frame #0: 0x55ca pool`weight(parcel=0x8) at pool.cpp:15:80 [opt]``                   resolved by LLDB
``frame #1: 0x55ca pool`Pool::run() const [inlined] weigh(n=3) at pool.cpp:20:44``     inlined into the next older one
``frame #2: 0x7ffd libc.so.6`start_thread + 709``                                      symbol, and bytes from it
``frame #3: 0x7ffd libc.so.6`___lldb_unnamed_symbol3264 + 123``                        no symbol
``frame #4: 0x7ffd``                                                                   in no image
=====================================================================================  =================================

Source: LLDB's default ``frame-format``.
"""

import re

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.gdb_frames import outermost_groups
from native.crashes.raw_frames import RawFrame, position

_FRAME = re.compile(
    r"[ *]{0,8}frame #(?P<number>[0-9]{1,6}): 0x(?P<address>[0-9a-f]{1,16})"
    r"(?: (?P<image>[^`\n]{1,1000})`(?P<rest>.*))?\s*\Z"
)
_FLAG = re.compile(r" \[(?:opt|artificial|kernel|native)\]\Z")
_INLINED = " [inlined] "
_DISTANCE = re.compile(r" \+ (?P<bytes>[0-9]{1,12})\Z")
_UNNAMED = "___lldb_unnamed_symbol"
_QUALIFIERS = re.compile(r"\) (?:const|volatile|noexcept|&{1,2}| ){1,20}\Z")
_MAX_FLAGS = 4


class LldbFrame(Struct, frozen=True):
    """A frame and its number in the stack; number 0 is the newest call."""

    number: int
    raw: RawFrame


def parse_frame(line: str) -> LldbFrame | None:
    """The frame of one line, None if it is none."""
    match = _FRAME.match(line) if "frame #" in line[:16] else None
    if match is None:
        return None
    raw = RawFrame(address=int(match["address"], 16), image=match["image"])
    return LldbFrame(int(match["number"]), _with_call(raw, match["rest"]) if match["rest"] else raw)


def _with_call(raw: RawFrame, text: str) -> RawFrame:
    text = _without_flags(text)
    _, inlined, inner = text.rpartition(_INLINED)
    raw = replace(raw, inlined=bool(inlined))
    call, place = _split_place(inner)
    if place is None:
        return _at_symbol(raw, call)
    file, line1, column1 = place
    function, arguments = _split_arguments(call)
    notes = {"arguments": arguments} if arguments else {}
    return replace(raw, function=function, file=file, line1=line1, column1=column1, notes=dict(notes))


def _without_flags(text: str) -> str:
    for _ in range(_MAX_FLAGS):
        flag = _FLAG.search(text, max(0, len(text) - 16))
        if flag is None:
            break
        text = text[: flag.start()]
    return text


def _split_place(text: str) -> tuple[str, tuple[str, int, int | None] | None]:
    """The call, and file, line and column behind `` at ``."""
    call, at, place = text.rpartition(" at ")
    file, line1, column1 = position(place)
    return (call, (file, line1, column1)) if at and line1 is not None else (text, None)


def _at_symbol(raw: RawFrame, text: str) -> RawFrame:
    distance = _DISTANCE.search(text, max(0, len(text) - 16))
    name = text[: distance.start()] if distance else text
    if name.startswith(_UNNAMED):
        return raw
    return replace(raw, function=name or None, function_offset=int(distance["bytes"]) if distance else 0)


def _split_arguments(call: str) -> tuple[str, str]:
    """``Pool::wait(this=0x8) const``: function, and words of its arguments."""
    qualifiers = _QUALIFIERS.search(call, max(0, len(call) - 30))
    plain = call[: qualifiers.start() + 1] if qualifiers else call
    groups = (start for start, end in outermost_groups(plain) if end == len(plain))
    opened = next(groups, None)
    return (plain[:opened], plain[opened + 1 : -1]) if opened else (call, "")
