r"""Reads sessions of LLDB: ``bt``, ``bt all``, ``thread backtrace all``, with ``image list`` and ``register read``.

>>> event = READER.read(b"* thread #1, stop reason = signal SIGSEGV\n  * frame #0: 0x08 x`f(n=1) at x.c:3:7\n")
>>> event.exceptions[0].type
'SIGSEGV'

The thread that LLDB looks at crashed if it stopped for a signal, an exception or a failed check; where it stopped at a
breakpoint, or was stopped, there is no exception. LLDB names images by the last part of their path: a frame gets the
whole one where the session lists it. What LLDB resolved stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.events import PrintedStack, finish, stacktrace
from native.crashes.images import ImageTable
from native.crashes.lldb_enqueued import Enqueuers
from native.crashes.lldb_frames import parse_frame
from native.crashes.lldb_session import PrintedThread, Session, images_of, is_heading, path_of, read_session
from native.crashes.log_lines import log_lines
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import NUMBERS, signal_mechanism
from native.crashes.statements import Statement, find_statement
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, ExceptionValue, Mechanism, Stacktrace, Thread
from symbolicator.protocols import Buffer
from symbolicator.readers.text import decode, lines_of

_SURE, _LIKELY = 0.95, 0.9
_SIGNAL = re.compile(r"signal (?P<name>SIG[A-Z0-9]{2,8})(?:: (?P<words>.*))?\Z")
_MACH = re.compile(r"(?P<name>EXC_[A-Z_]{3,20}) ?(?:\((?P<words>.*)\))?\Z")
_WINDOWS = re.compile(
    r"Exception (?P<code>0x[0-9a-f]{1,8}) encountered at address 0x[0-9a-f]{1,16}(?:: (?P<words>.*))?\Z"
)
_CHECK = re.compile(
    r"(?P<name>Fatal error|Precondition failed|Assertion failed|Simultaneous accesses)(?:: (?P<words>.*))?\Z"
)
_ASKED_FOR = frozenset({"SIGSTOP", "SIGTRAP", "SIGINT"})
_MAX_STATEMENT_LINES = 2_000


class _Stop(Struct, frozen=True):
    """Why the process stopped, if something failed."""

    type: str
    value: str | None
    mechanism: Mechanism | None


class LldbReader:
    """Reader of LLDB sessions."""

    name = "LLDB session"

    def detect(self, head: bytes) -> float:
        """By its frames, and the headings of threads above them."""
        lines = log_lines(head.decode("utf-8", "replace"))
        if not any(map(parse_frame, lines)):
            return 0.0
        return _SURE if any(map(is_heading, lines)) else _LIKELY

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no frame."""
        text = decode(data)
        lines = lines_of(text)
        session = read_session(lines)
        if not any(thread.frames for thread in session.threads.values()):
            raise UnreadableInput(
                "No frame of LLDB was found: expected "
                "`frame #0: 0x00005555555555ca prog`main at main.cpp:12:3`. Pass what `bt all` printed."
            )
        return _event(session, lines, text)


def _event(session: Session, lines: Sequence[str], text: str) -> Event:
    stacks = {number: _stack(session, thread) for number, thread in session.threads.items()}
    enqueuers = Enqueuers(session)
    queued = {number: enqueuers.stack(thread) for number, thread in session.threads.items()}
    frames = (frame for stack in (*stacks.values(), *queued.values()) for frame in stack.frames)
    table = ImageTable(frames, images_of(session))
    stop = _stop(session.current)
    raised = _raised(session, stop, lines) if stop else None
    threads = [
        replace(
            _thread(session, thread, stacktrace(stacks[number], table), crashed=raised is not None),
            caller=enqueuers.caller(thread, stacktrace(queued[number], table)),
        )
        for number, thread in session.threads.items()
    ]
    event = finish([raised] if raised else [], threads, table, text, full=session.full)
    return replace(event, contexts={"device": {"arch": session.arch}} if session.arch else None)


def _stack(session: Session, thread: PrintedThread) -> PrintedStack:
    frames = [replace(frame.raw, image=path_of(session, frame.raw.image)) for frame in thread.frames]
    starts_at_zero = bool(thread.frames) and thread.frames[0].number == 0
    return PrintedStack(list(_exact(frames)), adjustment="all_but_first" if starts_at_zero else "all")


def _exact(frames: Sequence[RawFrame]) -> Iterator[RawFrame]:
    """Calls that others were inlined into share the address of the newest one, which is exact."""
    for index, raw in enumerate(frames):
        shares = index and frames[index - 1].inlined and raw.address == frames[0].address
        yield replace(raw, adjust=False) if shares else raw


def _stop(current: PrintedThread | None) -> _Stop | None:
    reason = current.reason if current else None
    if reason is None:
        return None
    signal = _SIGNAL.match(reason)
    if signal and signal["name"] in NUMBERS.keys() - _ASKED_FOR:
        return _Stop(signal["name"], signal["words"], signal_mechanism(signal["name"], {}))
    mach = _MACH.match(reason)
    if mach:
        return _Stop(mach["name"], mach["words"], Mechanism(type="mach", handled=False))
    windows = _WINDOWS.match(reason)
    if windows:
        return _Stop(f"Exception {windows['code']}", windows["words"], Mechanism(type="generic", handled=False))
    check = _CHECK.match(reason)
    return _Stop(check["name"], check["words"], Mechanism(type="generic", handled=False)) if check else None


def _raised(session: Session, stop: _Stop, lines: Sequence[str]) -> ExceptionValue:
    """What the program itself wrote before it died says more than the signal."""
    words = (line for line in lines if not is_heading(line) and parse_frame(line) is None)
    said = find_statement(list(islice(words, _MAX_STATEMENT_LINES)))
    told = said if said and said.signal is None else Statement(stop.type, stop.value)
    return ExceptionValue(
        type=told.type,
        value=told.value,
        thread_id=session.current.number if session.current else None,
        mechanism=stop.mechanism,
    )


def _thread(session: Session, thread: PrintedThread, stack: Stacktrace | None, *, crashed: bool) -> Thread:
    is_current = thread.current
    if stack and is_current and session.registers:
        stack = replace(stack, registers=dict(session.registers))
    known = {"system_id": thread.system, "queue": thread.queue}
    return Thread(
        id=thread.number,
        name=thread.name or thread.queue,
        crashed=True if is_current and crashed else None,
        current=True if is_current else None,
        stacktrace=stack,
        extra={name: value for name, value in known.items() if value},
    )


READER = LldbReader()
