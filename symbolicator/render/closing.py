"""The last line: how much of the trace can be read, and what stands in the way of the rest."""

from collections.abc import Iterable, Iterator

from symbolicator.model import Event, Frame
from symbolicator.model.edit import stacks_of
from symbolicator.render.lines import Line, Style, indented, line
from symbolicator.render.problems import References, mark
from symbolicator.render.status import Tally, is_resolved, tally

_MAX_MARKS = 4


def closing_lines(shown: list[Frame], others: Iterable[Frame], references: References, width: int) -> Iterator[Line]:
    """Counts the frames of the trace, and of the threads beside it where those did not all resolve."""
    count = tally(shown)
    rest = tally(others)
    if not count.frames and not rest.frames:
        yield line("No stack trace in this report.", Style.BAD)
        return
    text = _sentence(count, references.to(frame for frame in shown if not is_resolved(frame)))
    if rest.unresolved:
        text += f" In the other threads {rest.resolved:,} of {rest.frames:,}."
    style = Style.BAD if count.unresolved else Style.GOOD
    yield from indented([text], width, style, first="", rest="  ")


def _sentence(count: Tally, references: tuple[int, ...]) -> str:
    nearest = _nearest(count)
    if not count.unresolved:
        return (
            f"The frame resolved{nearest}." if count.frames == 1 else f"All {count.frames:,} frames resolved{nearest}."
        )
    see = mark(references[:_MAX_MARKS]) + (" …" if len(references) > _MAX_MARKS else "")
    why = f"{count.unresolved:,} {_lack(count)}" + (f": see {see}" if see else "")
    return f"{count.resolved:,} of {count.frames:,} frames resolved{nearest} ({why})."


def _nearest(count: Tally) -> str:
    if not count.nearest:
        return ""
    some = f"{count.nearest:,} of them " if count.resolved > 1 else ""
    return f", {some}to the nearest symbol only"


def _lack(count: Tally) -> str:
    if count.without_artifact < count.unresolved:
        return "did not"
    return "needs an artifact" if count.unresolved == 1 else "need artifacts"


def other_frames(event: Event, stacks: frozenset[str]) -> Iterator[Frame]:
    """Frames of the threads that are not among ``stacks``."""
    for name, stack in stacks_of(event):
        if name.startswith("thread/") and name not in stacks:
            yield from stack.frames
