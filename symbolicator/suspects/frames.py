"""The own calls of an event's merged trace, each with its distance from where it failed."""

from collections.abc import Iterator

from msgspec import Struct

from symbolicator.model import Event, Frame, FrameStatus, MergedTrace
from symbolicator.model.edit import stacks_of
from symbolicator.model.merged import LINKED

MAX_CALLS = 10
"""Own calls that are looked at."""
_READABLE = (FrameStatus.SYMBOLICATED, FrameStatus.AS_IS, None)


class OwnCall(Struct, frozen=True):
    """Frame ``index`` of ``stack``. ``rank``: own calls between it and the end of its exception's part of the trace."""

    frame: Frame
    stack: str
    index: int
    rank: int


def own_calls(event: Event) -> list[OwnCall]:
    """Own calls with a file and a line, those nearest to where something failed first.

    In a chain of causes each exception has a place where it failed: ranks start anew at the seam between two.
    """
    calls = list(_own_calls(event, event.merged)) if event.merged else []
    return sorted(calls, key=lambda call: call.rank)[:MAX_CALLS]


def _own_calls(event: Event, merged: MergedTrace) -> Iterator[OwnCall]:
    """Newest call first, each place once: a recursion is one call that leads to another."""
    stacks = dict(stacks_of(event))
    ends = {seam.before for seam in merged.seams if seam.rule == LINKED}
    rank, seen = 0, set[tuple[object, ...]]()
    for position in reversed(range(len(merged.frames))):
        reference = merged.frames[position]
        rank = 0 if position + 1 in ends else rank
        stack = stacks.get(reference.stack)
        if not stack or not 0 <= reference.index < len(stack.frames):
            continue
        frame = stack.frames[reference.index]
        place = (frame.abs_path, frame.filename, frame.module, frame.lineno, frame.instruction_addr)
        if _is_own(frame) and place not in seen:
            seen.add(place)
            if has_place(frame):
                yield OwnCall(frame, reference.stack, reference.index, rank)
            rank += 1


def _is_own(frame: Frame) -> bool:
    """Not known to be a library's: that a repository holds its file says the rest."""
    return frame.in_app is not False and not (frame.data and frame.data.machinery)


def has_place(frame: Frame) -> bool:
    """Whether the frame names a line of a source file."""
    return bool((frame.filename or frame.abs_path) and (frame.lineno or 0) > 0 and frame.status in _READABLE)


def paths_of(frame: Frame) -> Iterator[str]:
    """The frame's file, in the form that says most about its folder first.

    A bare file name beside a dotted module (``com.foo.Bar`` and ``Bar.java``) lies in the module's folder.
    """
    name = frame.filename or frame.abs_path or ""
    package = (frame.module or "").rpartition(".")[0]
    if package and not {"/", "\\"} & set(name):
        yield f"{package.replace('.', '/')}/{name}"
    yield from (path for path in (frame.abs_path, frame.filename) if path)
