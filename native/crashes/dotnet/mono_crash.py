r"""mono's report of a crash in native code.

==================================================================  ===============================================
``Got a SIGSEGV while executing native code.``                      what happened
``Native stacktrace:`` ``\t0x7fb2 - /srv/libscanner.so : scan``     calls, newest first: address, image, symbol
``\tmono(+0x9c1e9) [0x55d0c09c1e9]``                                the same before mono 6
``External Debugger Dump:``                                         what gdb says of every thread
``Memory around native instruction pointer (0x7fb2):``              where the program stood
``Managed Stacktrace:`` ``\t  at Shop.Program:Scan <0x0002b>``      the calls of .NET on the same thread
``\t  at <unknown> <0xffffffff>``                                   native code, which the next call called
==================================================================  ===============================================

The thread that gdb looks at is the one that crashed: mono started gdb from its signal handler. Its native stack is the
one that mono printed; calls newer than the instruction pointer are the handler's. Source: mono's mini-posix.c and
mini-exceptions.c for the shapes.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.dotnet.frames import PLATFORM, split_method
from native.crashes.events import PrintedStack, stacktrace
from native.crashes.gdb import read as read_gdb
from native.crashes.gdb_session import count_frames
from native.crashes.glibc import parse_frame as parse_glibc_frame
from native.crashes.images import ImageTable
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import NUMBERS, signal_mechanism
from native.crashes.trampoline import MACHINERY
from symbolicator.model import DebugMeta, Event, ExceptionValue, Frame, FrameData, Stacktrace, Thread, Values
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT

_NATIVE, _MANAGED, _DEBUGGER = "Native stacktrace:", "Managed Stacktrace:", "External Debugger Dump:"
_SECTIONS = frozenset({_NATIVE, _MANAGED, _DEBUGGER, "Telemetry Dumper:", "Basic Fault Address Reporting",
                       "Native Crash Reporting", "Debug info from gdb:", "Stacktrace:"})  # fmt: skip
_OLD = {"Debug info from gdb:": _DEBUGGER, "Stacktrace:": _MANAGED}
_GOT = re.compile(r"Got a (?P<signal>SIG[A-Z]{2,6}) while executing native code")
_CALL = re.compile(r"\t?0x(?P<address>[0-9a-f]{1,16}) - (?P<image>\S.*?) : (?P<symbol>\S.*)\Z")
_MANAGED_CALL = re.compile(r"\s*at (?P<name>\S.*?) [<\[]0x(?P<offset>[0-9a-f]{1,16})[>\]](?: in (?P<rest>.*))?\Z")
_POINTER = re.compile(r"Memory around native instruction pointer \(0x(?P<address>[0-9a-f]{1,16})\)")
_RULE = re.compile(r"[=-]{10,}\Z")
_IN_NATIVE_CODE = "at <unknown> <0xffffffff>"
"""What mono prints where .NET called native code: the calls of that are on the other stack."""
_UNNAMED = frozenset({"(null)", "Unknown"})
_CURRENT = 1
"""gdb's number of the thread that mono started it from."""


class MonoCrash(Struct):
    """The parts of a report: calls newest first."""

    signal: str | None = None
    native: list[RawFrame] = field(default_factory=list)
    managed: list[Frame] = field(default_factory=list)
    debugger: list[str] = field(default_factory=list)
    pointer: int | None = None
    is_native: bool = False
    """Whether the managed call that is read next called native code."""


def is_mono_crash(lines: Sequence[str]) -> bool:
    """Whether the lines hold such a report."""
    titles = {line.strip() for line in lines if line.endswith((":", "Reporting"))}
    return _NATIVE in titles and (_MANAGED in titles or "Native Crash Reporting" in titles or "Stacktrace:" in titles)


def read_mono_crash(lines: Sequence[str], text: str) -> Event | None:
    """The event of the report in these lines, None if there is none."""
    crash = _parse(lines)
    if not crash.native and not crash.managed:
        return None
    return _event(crash, text)


