"""Which stacks an event shows: the one that crashed, then the causes it is linked to, newest call first."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from symbolicator.model import Event, ExceptionValue, Fold, Frame, Seam, Stacktrace
from symbolicator.model.edit import stacks_of


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a trace: frame ``index`` (0-based, caller to callee) of the stack named ``stack``."""

    frame: Frame
    stack: str
    index: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Frames, newest call first. Positions are 0-based indices of ``steps``."""

    steps: tuple[Step, ...] = ()
    seams: Mapping[int, tuple[Seam, ...]] = field(default_factory=dict)
    """Seams that lie before a position; after the last frame where it is ``len(steps)``."""
    folds: Mapping[int, Fold] = field(default_factory=dict)
    """The fold that a position is part of."""

    @property
    def stacks(self) -> frozenset[str]:
        """Names of the stacks that the frames are from."""
        return frozenset(step.stack for step in self.steps)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames without where they are from."""
        return tuple(step.frame for step in self.steps)


@dataclass(frozen=True, slots=True)
class Cause:
    """A linked exception. ``shared``: how many of its oldest frames its enclosing trace has too."""

    exception: ExceptionValue
    relation: str
    trace: Trace
    shared: int = 0
    merged: bool = False
    """Its frames are part of the main trace."""


def main_trace(event: Event) -> Trace:
    """The merged trace; without one, the raised exception's stack, else the crashed thread's, else whatever is there."""
    stacks = dict(stacks_of(event))
    merged = _merged_trace(event, stacks)
    if merged.steps:
        return merged
    return next((stack_trace(name, stacks[name]) for name in _by_relevance(event) if name in stacks), Trace())


def stack_trace(name: str, stack: Stacktrace) -> Trace:
    """A stack as it is, newest call first."""
    return Trace(tuple(Step(frame, name, index) for index, frame in enumerate(stack.frames))[::-1])


def _by_relevance(event: Event) -> Iterable[str]:
    yield from (f"exception/{index}" for index in reversed(range(len(event.exceptions))))
    threads = list(enumerate(event.thread_list))
    yield from (f"thread/{index}" for index, thread in threads if thread.crashed)
    yield from (f"thread/{index}" for index, thread in threads if thread.current)
    yield from ("stacktrace", *(f"thread/{index}" for index, _ in threads))


def _merged_trace(event: Event, stacks: Mapping[str, Stacktrace]) -> Trace:
    """The merged view; references that point at nothing (a payload may claim any) are passed over."""
    if event.merged is None:
        return Trace()
    kept: list[int] = []
    steps: list[Step] = []
    for position, reference in enumerate(event.merged.frames):
        stack = stacks.get(reference.stack)
        if stack and 0 <= reference.index < len(stack.frames):
            kept.append(position)
            steps.append(Step(stack.frames[reference.index], reference.stack, reference.index))
    return Trace(
        tuple(reversed(steps)), _seams(event.merged.seams, kept), _folds(event.merged.folds, kept)
    )


def _seams(seams: Iterable[Seam], kept: list[int]) -> dict[int, tuple[Seam, ...]]:
    placed: dict[int, tuple[Seam, ...]] = {}
    for seam in seams:
        position = len(kept) - bisect_left(kept, seam.before)
        placed[position] = (*placed.get(position, ()), seam)
    return placed


def _folds(folds: Iterable[Fold], kept: list[int]) -> dict[int, Fold]:
    """Folds by position; where two overlap, the first one has the frame."""
    placed: dict[int, Fold] = {}
    done = 0
    for fold in sorted(folds, key=lambda fold: fold.start):
        end = bisect_left(kept, fold.start + fold.count)
        for index in range(max(done, bisect_left(kept, fold.start)), end):
            placed[len(kept) - 1 - index] = fold
        done = max(done, end)
    return placed


def causes(event: Event, main: Trace) -> list[Cause]:
    """The exceptions that led to the raised one, in the order of the chain."""
    found: list[Cause] = []
    enclosing = main
    for index in reversed(range(len(event.exceptions) - 1)):
        exception = event.exceptions[index]
        name = f"exception/{index}"
        relation = _relation(exception, event.exceptions)
        if name in main.stacks:
            found.append(Cause(exception, relation, Trace(), merged=True))
            continue
        trace = stack_trace(name, exception.stacktrace or Stacktrace())
        found.append(Cause(exception, relation, trace, _shared(trace, enclosing)))
        enclosing = trace if trace.steps else enclosing
    return found


def _relation(exception: ExceptionValue, all_: tuple[ExceptionValue, ...]) -> str:
    """How it belongs to its parent, from the mechanism's ``source`` and the parent's ``is_exception_group``."""
    mechanism = exception.mechanism
    source = (mechanism.source if mechanism else None) or ""
    if source.startswith("suppressed"):
        return "suppressed"
    if source == "__context__":
        return "raised while handling"
    group = source.startswith(("exceptions[", "errors["))
    if group or (mechanism and mechanism.parent_id is not None and _is_group(mechanism.parent_id, all_)):
        return "one of its errors"
    return "caused by"


def _is_group(exception_id: int, exceptions: tuple[ExceptionValue, ...]) -> bool:
    mechanisms = (exception.mechanism for exception in exceptions)
    return any(
        mechanism.is_exception_group
        for mechanism in mechanisms
        if mechanism and mechanism.exception_id == exception_id
    )


def _shared(trace: Trace, enclosing: Trace) -> int:
    """How many of the oldest frames both have; the innermost one is always shown, and one line is not worth folding."""
    count = 0
    for mine, theirs in zip(reversed(trace.steps[1:]), reversed(enclosing.steps), strict=False):
        if identity(mine.frame) != identity(theirs.frame):
            break
        count += 1
    return count if count > 1 else 0


def identity(frame: Frame) -> tuple[object, ...]:
    """What makes two frames the same call in the same place."""
    place = frame.filename or frame.abs_path
    return (frame.function, frame.module, place, frame.lineno, frame.colno, frame.instruction_addr)
