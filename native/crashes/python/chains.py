"""Exceptions of Python with what caused them, in the order and with the ids that Sentry's SDK gives them.

The one that was raised has the lowest id of its chain; its cause or context and the exceptions of a group follow, depth
first. In ``exception.values`` the innermost cause comes first. A further traceback in the same text, which nothing
links to the first, is an exception without parent (mechanism ``separate``).
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from native.crashes.python.tracebacks import PrintedError
from symbolicator.model import ExceptionValue, Mechanism, Stacktrace, Thread


class _Link(Struct, frozen=True):
    error: PrintedError
    source: str | None
    parent: int | None


def exceptions_of(roots: Sequence[PrintedError], *, first: int = 0) -> list[ExceptionValue]:
    """All exceptions, the raised one first. ``first``: how many exceptions of other kinds stand before them."""
    links = [link for root in roots for link in _depth_first(root)]
    alone = len(links) + first == 1
    starts = 0
    values: list[ExceptionValue] = []
    for number, link in enumerate(links, start=first):
        starts = number if link.parent is None else starts
        values.append(_exception(link, None if alone else number, starts))
    return values


def threads_of(roots: Sequence[PrintedError]) -> list[Thread]:
    """The threads that exceptions ended."""
    names = dict.fromkeys(root.thread for root in roots if root.thread)
    return [Thread(id=name, name=name, crashed=True if len(names) == 1 else None) for name in names]


def _depth_first(root: PrintedError) -> Iterator[_Link]:
    """Each exception with the place of its parent among those of this root."""
    waiting = [_Link(root, None, None)]
    place = 0
    while waiting:
        link = waiting.pop()
        yield link
        error = link.error
        children = [_Link(child, f"exceptions[{at}]", place) for at, child in enumerate(error.children)]
        waiting += reversed(children)
        waiting += [_Link(error.cause, error.source, place)] if error.cause else []
        place += 1


def _exception(link: _Link, number: int | None, start: int) -> ExceptionValue:
    error = link.error
    name, value = error.named
    module, _, kind = (name or "").rpartition(".")
    return ExceptionValue(
        type=kind or None,
        module=module or None,
        value=value,
        thread_id=error.thread,
        mechanism=_mechanism(link, number, start),
        stacktrace=Stacktrace(frames=tuple(error.frames)) if error.frames else None,
    )


def _mechanism(link: _Link, number: int | None, start: int) -> Mechanism | None:
    handled = True if link.error.ignored else False if link.error.thread else None
    if number is None and handled is None and not link.error.children:
        return None
    kind = "chained" if link.parent is not None else "separate" if number else "generic"
    return Mechanism(
        type=kind,
        handled=handled,
        source=link.source,
        exception_id=number,
        parent_id=None if link.parent is None else start + link.parent,
        is_exception_group=True if link.error.children else None,
    )