def _parse(lines: Sequence[str]) -> MonoCrash:
    crash = MonoCrash()
    section = ""
    for line in lines:
        title = line.strip()
        got, pointer = _GOT.search(line), _POINTER.match(line)
        if title in _SECTIONS:
            section = _OLD.get(title, title)
        elif got and got["signal"] in NUMBERS:
            crash.signal = crash.signal or got["signal"]
        elif pointer:
            crash.pointer = int(pointer["address"], 16)
        elif not _RULE.match(title):
            _take(crash, section, line)
    return crash


def _take(crash: MonoCrash, section: str, line: str) -> None:
    if section == _DEBUGGER:
        crash.debugger.append(line)
    elif section == _NATIVE and len(crash.native) < MAX_FRAMES:
        raw = _native(line)
        crash.native += [raw] if raw else []
    elif section == _MANAGED and len(crash.managed) < MAX_FRAMES:
        _take_managed(crash, line)


def _take_managed(crash: MonoCrash, line: str) -> None:
    is_mark = line.strip() == _IN_NATIVE_CODE
    match = None if is_mark else _MANAGED_CALL.match(line)
    crash.managed += [_managed(match, is_native=crash.is_native)] if match else []
    crash.is_native = is_mark or (crash.is_native and not match)


def _native(line: str) -> RawFrame | None:
    match = _CALL.match(line)
    if match is None:
        return parse_glibc_frame(line) if line.startswith("\t") else None
    symbol = None if match["symbol"] in _UNNAMED else match["symbol"]
    return RawFrame(function=symbol, image=match["image"], address=int(match["address"], 16))


def _managed(match: re.Match[str], *, is_native: bool) -> Frame:
    module, function, raw = split_method(match["name"])
    return Frame(
        platform=PLATFORM,
        module=module,
        function=function,
        raw_function=raw,
        data=FrameData(is_native=is_native, extra={"native_offset": int(match["offset"], 16)}),
    )


def _event(crash: MonoCrash, text: str) -> Event:
    table = ImageTable(crash.native)
    others = _others(crash)
    value = "while executing native code" + (f", at {crash.pointer:#x}" if crash.pointer else "")
    raised = ExceptionValue(
        type=crash.signal or "native crash",
        value=value,
        thread_id=_CURRENT,
        mechanism=signal_mechanism(crash.signal, {}),
    )
    return Event(
        platform=PLATFORM,
        exception=Values(values=(raised,)),
        threads=Values(values=(_crashed(crash, table, others), *(t for t in others if t.id != _CURRENT))),
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        contexts={"runtime": {"name": "mono"}},
        extra={RAW_REPORT: text},
    )


def _crashed(crash: MonoCrash, table: ImageTable, others: Sequence[Thread]) -> Thread:
    known = next((thread for thread in others if thread.id == _CURRENT), None)
    native = _as_native(stacktrace(PrintedStack(list(_marked(crash))), table))
    managed = Stacktrace(frames=tuple(reversed(crash.managed))) if crash.managed else None
    return Thread(
        id=_CURRENT,
        name=known.name if known else None,
        crashed=True,
        current=True,
        stacktrace=native or managed,
        vm_stacktrace=managed if native else None,
    )


def _marked(crash: MonoCrash) -> Iterator[RawFrame]:
    """The calls with those of the signal handler marked, and the interrupted one as exact."""
    stood = next((at for at, raw in enumerate(crash.native) if raw.address == crash.pointer), 0)
    for at, raw in enumerate(crash.native):
        if at < stood:
            yield replace(raw, machinery=MACHINERY)
        else:
            yield replace(raw, adjust=False) if at == stood and raw.address == crash.pointer else raw


def _others(crash: MonoCrash) -> list[Thread]:
    """The threads that gdb printed."""
    if not count_frames(crash.debugger, 1):
        return []
    threads = read_gdb(crash.debugger, "").thread_list
    return [replace(thread, crashed=None, current=None, stacktrace=_as_native(thread.stacktrace)) for thread in threads]


def _as_native(stack: Stacktrace | None) -> Stacktrace | None:
    if stack is None:
        return None
    return replace(stack, frames=tuple(replace(frame, platform="native") for frame in stack.frames))
