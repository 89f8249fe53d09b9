r"""What a thread does in Python, where a gdb session has ``py-bt`` or ``py-bt-full`` too.

========================================================================  =========================================
``Traceback (most recent call first):``                                   what ``py-bt`` begins with
``  File "/srv/shop.py", line 35, in check``, ``    return lose()``       call, newest first; its source below it
``  <built-in method lose of module object at remote 0x7ffff7c47ba0>``    C that the call below it has called
``#5 Frame 0x7fb5290, for file /srv/shop.py, line 35, in check (n=1)``    ``py-bt-full``: the number is gdb's own
``#2 <built-in method lose of module object at remote 0x7ffff7c47ba0>``   C again
========================================================================  =========================================

Calls of the one number were run by the same native frame. Of ``py-bt`` it is known where C was called, so that what is
newer than that was entered from C. Source: Tools/gdb/libpython.py of CPython.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.gdb_views import with_crashed_thread
from native.crashes.python.frames import frame_at, parse_frame
from symbolicator.model import Event, Frame, Stacktrace, Thread, Values
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

START = "Traceback (most recent call first):"
_THREAD = re.compile(r"(?:\[Current thread is |\[Switching to thread |Thread )(?P<id>[0-9]{1,9}) \(")
_NUMBERED = re.compile(
    r"#(?P<number>[0-9]{1,6}) (?:Frame 0x[0-9a-f]{1,16}, for file (?P<file>[^\n]{1,1000}?), line (?P<line>[0-9]{1,9}), "
    r"in (?P<function>\S{1,1000}) \(|<built-in )"
)
_CALL_OF_C = ("  <built-in ", "  <method-wrapper ")


class _Stack(Struct):
    """Calls of one thread, newest first. ``number``: the native frame that ran the last one."""

    frames: list[Frame] = field(default_factory=list)
    number: int | None = None

    def enter(self) -> None:
        """The oldest call so far was entered from native code."""
        if self.frames:
            self.frames[-1] = with_data(self.frames[-1], is_entry=True)

    def stacktrace(self) -> Stacktrace:
        """The stack from caller to callee; its oldest call was entered from native code too."""
        self.enter()
        return Stacktrace(frames=tuple(reversed(self.frames)))


def with_python(event: Event, lines: Sequence[str]) -> Event:
    """The event with Python's calls beside the native ones of the same threads."""
    stacks = _stacks(lines)
    if not stacks:
        return event
    event, threads = with_crashed_thread(event)
    return replace(event, threads=Values(values=tuple(_joined(thread, stacks) for thread in threads)))


def _joined(thread: Thread, stacks: Mapping[int | str | None, _Stack]) -> Thread:
    stack = stacks.get(thread.id) or (stacks.get(None) if thread.current else None)
    return replace(thread, vm_stacktrace=stack.stacktrace()) if stack else thread


def _stacks(lines: Sequence[str]) -> dict[int | str | None, _Stack]:
    """By gdb's number of the thread, None where gdb has not named one; numbered calls tell more than others."""
    plain: dict[int | str | None, _Stack] = {}
    numbered: dict[int | str | None, _Stack] = {}
    thread: int | None = None
    inside: _Stack | None = None
    left = MAX_FRAMES
    for line in lines:
        heading, call = _THREAD.match(line), _NUMBERED.match(line)
        if heading:
            thread = int(heading["id"])
        if line == START:
            inside = plain[thread] = _Stack()
        elif call and left:
            inside = numbered.setdefault(thread, _Stack())
            left -= _take_numbered(inside, call)
        elif inside and left and line.startswith("  "):
            left -= _take(inside, line)
        else:
            inside = None
    return {number: stack for number, stack in (plain | numbered).items() if stack.frames}


def _take(stack: _Stack, line: str) -> int:
    frame = parse_frame(line)
    if frame:
        stack.frames.append(frame)
    elif line.startswith(_CALL_OF_C):
        stack.enter()
    elif stack.frames and stack.frames[-1].context_line is None:
        stack.frames[-1] = replace(stack.frames[-1], context_line=line.strip() or None)
    return 1 if frame else 0


def _take_numbered(stack: _Stack, call: re.Match[str]) -> int:
    number = int(call["number"])
    if call["file"] is None:
        return 0
    if number != stack.number:
        stack.enter()
    stack.number = number
    stack.frames.append(frame_at(call["file"], int(call["line"]), call["function"]))
    return 1
