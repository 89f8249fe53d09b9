"""Exceptions of Ruby with what caused them, in the order and with the ids that Sentry's SDK gives them."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from native.crashes.ruby.errors import PrintedError
from symbolicator.model import ExceptionValue, Mechanism, Stacktrace, Thread


class _Link(Struct, frozen=True):
    error: PrintedError
    parent: int | None


def exceptions_of(roots: Sequence[PrintedError]) -> list[ExceptionValue]:
    """All exceptions, the raised one first, each followed by its causes. What nothing links is ``separate``."""
    links = list(_links(roots))
    return [_exception(link, number if len(links) > 1 else None) for number, link in enumerate(links)]


def threads_of(roots: Sequence[PrintedError]) -> list[Thread]:
    """The threads that exceptions ended."""
    names = dict.fromkeys(root.thread for root in roots if root.thread)
    return [Thread(id=name, name=name, crashed=True if len(names) == 1 else None) for name in names]


def _links(roots: Sequence[PrintedError]) -> Iterator[_Link]:
    """Without what is printed again: Ruby prints what ended a thread, and again when the program ends by it."""
    seen: set[tuple[object, ...]] = set()
    for root in roots:
        error: PrintedError | None = root
        parent: int | None = None
        while error and (key := _key(error)) not in seen:
            yield _Link(error, parent)
            parent, error = len(seen), error.cause
            seen.add(key)


def _key(error: PrintedError) -> tuple[object, ...]:
    return (error.type, *error.message, *((frame.filename, frame.lineno, frame.function) for frame in error.frames))


def _exception(link: _Link, number: int | None) -> ExceptionValue:
    error = link.error
    return ExceptionValue(
        type=error.type,
        module=(error.type or "").rpartition("::")[0] or None,
        value="\n".join(error.message).strip("\n") or None,
        thread_id=error.thread,
        mechanism=_mechanism(link, number),
        stacktrace=Stacktrace(frames=tuple(reversed(error.frames))) if error.frames else None,
    )


def _mechanism(link: _Link, number: int | None) -> Mechanism | None:
    if number is None:
        return None
    is_caused = link.parent is not None
    kind = "chained" if is_caused else "separate" if number else "generic"
    return Mechanism(type=kind, source="cause" if is_caused else None, exception_id=number, parent_id=link.parent)
