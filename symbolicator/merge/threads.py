"""Which thread a stack is of, and what else is known of that thread."""

from symbolicator.model import Event


def runtime_stack_of(event: Event, stack: str) -> str | None:
    """Name of the runtime's stack on the thread that a native stack (its own, or an exception's) is of."""
    index = _thread_of(event, stack)
    return None if index is None else f"thread/{index}/vm"


def _thread_of(event: Event, stack: str) -> int | None:
    kind, _, number = stack.partition("/")
    if kind == "thread" and number.isdecimal():
        return int(number)
    named = event.exceptions[int(number)].thread_id if kind == "exception" else None
    found = [index for index, thread in enumerate(event.thread_list) if named is not None and thread.id == named]
    return found[0] if len(found) == 1 else None
