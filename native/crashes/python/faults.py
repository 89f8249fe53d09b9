r"""Dumps of faulthandler: what Python prints when a signal ends it, or when it is asked for every thread.

====================================================================  =============================================
``Fatal Python error: Segmentation fault``                            what happened; also of the interpreter's own
``Windows fatal exception: access violation``                         the same on Windows
``Timeout (0:00:05)!``                                                ``dump_traceback_later``: nothing failed
``Current thread 0x00007f (most recent call first):``                 the thread that the signal came to
``Thread 0x00007f [worker 1] (most recent call first):``              another one, with its name since 3.14
``Stack (most recent call first):``                                   the only stack, of a thread without a number
``  File "/srv/cart.py", line 12 in total``                           call, newest first
``  ...``, ``  <no Python frame>``                                    more calls; none
``Current thread's C stack trace (most recent call first):``          since 3.14, and below it
``  Binary file "/usr/lib/libc.so.6", at +0x3def0 [0x77b73226bef0]``  symbol or bytes from where the file was loaded
``Extension modules: msgspec._core (total: 1)``                       modules in C that are not Python's own
====================================================================  =============================================

A thread with both stacks has the native one as its stack, and Python's beside it. Source: Python/traceback.c and
Modules/faulthandler.c of CPython for the shapes.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.events import PrintedStack, stacktrace
from native.crashes.images import ImageTable
from native.crashes.python.frames import parse_fault_frame
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import signal_mechanism
from native.crashes.trampoline import mark_interruption
from symbolicator.model import JSON, ExceptionValue, Frame, Stacktrace, Thread
from symbolicator.readers.text import MAX_FRAMES

_FATAL = re.compile(r"(?:Fatal Python error|Windows fatal exception): (?P<what>\S.*)\Z")
_THREAD = re.compile(
    r"(?:(?P<current>Current thread|Stack)|Thread)(?: (?P<id>0x[0-9a-f]{1,16}))?(?: \[(?P<name>[^\n]{0,200})\])? "
    r"\(most recent call first\):\Z"
)
_C_STACK = "Current thread's C stack trace (most recent call first):"
_C_CALL = re.compile(
    r'  Binary file "(?P<file>[^\n]*)", at (?P<symbol>[^\n]*?)(?P<sign>[+-])0x(?P<offset>[0-9a-f]{1,16}) '
    r"\[0x(?P<address>[0-9a-f]{1,16})\]\Z"
)
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating-point exception": "SIGFPE",
    "Floating point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
    "Bad system call": "SIGSYS",
}
_MODULES = re.compile(r"Extension modules: (?P<names>[^\n(]*)\(total: ")
_STATE = "Python runtime state: "


class _Stack(Struct):
    """One thread, its calls newest first. ``is_current``: the signal came to it."""

    id: str | None
    name: str | None
    is_current: bool
    frames: list[Frame] = field(default_factory=list)
    native: list[RawFrame] = field(default_factory=list)


class Fault(Struct):
    """What a dump says. ``what``: None for a dump that somebody asked for."""

    what: str | None = None
    stacks: list[_Stack] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    state: str | None = None
    full: bool = False

    @property
    def current(self) -> _Stack | None:
        """The thread that the signal came to."""
        return next((stack for stack in self.stacks if stack.is_current), None)


def is_heading(line: str) -> bool:
    """Whether a thread's calls follow."""
    return line.endswith("(most recent call first):") and _THREAD.match(line) is not None


def read_fault(lines: Sequence[str]) -> Fault | None:
    """The dump in these lines, None if there is none."""
    fault = Fault()
    in_c, left = False, MAX_FRAMES
    for line in lines:
        heading = _THREAD.match(line) if line.endswith(":") else None
        if heading:
            stack = _Stack(heading["id"], heading["name"], bool(heading["current"]))
            fault.stacks.append(stack)
            in_c = False
        elif line == _C_STACK:
            in_c = True
        elif line.startswith("  "):
            left -= _take_call(fault, line, in_c=in_c) if left else 0
        else:
            _take_words(fault, line)
    fault.full = not left
    return fault if fault.what or any(stack.frames or stack.native for stack in fault.stacks) else None


def _take_call(fault: Fault, line: str, *, in_c: bool) -> int:
    stack = (fault.current if in_c else None) or (fault.stacks[-1] if fault.stacks else None)
    frame = parse_fault_frame(line)
    native = _C_CALL.match(line) if in_c else None
    if stack and frame and not in_c:
        stack.frames.append(frame)
    elif stack and native:
        stack.native.append(_native(native))
    else:
        return 0
    return 1


def _native(match: re.Match[str]) -> RawFrame:
    offset = int(match["offset"], 16) * (1 if match["sign"] == "+" else -1)
    raw = RawFrame(image=match["file"], address=int(match["address"], 16))
    if match["symbol"]:
        return replace(raw, function=match["symbol"], function_offset=offset)
    return replace(raw, image_offset=offset)


def _take_words(fault: Fault, line: str) -> None:
    fatal, modules = _FATAL.match(line), _MODULES.match(line)
    if fatal:
        fault.what = fault.what or fatal["what"]
    elif modules:
        fault.modules = [name.strip() for name in modules["names"].split(",") if name.strip()]
    elif line.startswith(_STATE):
        fault.state = line.removeprefix(_STATE)


def image_table(fault: Fault) -> ImageTable:
    """The binaries that the C stack names."""
    return ImageTable(raw for stack in fault.stacks for raw in stack.native)


def exception_of(fault: Fault, table: ImageTable) -> ExceptionValue | None:
    """What ended the process; the stack stays with the thread where that has a number."""
    if fault.what is None:
        return None
    signal = _SIGNALS.get(fault.what)
    current = fault.current
    told: dict[str, JSON] = {"extension_modules": list[JSON](fault.modules)} if fault.modules else {}
    told |= {"runtime_state": fault.state} if fault.state else {}
    return ExceptionValue(
        type=signal or "Fatal Python error",
        value=fault.what,
        thread_id=current.id if current else None,
        mechanism=signal_mechanism(signal, told),
        stacktrace=_python(current) or _in_c(current, table) if current and current.id is None else None,
    )


def threads_of(fault: Fault, table: ImageTable) -> Iterator[Thread]:
    """The threads, the current one first; one without number and name is the exception's own stack."""
    for stack in sorted(fault.stacks, key=lambda stack: not stack.is_current):
        if stack.id is None and fault.what is not None and stack.is_current:
            continue
        native, python = _in_c(stack, table), _python(stack)
        yield Thread(
            id=stack.id,
            name=stack.name,
            crashed=True if stack.is_current and fault.what else None,
            current=True if stack.is_current else None,
            stacktrace=native or python,
            vm_stacktrace=python if native else None,
        )


def _python(stack: _Stack) -> Stacktrace | None:
    return Stacktrace(frames=tuple(reversed(stack.frames))) if stack.frames else None


def _in_c(stack: _Stack, table: ImageTable) -> Stacktrace | None:
    """The native stack, which the signal's handler took; its frames say so, as the event is one of Python."""
    native = stacktrace(PrintedStack(mark_interruption(stack.native, signalled=True)), table)
    if native is None:
        return None
    return replace(native, frames=tuple(replace(frame, platform="native") for frame in native.frames))
