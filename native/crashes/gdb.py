"""Sessions of gdb: ``bt``, ``bt full``, ``thread apply all bt``, with what gdb says around them.

The stack of the thread that got the signal is the exception's. Without a signal there is no exception: the stacks are
those of threads. What gdb resolved stays as it is (status ``as_is``); local variables go into the frame's ``vars``,
arguments into ``data.arguments``.

Of ``info proc mappings`` and ``info sharedlibrary`` the images are kept. The latter tells where the code (``.text``) of
a library starts, not where the library does: such an image has ``text_addr`` and ``text_end`` and no ``image_addr``.

A thread dump of the JVM in the same text tells what its threads do in Java (`native.crashes.java.gdb_dump`), ``py-bt``
what they do in Python (`native.crashes.python.gdb_stacks`).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from native.crashes.events import PrintedStack, finish, stacktrace
from native.crashes.gdb_frames import SIGNAL_HANDLER_CALLED, starts_frame
from native.crashes.gdb_session import SIGNAL_LINE, PrintedThread, Session, read_session
from native.crashes.images import ImageTable
from native.crashes.java.gdb_dump import with_java
from native.crashes.mappings import MAX_IMAGES, mapped_images
from native.crashes.python.gdb_stacks import with_python
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import signal_mechanism
from native.crashes.statements import Statement, find_statement
from native.crashes.trampoline import MACHINERY
from symbolicator.model import DebugImage, Event, ExceptionValue, ReportedAddress, Stacktrace, Thread

_LIBRARY = re.compile(
    r"0x(?P<start>[0-9a-f]{1,16}) +0x(?P<end>[0-9a-f]{1,16}) +(?:Yes|No)(?: \(\*\))? +(?P<path>/.*)\Z"
)
_MAX_STATEMENT_LINES = 2_000


def read(lines: Sequence[str], text: str) -> Event:
    """The event of a report that has frames in gdb's form."""
    session = read_session(lines)
    crashed = _crashed(session)
    stacks = [_stack(printed) for printed in session.stacks]
    table = ImageTable((frame for stack in stacks for frame in stack.frames), _images(lines))
    values: list[ExceptionValue] = []
    threads: list[Thread] = []
    for printed, stack in zip(session.stacks, stacks, strict=True):
        if printed is crashed:
            values.append(_exception(session, printed, stack, table, lines))
        if printed is not crashed or printed.thread is not None:
            threads.append(_thread(session, printed, None if printed is crashed else stack, table))
    event = finish(values, threads, table, text, full=session.full)
    return with_python(with_java(event, lines), lines)


def _crashed(session: Session) -> PrintedThread | None:
    """The stack of the thread that got the signal: the one with its number, else the one without heading."""
    if session.signal is None:
        return None
    numbered = (s for s in session.stacks if session.current is not None and s.thread == session.current)
    without = (s for s in session.stacks if s.thread is None)
    only = session.stacks[0] if len(session.stacks) == 1 else None
    return next(numbered, None) or next(without, None) or only


def _stack(printed: PrintedThread) -> PrintedStack:
    """Frame 0 is where the thread stands; all others are calls."""
    frames = list(_marked(printed.raw_frames()))
    return PrintedStack(frames, adjustment="all_but_first" if printed.frames[0].number == 0 else "all")


def _marked(frames: Sequence[RawFrame]) -> Iterator[RawFrame]:
    """Frames with what only their neighbours tell.

    A frame without address shares that of the newer one, which was inlined into it. What a signal interrupted stands
    where it was, and what is newer than that is the handler's.
    """
    called = next((index for index, raw in enumerate(frames) if raw.function == SIGNAL_HANDLER_CALLED), -1)
    for index, raw in enumerate(frames):
        older = frames[index + 1] if index + 1 < len(frames) else None
        shared = older is not None and older.address is None and older.file is not None and not raw.machinery
        yield replace(
            raw,
            inlined=shared,
            machinery=MACHINERY if index < called else raw.machinery,
            adjust=False if index and frames[index - 1].function == SIGNAL_HANDLER_CALLED else raw.adjust,
        )


def _exception(
    session: Session, printed: PrintedThread, stack: PrintedStack, table: ImageTable, lines: Sequence[str]
) -> ExceptionValue:
    said = _said(lines)
    told = said if said and said.signal is None else Statement(session.signal, session.words)
    return ExceptionValue(
        type=told.type,
        value=told.value,
        thread_id=session.current if printed.thread is None else printed.thread,
        mechanism=signal_mechanism(session.signal, told.data),
        stacktrace=_with_registers(stacktrace(stack, table), session),
    )


def _with_registers(stack: Stacktrace | None, session: Session) -> Stacktrace | None:
    registers = {name: ReportedAddress(value) for name, value in session.registers.items()}
    return replace(stack, registers=dict(registers)) if stack and registers else stack


def _said(lines: Sequence[str]) -> Statement | None:
    """What the program itself wrote before it died."""
    words = (line for line in lines if not SIGNAL_LINE.match(line) and not starts_frame(line))
    return find_statement(list(islice(words, _MAX_STATEMENT_LINES)))


def _thread(session: Session, printed: PrintedThread, stack: PrintedStack | None, table: ImageTable) -> Thread:
    """A thread; the one that crashed has left its stack to the exception."""
    number = session.current if printed.thread is None else printed.thread
    is_current = printed.thread is None or printed.thread == session.current or stack is None
    return Thread(
        id=number,
        name=printed.name,
        crashed=True if stack is None else None,
        current=is_current or None,
        stacktrace=stacktrace(stack, table) if stack else None,
        extra={"system_id": printed.system} if printed.system else {},
    )


def _images(lines: Sequence[str]) -> list[DebugImage]:
    """The memory map, then the libraries of which it does not tell more."""
    mapped = mapped_images(lines)
    rows = islice((match for match in map(_LIBRARY.match, lines) if match), MAX_IMAGES)
    libraries = {row["path"]: _library(row) for row in rows if not _is_mapped(int(row["start"], 16), mapped)}
    return [*mapped, *libraries.values()]


def _library(row: re.Match[str]) -> DebugImage:
    return DebugImage(
        type="elf",
        code_file=row["path"],
        extra={"text_addr": f"0x{row['start']}", "text_end": f"0x{row['end']}"},
    )


def _is_mapped(address: int, images: Sequence[DebugImage]) -> bool:
    return any(0 <= address - (image.image_addr or 0) < (image.image_size or 0) for image in images)
