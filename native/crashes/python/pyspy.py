r"""What ``py-spy dump`` prints of a process that hangs.

================================================  ==================================================================
``Process 4242: /usr/bin/python3 shop.py``        the process, ``Python v3.11.2 (/usr/bin/python3.11)`` below it
``Thread 4250 (active+gil): "worker 1"``          thread, what it does, its name
``    Cart.total (shop/cart.py:12)``              call, newest first
``    PyObject_Call (python3.11)``                call in C (``--native``)
``    relay_pass (src/relay.c:20)``               the same with its line
``    0x7fa3ca3f824a (libc.so.6)``                the same without a symbol
``        Locals:``, ``            order: 7``     variables (``--locals``)
================================================  ==================================================================

Nothing failed: there is no exception. The thread that holds the interpreter's lock is the current one.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.python.frames import PLATFORM
from symbolicator.model import Frame, ReportedAddress, Stacktrace, Thread
from symbolicator.readers.text import MAX_FRAMES

if TYPE_CHECKING:
    from symbolicator.model import JSON

_VERSION = re.compile(r"Python v(?P<version>[0-9][\w.+-]{0,40}) \(")
_THREAD = re.compile(
    r"Thread (?P<id>[0-9]{1,19}|0x[0-9A-Fa-f]{1,16}) \((?P<state>[a-z+]{1,40})\)(?:: \"(?P<name>[^\n]{0,200})\")?\Z"
)
_CALL = re.compile(r" {4}(?P<function>\S.*?) \((?P<file>[^()\n]{1,1000}):(?P<line>[0-9]{1,9})\)\Z")
_NATIVE = re.compile(r" {4}(?:0x(?P<address>[0-9a-f]{1,16})|(?P<function>\S.*?)) \((?P<image>[^()\n]{1,1000})\)\Z")
_VARIABLE = re.compile(r" {12}(?P<name>[^\W\d]\w{0,200}): (?P<value>.*)\Z")
_HOLDS_THE_LOCK = "+gil"
_COMPILED = re.compile(r"\.(?:[chSsm]|cc|cpp|cxx|hh|hpp|hxx|inl|mm|rs|go|f|f90|pyx|pxd|swift|zig)\Z")


class Dump(Struct):
    """The threads of a process, and the version of its interpreter."""

    threads: list[Thread] = field(default_factory=list)
    version: str | None = None
    full: bool = False


def is_heading(line: str) -> bool:
    """Whether a thread's calls follow."""
    return _THREAD.match(line) is not None


def read_dump(lines: Sequence[str]) -> Dump | None:
    """The dump in these lines, None if there is none."""
    dump = Dump()
    calls: list[list[Frame]] = []
    left = MAX_FRAMES
    for line in lines:
        heading = _THREAD.match(line)
        if heading:
            dump.threads.append(_thread(heading))
            calls.append([])
        elif calls and line.startswith("    "):
            left -= _take(calls[-1], line) if left else 0
        else:
            version = _VERSION.match(line)
            dump.version = version["version"] if version else dump.version
    dump.threads = [_with_stack(*pair) for pair in zip(dump.threads, calls, strict=True)]
    dump.full = not left
    return dump if any(calls) else None


def _thread(heading: re.Match[str]) -> Thread:
    state, name = heading["state"], heading["name"]
    return Thread(
        id=int(heading["id"], 0),
        name=name,
        state=state,
        current=True if state.endswith(_HOLDS_THE_LOCK) else None,
        main=True if name == "MainThread" else None,
    )


def _with_stack(thread: Thread, frames: list[Frame]) -> Thread:
    return replace(thread, stacktrace=Stacktrace(frames=tuple(reversed(frames)))) if frames else thread


def _take(frames: list[Frame], line: str) -> int:
    """Reads a line below a thread's heading; how many calls it was."""
    call, native, variable = _CALL.match(line), _NATIVE.match(line), _VARIABLE.match(line)
    if call:
        frames.append(_python(call))
    elif native:
        frames.append(_in_c(native))
    elif variable and frames:
        known = frames[-1].extra.get("vars")
        values: dict[str, JSON] = known if isinstance(known, dict) else {}
        values[variable["name"]] = variable["value"]
        frames[-1] = replace(frames[-1], extra={"vars": values})
    return 1 if call or native else 0


def _python(call: re.Match[str]) -> Frame:
    """A call with a line: of Python, where the file is no source of a language that is compiled."""
    platform = "native" if _COMPILED.search(call["file"]) else PLATFORM
    return Frame(platform=platform, function=call["function"], filename=call["file"], lineno=int(call["line"]) or None)


def _in_c(call: re.Match[str]) -> Frame:
    address = ReportedAddress(int(call["address"], 16)) if call["address"] else None
    return Frame(platform="native", function=call["function"], package=call["image"], instruction_addr=address)
