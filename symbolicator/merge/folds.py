"""What a reader of the merged view can skip: runs of frames that serve the same machinery, or the same crossing."""

from collections.abc import Container, Iterator, Sequence
from itertools import groupby

from symbolicator.merge.bridges import Bridges
from symbolicator.merge.made import LABEL, made_at_run_time
from symbolicator.model import Fold, Frame, Seam


def folds_of(frames: Sequence[Frame], seams: Sequence[Seam], sites: Container[int], bridges: Bridges) -> Iterator[Fold]:
    """The folds of a view's frames, oldest first. What failed (``sites``, positions) is folded as machinery only."""
    callees = [*frames[1:], None]
    made = made_at_run_time(seams, frames)
    labels = [
        LABEL if at in made and at not in sites else _label(frame, callee, bridges, is_site=at in sites)
        for at, (frame, callee) in enumerate(zip(frames, callees, strict=True))
    ]
    start = 0
    for label, run in groupby(labels):
        count = len(list(run))
        if label:
            yield Fold(start=start, count=count, label=label)
        start += count


def _label(frame: Frame, callee: Frame | None, bridges: Bridges, *, is_site: bool) -> str | None:
    if frame.data and frame.data.machinery:
        return frame.data.machinery
    match = None if is_site else bridges.match(frame, callee)
    return (match.rule.label or match.bridge.name) if match and match.rule.folds else None
