r"""Calls of C in Ruby's crash report, newest first.

====================================================================  =============================================
``/lib/libruby-3.1.so.3.1(rb_vm_exec+0xb3) [0x7f]``                   symbol and bytes from its start, address
``/opt/ruby/bin/ruby(sigsegv+0x4b) [0x7f] signal.c:964``              with debug information: file and line
``/opt/ruby/bin/ruby(rb_vm_bugreport) vm_dump.c:1080``                without address: the call above is inlined here
``/lib/libruby.so.2.5(0xabb84) [0x7f]``, ``…(+0xabb84) [0x7f]``       bytes from the load bias
``/lib/libruby-3.1.so.3.1(0x7f) [0x7f]``, ``/lib/libc.so [0x7f]``     nothing but the address
``[0x7f]``                                                            not even the image
``33  ruby  0x00000001053d6fb7 vm_exec_core + 9543``                  macOS
====================================================================  =============================================

Source: rb_dump_backtrace_with_lines in addr2line.c, rb_print_backtrace in vm_dump.c.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.raw_frames import RawFrame, last_group
from native.crashes.trampoline import MACHINERY, mark_interruption

_CALL = re.compile(
    r"(?P<place>[^\[\]\n]{0,4000}?) ?\[0x(?P<address>[0-9a-fA-F]{1,16})\]"
    r"(?: (?P<file>[^\n]{1,2000}):(?P<line>[0-9]{1,9}))?\s*\Z"
)
_OUTER = re.compile(
    r"(?P<image>[^\n(]{1,4000})\((?P<function>[^()\n]{1,1000})\) (?P<file>[^\n]{1,2000}):(?P<line>[0-9]{1,9})\s*\Z"
)
_APPLE = re.compile(
    r"[0-9]{1,4} {1,3}(?P<image>\S[^\n]{0,200}?) {1,40}0x(?P<address>[0-9a-f]{8,16}) "
    r"(?P<function>\S[^\n]{0,1000}?) \+ (?P<offset>[0-9]{1,10})\Z"
)
_INSIDE = re.compile(r"(?:(?P<symbol>[^\n+]{1,1000}?)(?=\+))?(?P<sign>\+)?0x(?P<offset>[0-9a-f]{1,16})\Z")
_NO_FILE = "(null)"


def parse_native_frame(line: str, newer: RawFrame | None) -> RawFrame | None:
    """The call of a line, None if it is none. ``newer``: the call of the line above."""
    call, apple = _CALL.match(line), _APPLE.match(line)
    if call:
        return _call(call)
    if apple:
        offset = int(apple["offset"])
        address = int(apple["address"], 16)
        return RawFrame(function=apple["function"], function_offset=offset, image=apple["image"], address=address)
    outer = _OUTER.match(line)
    return _outer(outer, newer) if outer and newer else None


def _call(match: re.Match[str]) -> RawFrame:
    raw = RawFrame(address=int(match["address"], 16))
    if match["file"] and match["file"] != _NO_FILE:
        raw = replace(raw, file=match["file"], line1=int(match["line"]) or None)
    place = match["place"]
    opened = last_group(place)
    if opened is None:
        return replace(raw, image=place or None)
    inside = _INSIDE.match(place[opened + 1 : -1])
    raw = replace(raw, image=place[:opened] or None)
    return _placed(raw, inside) if inside else raw


def _placed(raw: RawFrame, inside: re.Match[str]) -> RawFrame:
    offset = int(inside["offset"], 16)
    if inside["symbol"]:
        return replace(raw, function=inside["symbol"], function_offset=offset)
    return raw if offset == raw.address else replace(raw, image_offset=offset)


def _outer(match: re.Match[str], newer: RawFrame) -> RawFrame | None:
    """The function that the newer call was inlined into; None where Ruby knows its place as little as before."""
    if match["file"] == _NO_FILE:
        return None
    line1 = int(match["line"]) or None
    return RawFrame(
        function=match["function"], image=match["image"], address=newer.address, file=match["file"], line1=line1
    )


def with_interruption(frames: Sequence[RawFrame], pointer: int | None) -> list[RawFrame]:
    """The calls with those of the signal handler marked: all that are newer than the instruction pointer."""
    at = next((index for index, raw in enumerate(frames) if pointer is not None and raw.address == pointer), None)
    if at is None:
        return mark_interruption(frames, signalled=False)
    handler = [replace(raw, machinery=MACHINERY) for raw in frames[:at]]
    exact = [replace(raw, adjust=False) if raw.address == pointer else raw for raw in frames[at:]]
    return [*handler, *exact]
