"""Changing an event: the few operations that transformers share.

A transformer that upper-cases the functions of its own platform::

    def transform(event, artifacts):
        def resolve(stack, index):
            frame = stack.frames[index]
            if frame.platform != "shout":
                return None  # not mine
            return (replace(frame, function=frame.function.upper()),)

        return rewrite_frames(event, resolve)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from msgspec.structs import replace

from symbolicator.model.event import Caller, Event, ExceptionValue, Thread
from symbolicator.model.frames import Frame, FrameData, FrameStatus, Stacktrace
from symbolicator.model.problems import Problem

Resolve: TypeAlias = Callable[[Stacktrace, int], Sequence[Frame] | None]
"""Given a stack and the 0-based index of one of its frames: the frames that take its place, caller to callee
(several where calls were inlined), or None to leave the frame alone."""

Holder = TypeVar("Holder", ExceptionValue, Thread, Caller, Event)
Change: TypeAlias = Callable[[Stacktrace], Stacktrace]


def stacks_of(event: Event) -> Iterator[tuple[str, Stacktrace]]:
    """Every stack trace with its name in the merged view: ``exception/0``, ``thread/2``, ``stacktrace``.

    ``thread/2/vm`` is the same thread as a language's runtime sees it, ``thread/2/caller`` who asked for what it does.
    """
    for index, exception in enumerate(event.exceptions):
        if exception.stacktrace:
            yield f"exception/{index}", exception.stacktrace
    for index, thread in enumerate(event.thread_list):
        if thread.stacktrace:
            yield f"thread/{index}", thread.stacktrace
        if thread.vm_stacktrace:
            yield f"thread/{index}/vm", thread.vm_stacktrace
        if thread.caller and thread.caller.stacktrace:
            yield f"thread/{index}/caller", thread.caller.stacktrace
    if event.stacktrace:
        yield "stacktrace", event.stacktrace


def rewrite_frames(event: Event, resolve: Resolve) -> Event:
    """Puts resolved frames in place of raw ones in every stack; the raw stack stays beside the first change of it."""
    return _change_stacks(event, lambda stack: _rewrite_stack(stack, resolve), keeps_raw=True)


def annotate_frames(event: Event, annotate: Callable[[Frame], Frame]) -> Event:
    """Adds to frames in place, one for one: for what is no resolving, such as context lines. No raw stack is kept."""
    return annotate_stacks(event, lambda stack: replace(stack, frames=tuple(annotate(frame) for frame in stack.frames)))


def annotate_stacks(event: Event, annotate: Change) -> Event:
    """Like `annotate_frames`, where what is added depends on a frame's neighbours."""
    return _change_stacks(event, annotate, keeps_raw=False)


def _change_stacks(event: Event, change: Change, *, keeps_raw: bool) -> Event:
    """Changes the stack traces of whatever holds some: exceptions, threads, the event itself."""

    def changed(holder: Holder) -> Holder:
        return _changed(holder, "stacktrace", "raw_stacktrace", change, keeps_raw=keeps_raw)

    def changed_thread(thread: Thread) -> Thread:
        thread = _changed(changed(thread), "vm_stacktrace", "raw_vm_stacktrace", change, keeps_raw=keeps_raw)
        caller = changed(thread.caller) if thread.caller else None
        return thread if caller is thread.caller else replace(thread, caller=caller)

    if event.exception:
        values = tuple(changed(value) for value in event.exception.values)
        event = replace(event, exception=replace(event.exception, values=values))
    if event.threads:
        threads = tuple(changed_thread(thread) for thread in event.threads.values)
        event = replace(event, threads=replace(event.threads, values=threads))
    return changed(event)


def _changed(holder: Holder, field: str, raw_field: str, change: Change, *, keeps_raw: bool) -> Holder:
    stack: Stacktrace | None = getattr(holder, field)
    new = change(stack) if stack else stack
    if new is stack:
        return holder
    raw = {raw_field: getattr(holder, raw_field) or stack} if keeps_raw else {}
    return replace(holder, **{field: new}, **raw)


def _rewrite_stack(stack: Stacktrace, resolve: Resolve) -> Stacktrace:
    answers = [resolve(stack, index) for index in range(len(stack.frames))]
    if all(answer is None for answer in answers):
        return stack
    frames: list[Frame] = []
    for index, (frame, answer) in enumerate(zip(stack.frames, answers, strict=True)):
        frames.extend(_numbered(new, frame, index) for new in ((frame,) if answer is None else answer))
    return replace(stack, frames=tuple(frames))


def _numbered(new: Frame, old: Frame, index: int) -> Frame:
    """Notes which raw frame ``new`` came from, once: a later transformer sees already expanded stacks."""
    known = old.data.original_index if old.data else None
    return with_data(new, original_index=index if known is None else known)


def with_raw_stacks(event: Event) -> Event:
    """The event with every stack as it was before it was resolved."""

    def raw(holder: Holder) -> Holder:
        return replace(holder, stacktrace=holder.raw_stacktrace or holder.stacktrace, raw_stacktrace=None)

    def raw_thread(thread: Thread) -> Thread:
        vm_stack = thread.raw_vm_stacktrace or thread.vm_stacktrace
        caller = raw(thread.caller) if thread.caller else None
        return replace(raw(thread), vm_stacktrace=vm_stack, raw_vm_stacktrace=None, caller=caller)

    if event.exception:
        event = replace(event, exception=replace(event.exception, values=tuple(map(raw, event.exceptions))))
    if event.threads:
        event = replace(event, threads=replace(event.threads, values=tuple(map(raw_thread, event.thread_list))))
    return raw(event)


def with_data(frame: Frame, **changes: object) -> Frame:
    """The frame with fields of its ``data`` replaced."""
    return replace(frame, data=replace(frame.data or FrameData(), **changes))


def unresolved(frame: Frame, status: FrameStatus, problem: Problem) -> Frame:
    """The frame as it was, with the reason why it stayed so. The caller adds ``problem`` to the event."""
    return with_data(frame, status=status, problem=problem.id)


def with_problems(event: Event, problems: Iterable[Problem]) -> Event:
    """Adds to ``errors`` what is not there yet, in an order that does not depend on who came first."""
    known = {problem.id for problem in event.errors}
    fresh = {problem.id: problem for problem in problems if problem.id not in known}
    if not fresh:
        return event
    return replace(event, errors=event.errors + tuple(fresh[key] for key in sorted(fresh)))


def platform_of(event: Event, frame: Frame) -> str | None:
    """The frame's platform, or else the event's."""
    return frame.platform or event.platform
