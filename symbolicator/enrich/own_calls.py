"""The calls of a trace that a crash is called after, blamed on and recognised by: the program's own, newest first."""

from collections.abc import Container, Iterator

from symbolicator.model import Event, Frame
from symbolicator.model.edit import stacks_of


def own_calls(event: Event) -> Iterator[Frame]:
    """The program's own frames of the merged trace, folded machinery left out; all that are left where none is own."""
    frames = list(unfolded(event))
    own = [frame for frame in frames if frame.in_app]
    undecided = [frame for frame in frames if frame.in_app is None]
    yield from own or undecided or frames


def unfolded(event: Event) -> Iterator[Frame]:
    """The frames of the merged trace that are no machinery, newest first."""
    folds = event.merged.folds if event.merged else ()
    return newest_first(event, {at for fold in folds for at in range(fold.start, fold.start + fold.count)})


def newest_first(event: Event, hidden: Container[int] = ()) -> Iterator[Frame]:
    """The frames of the merged trace but for those at the ``hidden`` positions."""
    merged = event.merged
    if merged is None:
        return
    stacks = dict(stacks_of(event))
    for at in reversed(range(len(merged.frames))):
        reference = merged.frames[at]
        frames = stacks[reference.stack].frames if reference.stack in stacks else ()
        if at not in hidden and 0 <= reference.index < len(frames):
            yield frames[reference.index]
