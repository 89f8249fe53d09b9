"""Exceptions that crossed from one coroutine to another become one with their copies; see `coroutines`.

The copy has who awaited below the boundary, its cause has the calls that really ran: together they are one stack. What
other tools read may have the boundary as a frame, which is none.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from native.crashes.java.absorbed import absorb
from native.crashes.java.coroutines import is_resumed, marker_frame
from native.crashes.java.frames import PLATFORM
from native.crashes.java.stack_text import MAX_EXCEPTIONS
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace
from symbolicator.model.edit import annotate_stacks, platform_of, with_data
from symbolicator.protocols import Artifacts, Key


class RecoveredTransformer:
    """Marks what awaited, and joins copies with what they are copies of. Runs before frames are resolved."""

    name = "Kotlin's coroutines"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Leaves every event alone that has no boundary."""
        event = annotate_stacks(event, lambda stack: _without_markers(event, stack))
        for from_end in range(1, min(len(event.exceptions), MAX_EXCEPTIONS)):
            position = len(event.exceptions) - from_end
            event = _joined(event, position) if position > 0 else event
        return event


TRANSFORMER = RecoveredTransformer()


def _without_markers(event: Event, stack: Stacktrace) -> Stacktrace:
    """The stack without markers, the frames below them marked."""
    if not any(marker_frame(frame) and platform_of(event, frame) == PLATFORM for frame in stack.frames):
        return stack
    return replace(stack, frames=tuple(_marked(reversed(stack.frames)))[::-1])


def _marked(frames: Iterable[Frame]) -> Iterator[Frame]:
    """``frames``: newest first."""
    call = None
    for frame in frames:
        marker = marker_frame(frame)
        call = marker or call
        if not marker:
            yield with_data(frame, async_call=call) if call else frame


def _joined(event: Event, position: int) -> Event:
    """The event without the cause of an exception that is a copy of that."""
    values = event.exceptions
    copy = values[position]
    at = _cause_of(values, position)
    thrown = None if at is None else values[at]
    stack = _continued(copy, thrown) if thrown else None
    if stack is None or at is None:
        return event
    return absorb(event, at, position, stack)


def _cause_of(values: Sequence[ExceptionValue], position: int) -> int | None:
    """By the ids of the mechanisms, else the one before: innermost causes come first."""
    mechanism = values[position].mechanism
    number = mechanism.exception_id if mechanism else None
    if number is None:
        return position - 1
    parents = [value.mechanism.parent_id if value.mechanism else None for value in values]
    return next((at for at in reversed(range(position)) if parents[at] == number), None)


def _continued(copy: ExceptionValue, thrown: ExceptionValue) -> Stacktrace | None:
    """The stack of both, each call once; None if they are no copy and original."""
    if (copy.type, copy.module, copy.value) != (thrown.type, thrown.module, thrown.value):
        return None
    below = copy.stacktrace.frames if copy.stacktrace else ()
    ran = thrown.stacktrace.frames if thrown.stacktrace else ()
    slept = next((at for at in range(len(below), 0, -1) if is_resumed(below[at - 1])), 0)
    same = below[slept:]
    if not slept or not same or ran[-len(same) :] != same:
        return None
    return replace(copy.stacktrace or Stacktrace(), frames=(*below[:slept], *ran))
