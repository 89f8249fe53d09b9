"""The frames of Python's threads, by the id that the kernel gives each thread.

>>> python = read_python(memory, images)
>>> python.stacks[4711].frames[-1].function
'Cart.total'

Source: CPython's ``_PyInterpreterFrame_LASTI`` (Include/internal/pycore_frame.h).
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from msgspec import Struct, field

from native.crashes.elfcore.cpython.calls import MAX_DEPTH, Call, calls_of
from native.crashes.elfcore.cpython.linetable import Position, position
from native.crashes.elfcore.cpython.objects import Code, Objects
from native.crashes.elfcore.cpython.runtime import MAX_THREADS, Runtime, find_runtime, threads
from native.crashes.elfcore.memory import Memory
from symbolicator.model import AbsoluteAddress, DebugImage, Frame, FrameData, FrameStatus, Stacktrace
from symbolicator.readers.text import MAX_FRAMES

MAX_LINES: Final = 8 << 20
"""Bytes of tables of lines that are gone through, over all frames."""
_TAGS = 3
"""Lowest bits of a reference to a code object that are no part of its address (since 3.14)."""
_UNIT = 2


class Python(Struct, frozen=True):
    """An interpreter of the process. ``cut``: ids of threads of which there are more frames than these.

    ``stacks`` are by the ids of their threads.
    """

    version: str
    stacks: dict[int, Stacktrace] = field(default_factory=dict)
    cut: Sequence[int] = ()


def read_python(memory: Memory, images: Sequence[DebugImage]) -> Python | None:
    """The stacks of the interpreter that ran; None if there was none, or none that can be read."""
    runtime = find_runtime(memory, images)
    return stacks_of(memory, runtime) if runtime else None


def stacks_of(memory: Memory, runtime: Runtime) -> Python:
    """The stacks of one runtime's threads."""
    walker = _Walker(Objects(memory, runtime.layout), runtime)
    stacks: dict[int, Stacktrace] = {}
    for thread in islice(threads(walker.objects, runtime), MAX_THREADS):
        thread_id = walker.objects.word(thread + runtime.layout.thread_native_id)
        if thread_id and thread_id not in stacks and (frames := walker.frames(thread, thread_id)):
            stacks[thread_id] = Stacktrace(frames=frames)
    return Python(runtime.layout.version, stacks, tuple(walker.cut))


class _Walker:
    """Walks the threads of one runtime, and counts what that takes."""

    def __init__(self, objects: Objects, runtime: Runtime) -> None:
        self.objects = objects
        self.cut: list[int] = []
        self._at = runtime.layout
        self._left = MAX_FRAMES
        self._lines_left = MAX_LINES
        self._positions: dict[tuple[int, int], Position | None] = {}

    def frames(self, thread: int, thread_id: int) -> tuple[Frame, ...]:
        """The frames of a thread's state, caller to callee. It is noted if there are more, or one cannot be read."""
        if self._left <= 0:
            self.cut.append(thread_id)
            return ()
        calls, is_whole = calls_of(self.objects, self._at, thread)
        shown = [self._frame(call) for call in calls[: min(MAX_DEPTH, self._left)]]
        readable = shown.index(None) if None in shown else len(shown)
        if readable < len(calls) or not is_whole:
            self.cut.append(thread_id)
        self._left -= max(len(calls), 1)
        return tuple(frame for frame in reversed(shown[:readable]) if frame)

    def _frame(self, call: Call) -> Frame | None:
        executable = self.objects.word(call.frame + self._at.frame_executable)
        code = self.objects.code(executable & ~_TAGS) if executable else None
        if code is None:
            return None
        place = self._position(code, self.objects.word(call.frame + self._at.frame_instruction) or 0)
        record = AbsoluteAddress(call.record) if call.record else None
        return Frame(
            platform="python",
            function=code.qualname,
            filename=code.filename,
            abs_path=code.filename,
            lineno=place.line1 if place else None,
            colno=place.column1 if place else None,
            data=FrameData(status=FrameStatus.AS_IS, is_entry=call.is_entry, stack_pointer=record),
        )

    def _position(self, code: Code, instruction: int) -> Position | None:
        """Before its first instruction a function is where it is defined."""
        if instruction < code.first:
            return Position(code.first_line, None)
        key = (code.first, (instruction - code.first) // _UNIT)
        if key not in self._positions and self._lines_left > 0:
            self._lines_left -= len(code.lines)
            self._positions[key] = position(code.lines, code.first_line, key[1])
        return self._positions.get(key)
