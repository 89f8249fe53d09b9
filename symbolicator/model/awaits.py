"""Where a stack says itself that its older part did not call the newer one, but awaited, scheduled or started it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from symbolicator.model.frames import AsyncCall, Frame
from symbolicator.model.merged import Seam

_EVIDENCE = "the stack says so itself"


def await_seams(frames: Sequence[Frame]) -> Iterator[Seam]:
    """The seams of a stack, from caller to callee. Frames one after the other that awaited the same have one seam."""
    for before, (older, newer) in enumerate(pairwise(map(_async_call, frames)), 1):
        if older and older != newer:
            yield Seam(
                before=before, relation="R2", rule=older.rule, evidence=_EVIDENCE, confidence=1.0, label=older.label
            )


def _async_call(frame: Frame) -> AsyncCall | None:
    return frame.data.async_call if frame.data else None
