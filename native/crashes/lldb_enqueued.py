"""Who queued the work of a thread, as LLDB's extended backtraces have it: records of libdispatch, one below the other.

The first record is of whoever queued the block that the thread runs, the next one of whoever queued that caller's own
block, and so on: together they are the stack of the caller.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from native.crashes.events import PrintedStack
from native.crashes.lldb_session import PrintedThread, Session, path_of
from native.crashes.raw_frames import RawFrame
from symbolicator.model import AsyncCall, Caller, Stacktrace

RULE = "dispatch-enqueued"


def enqueued_stack(session: Session, thread: PrintedThread) -> PrintedStack:
    """The frames of all records, newest first; all addresses are return addresses."""
    return PrintedStack(list(_frames(session, thread)))


def _frames(session: Session, thread: PrintedThread) -> Iterator[RawFrame]:
    for number, record in enumerate(thread.enqueuers):
        call = AsyncCall(rule=RULE, label=_label(session, record)) if number else None
        for at, frame in enumerate(record.frames):
            image = path_of(session, frame.raw.image)
            yield replace(frame.raw, image=image, async_call=None if at else call)


def caller_of(session: Session, thread: PrintedThread, stack: Stacktrace | None) -> Caller | None:
    """The caller with the stack of `enqueued_stack`; None where nothing was recorded."""
    if stack is None:
        return None
    return Caller(stacktrace=stack, kind="async", rule=RULE, label=_label(session, thread.enqueuers[0]))


def _label(session: Session, record: PrintedThread) -> str:
    known = session.threads.values()
    number = next((one.number for one in known if record.system and one.system == record.system), None)
    return f"enqueued from {record.queue}" + ("" if number is None else f" (thread {number})")
