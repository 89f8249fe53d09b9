"""From a report to its event.

A thread's name is the one that the program gave it, else that of its dispatch queue, as Sentry's own SDK does it; the
queue is also in the thread's ``dispatch_queue``.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import replace

from native.crashes.apple.crashed import Verdict, crashed_thread
from native.crashes.apple.failure import exception_type, exception_value, mechanism
from native.crashes.apple.frames import ImageTable
from native.crashes.apple.report import (
    MAX_ALL_FRAMES,
    MAX_FRAMES,
    MAX_IMAGES,
    MAX_THREADS,
    Adjustment,
    PrintedThread,
    Report,
)
from native.crashes.raw_frames import RawFrame
from symbolicator.model import (
    Caller,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    FrameStatus,
    Problem,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.edit import with_data

if TYPE_CHECKING:
    from symbolicator.model import JSON

MAIN_QUEUE = "com.apple.main-thread"


def event_of(report: Report) -> Event:
    """The event: the exception, all threads, all images, where it ran."""
    threads = _within_limits(report.threads)
    table = ImageTable(report.images, chain(report.exception_frames, *(thread.frames for thread in threads)))
    verdict = crashed_thread(threads, report.named_thread)
    crashed = None if verdict.position is None else threads[verdict.position]
    shown = tuple(_thread(thread, table, report.caller, crashed=thread is crashed) for thread in threads)
    return Event(
        event_id=report.event_id,
        timestamp=report.timestamp,
        platform="native",
        exception=Values(values=(_exception(report, crashed, table),)),
        threads=Values(values=shown) if shown else None,
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        breadcrumbs=Values(values=tuple(report.breadcrumbs)) if report.breadcrumbs else None,
        contexts=report.contexts or None,
        errors=tuple(_problems(report, verdict)),
        extra=report.extra,
    )


def _within_limits(threads: Sequence[PrintedThread]) -> list[PrintedThread]:
    """The threads as far as there are not too many frames in all of them together."""
    kept: list[PrintedThread] = []
    left = MAX_ALL_FRAMES
    for thread in threads[:MAX_THREADS]:
        frames = thread.frames[: min(left, MAX_FRAMES)]
        left -= len(frames)
        kept.append(thread if len(frames) == len(thread.frames) else replace(thread, frames=frames))
    return kept


def _exception(report: Report, crashed: PrintedThread | None, table: ImageTable) -> ExceptionValue:
    said: dict[str, JSON] = {}
    number = crashed.number if crashed else None
    if report.named_thread is not None and report.named_thread != number:
        said["thread_named_by_header"] = report.named_thread
    return ExceptionValue(
        type=exception_type(report.failure),
        value=exception_value(report.failure, report.arch),
        thread_id=number,
        mechanism=mechanism(report.failure, said),
        stacktrace=_stacktrace(report.exception_frames, "all", table),
    )


def _thread(thread: PrintedThread, table: ImageTable, caller: Caller | None, *, crashed: bool) -> Thread:
    extra = {"dispatch_queue": thread.queue, **thread.extra} if thread.queue else thread.extra
    registers: dict[str, ReportedAddress | None] = {
        name: ReportedAddress(value) for name, value in thread.registers.items()
    }
    return Thread(
        id=thread.number,
        name=thread.name or thread.queue,
        crashed=crashed or None,
        current=True if thread.is_current else None,
        main=True if thread.queue == MAIN_QUEUE else None,
        state=thread.state,
        caller=caller if crashed else None,
        stacktrace=_stacktrace(thread.frames, thread.adjustment, table, registers),
        extra=extra,
    )


def _stacktrace(
    frames: Sequence[RawFrame],
    adjustment: Adjustment,
    table: ImageTable,
    registers: dict[str, ReportedAddress | None] | None = None,
) -> Stacktrace | None:
    if not frames and not registers:
        return None
    shown = _as_inlined([table.frame(raw) for raw in reversed(frames[:MAX_FRAMES])])
    return Stacktrace(frames=shown, registers=registers or None, instruction_addr_adjustment=adjustment)


def _as_inlined(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """Marks calls that the report shows inlined into one another: looked up again they would all come twice."""
    inlined = [*(bool(frame.data and frame.data.inlined) for frame in frames), False]
    return tuple(
        with_data(frame, status=FrameStatus.AS_IS) if frame.function and (own or inner) else frame
        for frame, own, inner in zip(frames, inlined, inlined[1:], strict=False)
    )


def _problems(report: Report, verdict: Verdict) -> Iterator[Problem]:
    if verdict.problem:
        yield verdict.problem
    if len(report.threads) > MAX_THREADS:
        yield _too_many("threads", MAX_THREADS)
    if len(report.images) > MAX_IMAGES:
        yield _too_many("images", MAX_IMAGES)
    if any(len(frames) > MAX_FRAMES for frames in _stacks(report)):
        yield _too_many("frames", MAX_FRAMES, "The oldest calls of a thread are left out.")
    elif sum(map(len, _stacks(report))) > MAX_ALL_FRAMES:
        yield _too_many("frames", MAX_ALL_FRAMES, "The last threads are shown without them.")
    yield from report.problems


def _stacks(report: Report) -> Iterator[Sequence[RawFrame]]:
    yield report.exception_frames
    yield from (thread.frames for thread in report.threads)


def _too_many(what: str, limit: int, note: str = "") -> Problem:
    where = " in one thread" if limit == MAX_FRAMES else ""
    message = f"The report has more than {limit:,} {what}{where}; the rest was not read. {note}".rstrip()
    return Problem(type=f"too_many_{what}", message=message, remedy="Pass the part of the report that matters.")
