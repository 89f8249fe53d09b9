"""The calls of a trace that a crash is called after, blamed on and recognised by: the program's own, newest first."""

from collections.abc import Iterator

from symbolicator.model import Event, Frame
from symbolicator.model.edit import stacks_of


def own_calls(event: Event) -> Iterator[Frame]:
    """The program's own frames of the merged trace, folded machinery left out; all that are left where none is own."""
    frames = list(_unfolded(event))
    own = [frame for frame in frames if frame.in_app]
    undecided = [frame for frame in frames if frame.in_app is None]
    yield from own or undecided or frames


def _unfolded(event: Event) -> Iterator[Frame]:
    merged = event.merged
    if merged is None:
        return
    stacks = dict(stacks_of(event))
    folded = {at for fold in merged.folds for at in range(fold.start, fold.start + fold.count)}
    for at in reversed(range(len(merged.frames))):
        reference = merged.frames[at]
        frames = stacks[reference.stack].frames if reference.stack in stacks else ()
        if at not in folded and 0 <= reference.index < len(frames):
            yield frames[reference.index]
