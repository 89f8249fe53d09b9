"""Which exception was raised, where several are linked."""

from symbolicator.model.event import Event


def raised_exception(event: Event) -> int | None:
    """Index of the exception that was raised: the root by ``mechanism.exception_id``, else the last one."""
    exceptions = event.exceptions
    if not exceptions:
        return None
    ids = [exception.mechanism and exception.mechanism.exception_id for exception in exceptions]
    return ids.index(0) if ids.count(0) == 1 else len(ids) - 1
