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


class Enqueuers:
    """Callers of a session's threads."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers = {thread.system: thread.number for thread in session.threads.values()}

    def stack(self, thread: PrintedThread) -> PrintedStack:
        """The frames of all records of a thread, newest first; all addresses are return addresses."""
        return PrintedStack(list(self._frames(thread)))

    def _frames(self, thread: PrintedThread) -> Iterator[RawFrame]:
        for number, record in enumerate(thread.enqueuers):
            call = AsyncCall(rule=RULE, label=self._label(record), each_time=True) if number else None
            for at, frame in enumerate(record.frames):
                image = path_of(self._session, frame.raw.image)
                yield replace(frame.raw, image=image, async_call=None if at else call)

    def caller(self, thread: PrintedThread, stack: Stacktrace | None) -> Caller | None:
        """The caller of a thread with the stack made of `stack`; None where nothing was recorded."""
        if stack is None:
            return None
        return Caller(stacktrace=stack, kind="async", rule=RULE, label=self._label(thread.enqueuers[0]))

    def _label(self, record: PrintedThread) -> str:
        number = self._numbers.get(record.system) if record.system else None
        return f"enqueued from {record.queue}" + ("" if number is None else f" (thread {number})")
