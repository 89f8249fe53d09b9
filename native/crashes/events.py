"""From raw frames and statements to the event, as all formats of backtrace text share it."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.images import ImageTable
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import signal_mechanism
from native.crashes.statements import Statement
from symbolicator.model import (
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Mechanism,
    Problem,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT

Adjustment = Literal["auto", "all", "all_but_first", "none"]

TOO_MANY_FRAMES = Problem(
    type="too_many_frames",
    message=f"The report has more than {MAX_FRAMES:,} frames or too many parts; the rest is only in {RAW_REPORT}.",
    remedy="Pass the part of the report with the stack that matters.",
)


class PrintedStack(Struct, frozen=True):
    """One stack, newest call first, and what was said above it."""

    frames: Sequence[RawFrame]
    statement: Statement = field(default_factory=Statement)
    adjustment: Adjustment = "all"


def stacktrace(stack: PrintedStack, table: ImageTable) -> Stacktrace | None:
    """The stack of the model: from caller to callee."""
    if not stack.frames:
        return None
    frames = tuple(table.frame(frame) for frame in reversed(stack.frames))
    return Stacktrace(frames=frames, instruction_addr_adjustment=stack.adjustment)


def event_of(stacks: Sequence[PrintedStack], text: str, *, known: Iterable[DebugImage] = ()) -> Event:
    """The first stack is the crash; further ones stand beside it, unrelated (mechanism ``separate``)."""
    table = ImageTable((frame for stack in stacks for frame in stack.frames), known)
    values = [
        replace_ids(_exception(stack, table), number if len(stacks) > 1 else None)
        for number, stack in enumerate(stacks)
    ]
    threads = [_thread(stack.statement, crashed=number == 0) for number, stack in enumerate(stacks)]
    full = sum(len(stack.frames) for stack in stacks) >= MAX_FRAMES
    return finish(values, [thread for thread in threads if thread], table, text, full=full)


def finish(
    values: Sequence[ExceptionValue], threads: Sequence[Thread], table: ImageTable, text: str, *, full: bool
) -> Event:
    """The event; ``values`` with the one that was raised first. ``full``: a limit was met, and the rest not read."""
    return Event(
        platform="native",
        exception=Values(values=tuple(reversed(values))) if values else None,
        threads=Values(values=tuple(threads)) if threads else None,
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        errors=(TOO_MANY_FRAMES,) if full else (),
        extra={RAW_REPORT: text},
    )


def _exception(stack: PrintedStack, table: ImageTable) -> ExceptionValue:
    said = stack.statement
    return ExceptionValue(
        type=said.type,
        value=said.value,
        thread_id=said.thread_id,
        mechanism=signal_mechanism(said.signal, said.data),
        stacktrace=stacktrace(stack, table),
    )


def replace_ids(value: ExceptionValue, number: int | None) -> ExceptionValue:
    """The exception as number ``number`` of several that nothing ties together; the first keeps its mechanism."""
    if number is None:
        return value
    mechanism = value.mechanism or Mechanism(type="generic")
    kind = mechanism.type if number == 0 else "separate"
    return replace(value, mechanism=replace(mechanism, type=kind, exception_id=number))


def _thread(said: Statement, *, crashed: bool) -> Thread | None:
    """The thread that a panic names; its stack is the exception's."""
    if said.thread_name is None and said.thread_id is None:
        return None
    main = True if said.thread_name == "main" else None
    return Thread(id=said.thread_id, name=said.thread_name, crashed=crashed or None, main=main)
