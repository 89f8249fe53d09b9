"""Builds the merged view from the chosen stacks."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.chain import Link, cause_chain
from symbolicator.merge.crashed import Crashed, find_crashed, stack_of_exception
from symbolicator.model import Event, Fold, Frame, MergedFrame, MergedTrace, Seam
from symbolicator.model.edit import stacks_of


class _Segment(Struct, frozen=True):
    stack: str
    link: Link | None


def merge(event: Event) -> Event:
    """Sets ``event.merged``. Depends on the stacks alone, so that merging again changes nothing.

    Exceptions that caused one another are shown one after the other with a seam between them (cause chain, ``R3``):
    the innermost cause ran first. An event without any stack gets no view.
    """
    crashed = find_crashed(event)
    if crashed is None:
        return replace(event, merged=None)
    return replace(event, merged=_view(event, crashed, _segments(event, crashed)))


def _segments(event: Event, crashed: Crashed) -> list[_Segment]:
    """The stacks of the view, innermost cause first, the raised exception last."""
    segments: list[_Segment] = []
    for link in cause_chain(event):
        stack = stack_of_exception(event, link.index)
        if stack and all(stack.stack != segment.stack for segment in segments):
            segments.append(_Segment(stack.stack, link))
    return segments[::-1] or [_Segment(crashed.stack, None)]


def _view(event: Event, crashed: Crashed, segments: list[_Segment]) -> MergedTrace:
    stacks = {name: stack.frames for name, stack in stacks_of(event)}
    frames: list[MergedFrame] = []
    seams: list[Seam] = []
    for number, segment in enumerate(segments):
        count = len(stacks[segment.stack])
        frames.extend(MergedFrame(stack=segment.stack, index=index, segment=number) for index in range(count))
        if segment.link and number < len(segments) - 1:
            seams.append(_cause_seam(len(frames), segment.link))
    folds = tuple(_folds([stacks[frame.stack][frame.index] for frame in frames]))
    return MergedTrace(
        frames=tuple(frames), seams=tuple(seams), folds=folds, crashed_stack=crashed.stack, reason=crashed.reason
    )


def _folds(frames: Sequence[Frame]) -> Iterator[Fold]:
    """Runs of frames that serve the same machinery."""
    start = 0
    for label, run in groupby(frames, lambda frame: frame.data.machinery if frame.data else None):
        count = len(list(run))
        if label:
            yield Fold(start=start, count=count, label=label)
        start += count


def _cause_seam(before: int, cause: Link) -> Seam:
    return Seam(
        before=before, relation="R3", rule="linked-exceptions", evidence=cause.evidence, confidence=cause.confidence
    )
