"""Asynchronous calls that the stacks themselves tell of (``R2``): the gaps between what ran and what awaited that."""

from collections.abc import Iterable, Sequence

from symbolicator.model import Frame, Seam
from symbolicator.model.awaits import await_seams


def with_awaits(seams: Iterable[Seam], frames: Sequence[Frame]) -> tuple[Seam, ...]:
    """The seams of a view and, where there is none yet, those that its frames tell of, in their order.

    ``frames``: those of the view, oldest first.
    """
    known = tuple(seams)
    taken = {seam.before for seam in known}
    told = (seam for seam in await_seams(frames) if seam.before not in taken)
    return tuple(sorted((*known, *told), key=lambda seam: seam.before))


def sleeping(frames: Sequence[Frame]) -> int:
    """How many of the oldest frames of a runtime's stack were on no stack: they awaited all that ran, native calls too.

    The newest frame ran in any case.
    """
    return next((end for end in range(len(frames) - 1, 0, -1) if (data := frames[end - 1].data) and data.is_async), 0)
