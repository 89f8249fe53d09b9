"""An event in sections: the exception that was raised with its trace, then each one that led to it.

The merged view has the stacks of linked exceptions one after the other; here each goes below its own message.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from symbolicator.model import Event, ExceptionValue, Stacktrace
from symbolicator.model.causes import is_separate, raised_exception
from symbolicator.model.merged import LINKED
from symbolicator.render.traces import Trace, identity, stack_trace, whole_trace

_MAX_STARTS = 20


class Section(Struct, frozen=True):
    """One exception with its part of the trace. ``shared``: how many of its oldest frames the section above has too."""

    exception: ExceptionValue | None
    trace: Trace
    relation: str = ""
    """How the exception belongs to the ones above: ``caused by``."""
    shared: int = 0
    within: "tuple[Section, ...]" = ()
    """What caused it, in frames of the same trace."""
    apart: str = ""
    """Why the trace is none with the one above, where that could have been."""


class _Part(Struct, frozen=True):
    """The trace of one exception, with the frames of those that caused it in the same stack."""

    trace: Trace
    within: tuple[int, ...] = ()
    apart: str = ""


def sections_of(event: Event) -> tuple[Section, ...]:
    """The sections, the raised exception (or, without exceptions, the crashed stack) first."""
    whole = whole_trace(event)
    raised = raised_exception(event)
    if raised is None:
        return (Section(None, whole),)
    parts = dict(_parts(event, whole, raised))
    main = parts.get(raised, _Part(Trace()))
    return (Section(event.exceptions[raised], main.trace, within=_within(event, main)), *_causes(event, parts, raised))


def _within(event: Event, part: _Part) -> tuple[Section, ...]:
    """The titles of what caused an exception in its own trace."""
    groups = _groups(event)
    exceptions = [event.exceptions[index] for index in part.within]
    return tuple(Section(one, Trace(), _relation(one, groups)) for one in exceptions)


def _parts(event: Event, whole: Trace, raised: int) -> Iterator[tuple[int, _Part]]:
    """The trace cut at the seams between linked exceptions, each part with the index of its exception."""
    owners = _owners(event)
    linked = {at: seam for at, seams in whole.seams.items() for seam in seams if seam.rule == LINKED}
    start, apart, seen = 0, "", set[int]()
    for at in (*sorted(linked), len(whole.steps)):
        found = _owned(whole, start, at, owners)
        next_owner = owners.get(whole.steps[at].stack) if at < len(whole.steps) else None
        if at == len(whole.steps) or (start < at and next_owner is not None and next_owner not in {*seen, *found}):
            *within, owner = found or [raised]
            yield owner, _Part(whole.part(start, at), tuple(within), apart)
            start, apart = at, linked[at].apart or "" if at in linked else ""
            seen.update(found)


def _owned(whole: Trace, start: int, end: int, owners: dict[str, int]) -> list[int]:
    """The exceptions that frames are of, the newest frame's first: it called nothing any more."""
    known = (owners.get(step.stack) for step in whole.steps[start:end])
    return list(dict.fromkeys(owner for owner in known if owner is not None))


def _owners(event: Event) -> dict[str, int]:
    """Index of the exception that a stack belongs to, its own or that of the thread which it names."""
    threads = {thread.id: f"thread/{index}" for index, thread in enumerate(event.thread_list) if thread.id is not None}
    owners: dict[str, int] = {}
    for index, exception in enumerate(event.exceptions):
        owners[f"exception/{index}"] = index
        if exception.thread_id in threads:
            owners[threads[exception.thread_id]] = index
            owners |= {f"{threads[exception.thread_id]}/{kind}": index for kind in ("vm", "caller")}
    return owners


def _causes(event: Event, parts: dict[int, _Part], raised: int) -> Iterator[Section]:
    groups = _groups(event)
    told = {raised, *(index for part in parts.values() for index in part.within)}
    enclosing = parts.get(raised, _Part(Trace())).trace
    for index in _order(event, list(parts), raised):
        if index in told:
            continue
        exception = event.exceptions[index]
        own = stack_trace(f"exception/{index}", exception.stacktrace or Stacktrace())
        part = parts.get(index, _Part(own))
        shared = _shared(part.trace, enclosing)
        yield Section(exception, part.trace, _relation(exception, groups), shared, _within(event, part), part.apart)
        enclosing = part.trace if part.trace.steps else enclosing


def _order(event: Event, shown: Sequence[int], raised: int) -> list[int]:
    """The merged view's order; exceptions without a stack stand where the payload has them, innermost cause first."""
    order = list(dict.fromkeys([raised, *shown]))
    known = set(order)
    after: dict[int, list[int]] = {}
    previous = raised
    for index in reversed(range(len(event.exceptions))):
        if index not in known:
            after.setdefault(previous, []).append(index)
        else:
            previous = index
    return [index for known_index in order for index in (known_index, *after.get(known_index, ()))][1:]


def _relation(exception: ExceptionValue, groups: frozenset[int]) -> str:
    """From the mechanism's ``source``, which names what linked them, and from what its parent is.

    Empty where the exception's type begins with that already, as in "freed by thread T0 here".
    """
    if is_separate(exception):
        return "also in this report"
    mechanism = exception.mechanism
    source = (mechanism.source if mechanism else None) or ""
    if source and (exception.type or "").startswith(source):
        return ""
    if source.startswith("suppressed"):
        return "suppressed"
    if source == "__context__":
        return "raised while handling"
    in_group = mechanism is not None and mechanism.parent_id in groups
    return "one of its errors" if in_group or source.startswith(("exceptions[", "errors[")) else "caused by"


def _groups(event: Event) -> frozenset[int]:
    """Ids of the exceptions that are groups of others."""
    mechanisms = (exception.mechanism for exception in event.exceptions)
    ids = (mechanism.exception_id for mechanism in mechanisms if mechanism and mechanism.is_exception_group)
    return frozenset(number for number in ids if number is not None)


def _shared(trace: Trace, enclosing: Trace) -> int:
    """How many of the oldest frames the enclosing trace has too, one after the other.

    They need not be its oldest ones: runtimes such as V8 cut long stacks. The innermost frame is always shown, and a
    single one is not worth folding.
    """
    mine = [identity(frame) for frame in reversed(trace.frames[1:])]
    theirs = [identity(frame) for frame in reversed(enclosing.frames)]
    starts = [at for at, frame in enumerate(theirs) if mine and frame == mine[0]][:_MAX_STARTS]
    count = max((_common(mine, theirs[at:]) for at in starts), default=0)
    return count if count > 1 else 0


def _common(mine: Sequence[object], theirs: Sequence[object]) -> int:
    pairs = enumerate(zip(mine, theirs, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(mine), len(theirs)))
