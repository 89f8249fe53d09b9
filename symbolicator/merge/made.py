"""Code that a runtime made while it ran: native frames beside its own of which nothing is known."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from symbolicator.model import Frame, Seam

LABEL = "code made at run time"


def made_at_run_time(seams: Iterable[Seam], frames: Sequence[Frame]) -> frozenset[int]:
    """Positions of frames without name and image that lie at a seam between two views of one stack.

    A walker of the native stack shows ``??`` for each frame of an interpreter or a compiler, and the runtime shows the
    calls that they are.
    """

    def is_unknown(position: int) -> bool:
        return not frames[position].function and not frames[position].package

    found: set[int] = set()
    for seam in seams:
        if seam.relation == "R1":
            found.update(takewhile(is_unknown, range(seam.before, len(frames))))
            found.update(takewhile(is_unknown, range(seam.before - 1, -1, -1)))
    return frozenset(found)
