"""Which exception was raised, and which of the others belong to it."""

from symbolicator.model.event import Event, ExceptionValue


def raised_exception(event: Event) -> int | None:
    """Index of the exception that was raised: the root by ``mechanism.exception_id``, else the last one."""
    exceptions = event.exceptions
    if not exceptions:
        return None
    ids = [exception.mechanism and exception.mechanism.exception_id for exception in exceptions]
    return ids.index(0) if ids.count(0) == 1 else len(ids) - 1


def is_separate(exception: ExceptionValue) -> bool:
    """Whether an exception that is not the raised one has no part in it: it has an id and names no parent."""
    mechanism = exception.mechanism
    return mechanism is not None and mechanism.exception_id is not None and mechanism.parent_id is None
