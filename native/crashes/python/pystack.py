r"""What ``pystack core`` and ``pystack remote`` print: Python's calls and, with ``--native``, those of C among them.

====================================================================  =============================================
``The process died due a segmentation fault accessing address: 0x8``  what ended it; a core's report alone has that
``The process died due receiving signal SIGABRT sent by pid 12``      the same of other signals
``Traceback for thread 4242 (shop) [Has the GIL] (most recent ca…``   thread, its name, what it does
``    (Python) File "shop/cart.py", line 12, in total``               call, oldest first; its source below it
``    (C) File "src/relay.c", line 17, in relay_pass (relay.so)``     call in C; ``???`` and line 0 where not known
``    (C) File "../Modules/main.c", line 379, in run (inlined) (…)``  the same, inlined into the one above it
``      Locals:``, ``      Arguments:``, ``        order: 7``         variables (``--locals``)
``* - Unable to merge native stack …``                                only Python's calls follow
====================================================================  =============================================

pystack puts the two languages together by itself, where it counts as many calls of the interpreter in both.
Source: pystack/traceback_formatter.py and pystack/__main__.py for the shapes.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.python.frames import frame_at
from native.crashes.signals import signal_mechanism
from symbolicator.model import ExceptionValue, Frame, FrameData, Stacktrace, Thread
from symbolicator.readers.text import MAX_FRAMES

if TYPE_CHECKING:
    from symbolicator.model import JSON

_THREAD = re.compile(
    r"Traceback for thread (?P<id>[0-9]{1,19})(?: \((?P<name>[^\n]{0,200})\))? (?:\[(?P<state>[^\]\n]{0,200})\] )?"
    r"\(most recent call last\):\Z"
)
_CALL = re.compile(
    r" {4}\((?P<kind>Python|C)\) File \"(?P<file>[^\n]{1,1000})\", line (?P<line>[0-9]{1,9}), in "
    r"(?P<rest>\S[^\n]{0,4000})\Z"
)
_IN_LIBRARY = re.compile(r"(?P<function>\S.*?)(?P<inlined> \(inlined\))?(?: \((?P<library>[^()\n]{1,1000})\))?\Z")
_SUFFIX = re.compile(
    r"(?:\.(?:lto_priv|constprop|isra|part|localalias)(?:\.[0-9]{1,4})?|@@?[A-Z]{1,20}_[0-9.]{1,10}){1,5}\Z"
)
_VARIABLE = re.compile(r" {8}(?P<name>[^\W\d]\w{0,200}): (?P<value>.*)\Z")
_SOURCE = " " * 8
_VARIABLES = frozenset({"Locals:", "Arguments:"})
_UNKNOWN = "???"
_DIED = re.compile(
    r"The process died due (?:a segmentation fault accessing address: (?P<address>0x[0-9a-f]{1,16})"
    r"|receiving signal (?P<signal>SIG[A-Z0-9]{2,10})(?: sent by pid (?P<sender>[0-9]{1,10}))?)\Z"
)
_HOLDS_THE_LOCK = "Has the GIL"


class _Calls(Struct):
    """Of one thread, oldest first; what was read of the newest."""

    frames: list[Frame] = field(default_factory=list)
    has_source: bool = False
    lists_variables: bool = False


class Report(Struct):
    """The threads of a process, and what ended it."""

    threads: list[Thread] = field(default_factory=list)
    ended: ExceptionValue | None = None
    full: bool = False


def is_heading(line: str) -> bool:
    """Whether a thread's calls follow."""
    return _THREAD.match(line) is not None


def read_report(lines: Sequence[str]) -> Report | None:
    """The report in these lines, None if there is none."""
    report = Report()
    calls: list[_Calls] = []
    left = MAX_FRAMES
    for line in lines:
        heading, died = _THREAD.match(line), _DIED.match(line)
        if heading:
            report.threads.append(_thread(heading))
            calls.append(_Calls())
        elif died and report.ended is None:
            report.ended = _exception(died)
        elif calls and left:
            left -= _take(calls[-1], line)
    report.threads = [_with_stack(*pair) for pair in zip(report.threads, calls, strict=True)]
    report.full = not left
    return _with_crashed(report) if any(one.frames for one in calls) else None


def _with_stack(thread: Thread, calls: _Calls) -> Thread:
    return replace(thread, stacktrace=Stacktrace(frames=tuple(calls.frames))) if calls.frames else thread


def _thread(heading: re.Match[str]) -> Thread:
    state = heading["state"] or None
    return Thread(
        id=int(heading["id"]),
        name=heading["name"],
        state=state,
        current=True if state and _HOLDS_THE_LOCK in state else None,
    )


def _exception(died: re.Match[str]) -> ExceptionValue:
    signal = died["signal"] or "SIGSEGV"
    data: dict[str, JSON] = {name: died[name] for name in ("address", "sender") if died[name]}
    said = f"segmentation fault at {died['address']}" if died["address"] else None
    said = f"sent by process {died['sender']}" if died["sender"] else said
    return ExceptionValue(type=signal, value=said, mechanism=signal_mechanism(signal, data))


def _with_crashed(report: Report) -> Report:
    """The core's own thread is printed first only if it runs Python; the one with the interpreter's lock failed."""
    running = [at for at, thread in enumerate(report.threads) if thread.current]
    if report.ended and (len(running) == 1 or len(report.threads) == 1):
        at = running[0] if len(running) == 1 else 0
        report.threads[at] = replace(report.threads[at], crashed=True)
        report.ended = replace(report.ended, thread_id=report.threads[at].id)
    return report


def _take(calls: _Calls, line: str) -> int:
    """Reads a line below a thread's heading; how many calls it was."""
    call, variable = _CALL.match(line), _VARIABLE.match(line)
    if call:
        calls.frames.append(_python(call) if call["kind"] == "Python" else _in_c(call))
        calls.has_source = calls.lists_variables = False
    elif line.strip() in _VARIABLES:
        calls.lists_variables = True
    elif calls.frames and calls.lists_variables and variable:
        known = calls.frames[-1].extra.get("vars")
        values: dict[str, JSON] = known if isinstance(known, dict) else {}
        values[variable["name"]] = variable["value"]
        calls.frames[-1] = replace(calls.frames[-1], extra={"vars": values})
    elif calls.frames and line.startswith(_SOURCE) and not (calls.has_source or calls.lists_variables):
        calls.frames[-1] = replace(calls.frames[-1], context_line=line.strip())
        calls.has_source = True
    return 1 if call else 0


def _python(call: re.Match[str]) -> Frame:
    return frame_at(call["file"], int(call["line"]), call["rest"])


def _in_c(call: re.Match[str]) -> Frame:
    """A call in C; what compilers and linkers append to a name is no part of it."""
    match = _IN_LIBRARY.match(call["rest"])
    name, library = (match["function"], match["library"]) if match else (call["rest"], None)
    plain = _SUFFIX.sub("", name)
    return Frame(
        platform="native",
        function=plain,
        symbol=name if name != plain else None,
        package=library,
        filename=None if call["file"] == _UNKNOWN else call["file"],
        lineno=int(call["line"]) or None,
        data=FrameData(inlined=True) if match and match["inlined"] else None,
    )
