"""Which thread a stack is of, and what else is known of that thread."""

from symbolicator.model import Event


def thread_of(event: Event, stack: str) -> int | None:
    """Index of the thread that a stack, its own or that of an exception which names it, is of."""
    kind, _, number = stack.partition("/")
    if kind == "thread":
        return int(number)
    named = event.exceptions[int(number)].thread_id if kind == "exception" else None
    found = [index for index, thread in enumerate(event.thread_list) if named is not None and thread.id == named]
    return found[0] if len(found) == 1 else None
