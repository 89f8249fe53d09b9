"""Which stack crashed, and how that is known."""

from collections.abc import Callable

from msgspec import Struct

from symbolicator.model import Event, ExceptionValue, Thread
from symbolicator.model.causes import raised_exception


class Crashed(Struct, frozen=True):
    """The stack that crashed (named as in the merged view) and the reason for choosing it."""

    stack: str
    reason: str


def find_crashed(event: Event) -> Crashed | None:
    """The raised exception's stack, else that of the thread it names, else of the thread that the flags single out."""
    return _of_exception(event) or _of_threads(event) or _of_event(event)


def stack_of_exception(event: Event, index: int) -> Crashed | None:
    """The exception's own stack, or that of the thread which it names."""
    exception = event.exceptions[index]
    if exception.stacktrace and exception.stacktrace.frames:
        return Crashed(f"exception/{index}", "the stack of the exception")
    named = _thread_named_by(event, exception)
    if named is None:
        return None
    return Crashed(f"thread/{named}", f"thread {exception.thread_id}, named by the exception")


def _of_exception(event: Event) -> Crashed | None:
    raised = raised_exception(event)
    if raised is None:
        return None
    order = [raised, *(index for index in reversed(range(len(event.exceptions))) if index != raised)]
    found = (stack_of_exception(event, index) for index in order)
    return next((stack for stack in found if stack), None)


def _thread_named_by(event: Event, exception: ExceptionValue) -> int | None:
    if exception.thread_id is None:
        return None
    return _only(event, lambda thread: thread.id == exception.thread_id)


def _of_threads(event: Event) -> Crashed | None:
    rules: tuple[tuple[Callable[[Thread], bool], str], ...] = (
        (lambda thread: thread.crashed is True, "the one thread marked as crashed"),
        (lambda thread: thread.current is True, "the one thread that was current"),
        (lambda _: True, "the only thread with a stack"),
    )
    for matches, reason in rules:
        index = _only(event, matches)
        if index is not None:
            return Crashed(f"thread/{index}", reason)
    return None


def _only(event: Event, matches: Callable[[Thread], bool]) -> int | None:
    """Index of the one thread with a stack for which ``matches`` holds; None if there are several."""
    found = [
        index
        for index, thread in enumerate(event.thread_list)
        if thread.stacktrace and thread.stacktrace.frames and matches(thread)
    ]
    return found[0] if len(found) == 1 else None


def _of_event(event: Event) -> Crashed | None:
    if event.stacktrace and event.stacktrace.frames:
        return Crashed("stacktrace", "the only stack of the event")
    return None
