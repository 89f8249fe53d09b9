"""Which exception was raised, and which of the others belong to it."""

from collections.abc import Sequence

from symbolicator.model.event import Event, ExceptionValue


def raised_exception(event: Event) -> int | None:
    """Index of the exception that was raised: the root by the ids of the mechanisms, else the last one.

    The root has id 0. Where none has and all have ids, it is the one with the lowest id that has no parent here.
    """
    exceptions = event.exceptions
    if not exceptions:
        return None
    ids = [id_of(exception) for exception in exceptions]
    if ids.count(0) == 1:
        return ids.index(0)
    known = [number for number in ids if number is not None]
    if len(set(known)) < len(ids):
        return len(ids) - 1
    return ids.index(min(_without_parent(exceptions, frozenset(known)) or known))


def _without_parent(exceptions: Sequence[ExceptionValue], known: frozenset[int]) -> list[int]:
    """Ids of those whose parent is none of the ``known``."""
    found = [exception.mechanism for exception in exceptions if parent_of(exception) not in known]
    return [one.exception_id for one in found if one and one.exception_id is not None]


def id_of(exception: ExceptionValue) -> int | None:
    """The exception's id among those of its event."""
    return exception.mechanism.exception_id if exception.mechanism else None


def parent_of(exception: ExceptionValue) -> int | None:
    """Id of the exception that it caused."""
    return exception.mechanism.parent_id if exception.mechanism else None


def is_separate(exception: ExceptionValue) -> bool:
    """Whether an exception that is not the raised one has no part in it: it has an id and names no parent."""
    return id_of(exception) is not None and parent_of(exception) is None
