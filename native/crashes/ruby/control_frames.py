r"""Ruby's frames in a crash report: control frames, and the backtrace that names their methods.

====================================================================  =============================================
``c:0013 p:0019 s:0055 e:000054 BLOCK  shop.rb:23 [FINISH]``          newest first; kind, place
``c:0012 p:---- s:0052 e:000051 CFUNC  :guard``                       a method that is written in C, by its name
``c:0006 p:-117956 s:0035 e:000034 TOP    [FINISH]``                  the start of an extension: ``Init_relay``
``shop.rb:23:in `block in discount'``                                 the other section, oldest first
====================================================================  =============================================

``FINISH`` tells that C entered Ruby with that call, by `rb_vm_exec`. A ``CFUNC``, an ``IFUNC`` (a block that is written
in C) and the start of an extension stand for C functions, which are on the native stack too. The backtrace has no
``IFUNC``, and since 3.4 gives Ruby's own frames the place of their caller. Source: control_frame_dump in vm_dump.c.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.ruby.frames import PLATFORM, parse_place
from symbolicator.model import Frame, FrameData

_FRAME = re.compile(
    r"c:(?P<number>[0-9]{1,9})(?: [a-zA-Z]:\S{1,24}){1,6} (?P<kind>[A-Z]{3,6}|------|\(none\)) {0,8}"
    r"(?P<place>[^\n]{0,400}?)(?P<finish> ?\[FINISH\])?\s*\Z"
)
_NATIVE = frozenset({"CFUNC", "IFUNC"})
_PLACEHOLDERS = frozenset({"------", "(none)"})
_CUT = 120
"""Characters of a place from which on it may be cut: Ruby keeps 127 bytes of it."""


class ControlFrame(Struct, frozen=True):
    """``kind`` as in the report; ``place`` is ``file:line``, or the name of a method in C."""

    kind: str
    place: str
    is_finish: bool

    @property
    def is_native(self) -> bool:
        """Whether a function in C does the work."""
        return self.kind in _NATIVE or self._is_start_of_extension

    @property
    def is_entry(self) -> bool:
        """Whether `rb_vm_exec` was called for it."""
        return self.is_finish and not self.is_native

    @property
    def is_internal(self) -> bool:
        """Whether it is Ruby's own code in Ruby."""
        return self.place.startswith("<internal:")

    @property
    def _is_start_of_extension(self) -> bool:
        return self.kind == "TOP" and not self.place


def parse_control_frame(line: str) -> ControlFrame | None:
    """The control frame of a line, None if it is none."""
    match = _FRAME.match(line)
    return ControlFrame(match["kind"], match["place"].strip(), bool(match["finish"])) if match else None


def frames_of(control: Sequence[ControlFrame], backtrace: Sequence[Frame]) -> tuple[Frame, ...]:
    """Both sections as one stack, from caller to callee: ``control`` is newest first, ``backtrace`` oldest first."""
    calls = [one for one in reversed(control) if one.kind not in _PLACEHOLDERS]
    return tuple(_named(calls, backtrace)) if calls else tuple(backtrace)


def _named(calls: Sequence[ControlFrame], backtrace: Sequence[Frame]) -> Iterator[Frame]:
    """Each call with its name, where the next one of the backtrace is the same."""
    waiting = iter(backtrace)
    caller, listed = None, next(waiting, None)
    for call in calls:
        if listed is not None and _is_same(call, listed, caller):
            yield _frame(call, listed)
            caller, listed = listed, next(waiting, None)
        else:
            yield _frame(call, None)


def _is_same(call: ControlFrame, listed: Frame, caller: Frame | None) -> bool:
    """``caller``: the older call in the backtrace, whose place Ruby's own code has since 3.4."""
    if call.kind == "CFUNC":
        return bool(listed.function) and (listed.function or "").endswith(call.place.removeprefix(":"))
    if call.is_native or not call.place:
        return False
    place = f"{listed.filename}:{listed.lineno}"
    if call.is_internal and caller:
        is_block = (listed.function or "").startswith("block ")
        return place in (call.place, f"{caller.filename}:{caller.lineno}") and is_block == (call.kind == "BLOCK")
    return place == call.place or (len(call.place) >= _CUT and place.startswith(call.place))


def _frame(call: ControlFrame, listed: Frame | None) -> Frame:
    data = FrameData(is_entry=call.is_entry, is_native=call.is_native, extra={"control_frame": call.kind})
    function = listed.function if listed else None
    if call.is_native:
        name = function or call.place.removeprefix(":") or _NAMELESS[call.kind]
        return Frame(platform=PLATFORM, function=name, in_app=False, data=data)
    if listed and not call.is_internal:
        return replace(listed, data=data)
    own = parse_place(call.place) or Frame(platform=PLATFORM, filename=call.place or None)
    return replace(own, function=function, data=data)


_NAMELESS = {"CFUNC": "<method in C>", "IFUNC": "<block in C>", "TOP": "<start of extension>"}
