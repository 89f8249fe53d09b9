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
    """The stack of the raised exception or of the thread that crashed, of another exception, else the only one."""
    raised = raised_exception(event)
    return (
        (None if raised is None else stack_of_exception(event, raised))
        or _crashed_thread(event)
        or _of_other_exceptions(event, raised)
        or _single(event, lambda thread: thread.current is True, "the one thread that was current")
        or _single(event, lambda _: True, "the only thread with a stack")
        or _of_event(event)
    )


def stack_of_exception(event: Event, index: int) -> Crashed | None:
    """The exception's own stack, or that of the thread which it names; of the raised one, that which crashed."""
    exception = event.exceptions[index]
    if exception.stacktrace and exception.stacktrace.frames:
        return Crashed(f"exception/{index}", "the stack of the exception")
    marked = _marked_thread(event) if index == raised_exception(event) else None
    return marked or _named_thread(event, exception)


def _crashed_thread(event: Event) -> Crashed | None:
    return _marked_thread(event) or _single(event, _was_interrupted, "the one thread that a signal interrupted")


def _marked_thread(event: Event) -> Crashed | None:
    return _single(event, lambda thread: thread.crashed is True, "the one thread marked as crashed")


def _named_thread(event: Event, exception: ExceptionValue) -> Crashed | None:
    wanted = exception.thread_id
    if wanted is None:
        return None
    return _single(event, lambda thread: thread.id == wanted, f"thread {wanted}, named by the exception")


def _of_other_exceptions(event: Event, raised: int | None) -> Crashed | None:
    others = (index for index in reversed(range(len(event.exceptions))) if index != raised)
    return next((stack for index in others if (stack := stack_of_exception(event, index))), None)


def _single(event: Event, matches: Callable[[Thread], bool], reason: str) -> Crashed | None:
    """The one thread with a stack for which ``matches`` holds; None if there are several."""
    found = [
        index
        for index, thread in enumerate(event.thread_list)
        if thread.stacktrace and thread.stacktrace.frames and matches(thread)
    ]
    return Crashed(f"thread/{found[0]}", reason) if len(found) == 1 else None


def _was_interrupted(thread: Thread) -> bool:
    """Whether a call below the newest one was no call: a signal handler runs above it."""
    frames = thread.stacktrace.frames if thread.stacktrace else ()
    return any(frame.adjust_instruction_addr is False for frame in frames[:-1])


def _of_event(event: Event) -> Crashed | None:
    if event.stacktrace and event.stacktrace.frames:
        return Crashed("stacktrace", "the only stack of the event")
    return None
