"""Exceptions that are found inside of another one's text or data, linked to it as Sentry links them.

They go in front of the others (the innermost cause comes first), with ids of their own below the exception that they
caused. What an SDK has made exceptions of already is not linked again.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from symbolicator.model import Event, ExceptionValue, Frame, Mechanism, Values
from symbolicator.model.causes import id_of, raised_exception

MAX_EXCEPTIONS = 200
"""Of an event that more are linked to."""
_SAME_CALLS = 3


def with_causes(event: Event, from_end: int, causes: Sequence[ExceptionValue]) -> Event:
    """The event with ``causes`` of the exception that is ``from_end`` places before the end (1 is the last one).

    The direct cause comes first; ids and parents that they have count among themselves, from 0.
    """
    values = event.exceptions
    if not causes or len(values) + len(causes) > MAX_EXCEPTIONS or any(is_same(causes[0], value) for value in values):
        return event
    values = _numbered(event)
    parent = id_of(values[len(values) - from_end]) or 0
    first = max(id_of(value) or 0 for value in values) + 1
    linked = [_linked(cause, number, first, parent) for number, cause in enumerate(causes)]
    return replace(event, exception=Values(values=(*reversed(linked), *values)))


def _numbered(event: Event) -> tuple[ExceptionValue, ...]:
    """The exceptions, all with ids: by convention one without caused the one behind it, and the last was raised."""
    values = list(event.exceptions)
    raised = raised_exception(event) or 0
    free = max(id_of(value) or 0 for value in values) + 1
    after: int | None = None
    for index in (raised, *(at for at in reversed(range(len(values))) if at != raised)):
        own = values[index].mechanism or Mechanism(type="generic")
        if own.exception_id is None:
            own = replace(own, exception_id=0 if index == raised else free, parent_id=after)
            free += index != raised
        values[index] = replace(values[index], mechanism=own)
        after = own.exception_id
    return tuple(values)


def _linked(cause: ExceptionValue, number: int, first: int, outer: int) -> ExceptionValue:
    own = cause.mechanism or Mechanism()
    is_direct = number == 0 or own.parent_id is None
    link = replace(
        own,
        type="chained",
        source=own.source or "cause",
        exception_id=first + (number if own.exception_id is None else own.exception_id),
        parent_id=outer if is_direct else first + (own.parent_id or 0),
    )
    return replace(cause, mechanism=link)


def is_same(one: ExceptionValue, other: ExceptionValue) -> bool:
    """Whether two exceptions have the same newest calls: by their addresses, else by their names."""
    both = [stack.frames[-_SAME_CALLS:] for stack in (one.stacktrace, other.stacktrace) if stack]
    return len(both) == len((one, other)) and [*map(_call, both[0])] == [*map(_call, both[1])]


def _call(frame: Frame) -> tuple[object, ...]:
    return (frame.instruction_addr,) if frame.instruction_addr else (frame.module, frame.function, frame.lineno)
