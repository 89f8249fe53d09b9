"""Exceptions of .NET with those inside them, linked as Sentry's SDK links them (``InnerException``)."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from native.crashes.dotnet.report import PrintedError
from symbolicator.model import ExceptionValue, Mechanism, Stacktrace

_GROUP = "AggregateException"


class _Link(Struct, frozen=True):
    error: PrintedError
    source: str | None
    parent: int | None


def exceptions_of(roots: Sequence[PrintedError]) -> list[ExceptionValue]:
    """All exceptions, the raised one first. mono prints what nobody handled twice: it is there once."""
    links = [link for root in _distinct(roots) for link in _depth_first(root)]
    alone = len(links) == 1
    start = 0
    values: list[ExceptionValue] = []
    for number, link in enumerate(links):
        start = number if link.parent is None else start
        values.append(_exception(link, None if alone else number, start))
    return values


def _distinct(roots: Sequence[PrintedError]) -> Iterator[PrintedError]:
    seen = set()
    for root in roots:
        identity = (tuple(root.told), tuple((f.module, f.function, f.lineno) for f in root.frames))
        if identity not in seen:
            yield root
        seen.add(identity)


def _depth_first(root: PrintedError) -> Iterator[_Link]:
    """Each exception with the place of its parent among those of this root."""
    waiting = [_Link(root, None, None)]
    place = 0
    while waiting:
        link = waiting.pop()
        yield link
        children = link.error.children
        sources = [f"InnerExceptions[{at}]" for at in range(len(children))]
        sources = ["InnerException"] if len(children) == 1 and not _is_group(link.error) else sources
        waiting += [_Link(*pair, place) for pair in reversed(list(zip(children, sources, strict=True)))]
        place += 1


def _is_group(error: PrintedError) -> bool:
    return (error.named[0] or "").endswith(_GROUP)


def _exception(link: _Link, number: int | None, start: int) -> ExceptionValue:
    kind, value = link.error.named
    frames = tuple(reversed(link.error.frames))
    return ExceptionValue(
        type=kind,
        value=value,
        mechanism=_mechanism(link, number, start),
        stacktrace=Stacktrace(frames=frames) if frames else None,
    )


def _mechanism(link: _Link, number: int | None, start: int) -> Mechanism | None:
    handled = False if link.error.unhandled else None
    is_group = True if _is_group(link.error) and link.error.children else None
    if number is None and handled is None and is_group is None:
        return None
    kind = "chained" if link.parent is not None else "separate" if number else "generic"
    return Mechanism(
        type=kind,
        handled=handled,
        source=link.source,
        exception_id=number,
        parent_id=None if link.parent is None else start + link.parent,
        is_exception_group=is_group,
    )
