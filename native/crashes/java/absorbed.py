"""Exceptions whose calls became part of another one's stack: they go, and what led to them leads there."""

from msgspec.structs import replace

from symbolicator.model import Event, ExceptionValue, Stacktrace, Values


def absorb(event: Event, gone: int, into: int, stack: Stacktrace) -> Event:
    """The event without the exception ``gone``, whose calls the ``stack`` of the exception ``into`` has now.

    Both are indices; the raw stack of the latter stays beside.
    """
    values = event.exceptions
    one = values[into]
    whole = replace(one, stacktrace=stack, raw_stacktrace=one.raw_stacktrace or one.stacktrace)
    left = (whole if number == into else value for number, value in enumerate(values) if number != gone)
    return replace(event, exception=Values(values=tuple(_relinked(value, values[gone], one) for value in left)))


def _relinked(value: ExceptionValue, gone: ExceptionValue, into: ExceptionValue) -> ExceptionValue:
    link, old, new = value.mechanism, gone.mechanism, into.mechanism
    if link is None or old is None or new is None or link.parent_id is None or link.parent_id != old.exception_id:
        return value
    return replace(value, mechanism=replace(link, parent_id=new.exception_id))
