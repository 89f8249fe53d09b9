"""The frames that an event shows, newest call first: its merged view turned around."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from symbolicator.model import Event, Fold, Frame, Seam, Stacktrace
from symbolicator.model.awaits import await_seams
from symbolicator.model.edit import stacks_of


class Step(Struct, frozen=True):
    """One frame of a trace: frame ``index`` (0-based, caller to callee) of the stack named ``stack``."""

    frame: Frame
    stack: str
    index: int


class Trace(Struct, frozen=True):
    """Frames, newest call first. Positions are 0-based indices of ``steps``."""

    steps: tuple[Step, ...] = ()
    seams: Mapping[int, tuple[Seam, ...]] = field(default_factory=dict)
    """Seams that lie before a position; after the last frame where it is ``len(steps)``."""
    folds: Mapping[int, Fold] = field(default_factory=dict)
    """The fold that a position is part of."""

    def part(self, start: int, end: int) -> "Trace":
        """The frames from one position to another, with what belongs to them."""
        seams = {at - start: seams for at, seams in self.seams.items() if start < at < end}
        folds = {at - start: fold for at, fold in self.folds.items() if start <= at < end}
        return Trace(self.steps[start:end], seams, folds)

    @property
    def stacks(self) -> frozenset[str]:
        """Names of the stacks that the frames are from."""
        return frozenset(step.stack for step in self.steps)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames without where they are from."""
        return tuple(step.frame for step in self.steps)


def whole_trace(event: Event) -> Trace:
    """The merged trace; without one the raised exception's stack, else the crashed thread's, else what is there."""
    stacks = dict(stacks_of(event))
    merged = _merged_trace(event, stacks)
    if merged.steps:
        return merged
    return next((stack_trace(name, stacks[name]) for name in _by_relevance(event) if name in stacks), Trace())


def stack_trace(name: str, stack: Stacktrace) -> Trace:
    """A stack as it is, newest call first."""
    steps = tuple(Step(frame, name, index) for index, frame in enumerate(stack.frames))
    return Trace(steps[::-1], _seams(await_seams(stack.frames), range(len(steps))))


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
    return Trace(tuple(reversed(steps)), _seams(event.merged.seams, kept), _folds(event.merged.folds, kept))


def _seams(seams: Iterable[Seam], kept: Sequence[int]) -> dict[int, tuple[Seam, ...]]:
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


def identity(frame: Frame) -> tuple[object, ...]:
    """What makes two frames the same call in the same place."""
    place = frame.filename or frame.abs_path
    return (frame.function, frame.module, place, frame.lineno, frame.colno, frame.instruction_addr)
