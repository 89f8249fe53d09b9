"""Builds the merged view from the chosen stacks."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.bridges import Bridges, BridgeTables, matcher_for
from symbolicator.merge.chain import Link, cause_chain
from symbolicator.merge.crashed import Crashed, find_crashed, stack_of_exception
from symbolicator.model import Event, Fold, Frame, MergedFrame, MergedTrace, Seam
from symbolicator.model.edit import stacks_of


class _Segment(Struct, frozen=True):
    stack: str
    link: Link | None


def merge(event: Event, bridges: BridgeTables = tuple) -> Event:
    """Sets ``event.merged``. Depends on the stacks and the tables alone, so that merging again changes nothing.

    Exceptions that caused one another are shown one after the other with a seam between them (cause chain, ``R3``):
    the innermost cause ran first. An event without any stack gets no view. ``bridges`` is asked for its tables only
    where the event has frames of several platforms.
    """
    crashed = find_crashed(event)
    if crashed is None:
        return replace(event, merged=None)
    matcher = matcher_for(event, bridges)
    return replace(event, merged=_view(event, crashed, _segments(event, crashed), matcher))


def _segments(event: Event, crashed: Crashed) -> list[_Segment]:
    """The stacks of the view, innermost cause first, the raised exception last."""
    segments: list[_Segment] = []
    for link in cause_chain(event):
        stack = stack_of_exception(event, link.index)
        if stack and all(stack.stack != segment.stack for segment in segments):
            segments.append(_Segment(stack.stack, link))
    return segments[::-1] or [_Segment(crashed.stack, None)]


def _view(event: Event, crashed: Crashed, segments: list[_Segment], bridges: Bridges) -> MergedTrace:
    stacks = {name: stack.frames for name, stack in stacks_of(event)}
    frames: list[MergedFrame] = []
    seams: list[Seam] = []
    for number, segment in enumerate(segments):
        count = len(stacks[segment.stack])
        frames.extend(MergedFrame(stack=segment.stack, index=index, segment=number) for index in range(count))
        if segment.link and number < len(segments) - 1:
            seams.append(_cause_seam(len(frames), segment.link))
    resolved = [stacks[frame.stack][frame.index] for frame in frames]
    folds = tuple(_folds(resolved, _sites(frames), bridges))
    return MergedTrace(
        frames=tuple(frames), seams=tuple(seams), folds=folds, crashed_stack=crashed.stack, reason=crashed.reason
    )


def _sites(frames: Sequence[MergedFrame]) -> frozenset[int]:
    """Positions of the newest frame of every segment: where it failed, or called on. Those are never folded."""
    return frozenset({frame.segment: position for position, frame in enumerate(frames)}.values())


def _folds(frames: Sequence[Frame], sites: frozenset[int], bridges: Bridges) -> Iterator[Fold]:
    """Runs of frames that serve the same machinery, or the same crossing between two languages."""
    labels = [_label(frame, bridges, is_site=at in sites) for at, frame in enumerate(frames)]
    start = 0
    for label, run in groupby(labels):
        count = len(list(run))
        if label:
            yield Fold(start=start, count=count, label=label)
        start += count


def _label(frame: Frame, bridges: Bridges, *, is_site: bool) -> str | None:
    if frame.data and frame.data.machinery:
        return frame.data.machinery
    match = None if is_site else bridges.match(frame)
    return match.bridge.name if match and match.rule.folds else None


def _cause_seam(before: int, cause: Link) -> Seam:
    return Seam(
        before=before, relation="R3", rule="linked-exceptions", evidence=cause.evidence, confidence=cause.confidence
    )
