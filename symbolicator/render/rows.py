"""What becomes of the frames of a trace: shown, folded with a count, or set apart by a seam."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import TypeAlias

from msgspec import Struct

from symbolicator.model import Fold, Frame, Seam
from symbolicator.model.frames import AWAITED
from symbolicator.render.libraries import library_of
from symbolicator.render.safe import safe
from symbolicator.render.traces import Step, Trace, identity

MIN_RUN = 3
"""Shorter runs of library frames cost less to read than to wonder about."""
MAX_ROWS = 160
"""Rows of a folded trace; beyond them the middle is left out."""
_TAIL_ROWS = 40
_MIN_REPEATS = 3
_MAX_PERIOD = 8
_MAX_NAMES = 3


class Shown(Struct, frozen=True):
    """A frame on a line of its own."""

    step: Step
    own: bool

    @property
    def steps(self) -> tuple[Step, ...]:
        """The one frame."""
        return (self.step,)


class Folded(Struct, frozen=True):
    """Frames that share a line. ``text`` says what they are."""

    steps: tuple[Step, ...]
    text: str


class Joint(Struct, frozen=True):
    """A seam between two stacks, or where an asynchronous call was resumed."""

    seam: Seam
    steps: tuple[Step, ...] = ()


Row: TypeAlias = Shown | Folded | Joint


def rows_of(trace: Trace, *, fold: bool, hide_all: bool = False) -> list[Row]:
    """The trace, newest call first. The innermost frame that is no machinery, the crash site, is always shown.

    ``hide_all``: fold libraries even where there is no own frame to bring forward.
    """
    is_own = ownership(trace.frames)
    fold_libraries = fold and (hide_all or any(map(is_own, trace.frames)))
    last_own = max((at for at, frame in enumerate(trace.frames) if is_own(frame)), default=-1)
    resumable = last_own if fold_libraries else len(trace.steps)
    joints = [list(_joints(trace, at, resumable=at <= resumable)) for at in range(len(trace.steps) + 1)]
    kinds = _kinds(trace, fold=fold, libraries=fold_libraries)
    rows = list(_rows(trace, kinds, joints, is_own))
    return _without_middle(list(_without_repeats(rows))) if fold else rows


def ownership(frames: Sequence[Frame]) -> Callable[[Frame], bool]:
    """Tells own frames from a library's. Where no frame of a language is known to be own, its undecided ones are."""
    known = {frame.platform for frame in frames if frame.in_app}
    return lambda frame: frame.platform not in known if frame.in_app is None else frame.in_app


def _kinds(trace: Trace, *, fold: bool, libraries: bool) -> list[Fold | bool]:
    """For every frame the fold that it is part of, or else whether it may fold as library code."""
    kinds: list[Fold | bool] = [libraries and frame.in_app is False for frame in trace.frames]
    site = next((at for at, frame in enumerate(trace.frames) if not machinery_of(frame)), 0)
    for position, part in trace.folds.items() if fold else ():
        kinds[position] = part
    kinds[site] = False
    return kinds


def machinery_of(frame: Frame) -> str | None:
    """What the frame serves if it is neither the program's work nor where it failed."""
    return frame.data.machinery if frame.data else None


def _rows(
    trace: Trace, kinds: list[Fold | bool], joints: list[list[Joint]], is_own: Callable[[Frame], bool]
) -> Iterator[Row]:
    sections = accumulate(bool(found) for found in joints)
    stretches = [(section, bool(kind)) for section, kind in zip(sections, kinds, strict=False)]
    for (_, hides), group in groupby(range(len(kinds)), key=stretches.__getitem__):
        positions = list(group)
        yield from joints[positions[0]]
        if hides and _is_mixed([kinds[position] for position in positions]):
            yield _mixed(trace, positions, kinds)
            continue
        for _, alike in groupby(positions, key=lambda position: id(kinds[position])):
            same = list(alike)
            yield from _group([trace.steps[position] for position in same], kinds[same[0]], is_own)
    yield from joints[-1]


def _is_mixed(kinds: list[Fold | bool]) -> bool:
    """Whether machinery and libraries by turns make a stretch that is read as one."""
    return len(kinds) >= MIN_RUN and any(kind is True for kind in kinds) and len(set(map(id, kinds))) > 1


def _mixed(trace: Trace, positions: Sequence[int], kinds: Sequence[Fold | bool]) -> Folded:
    steps = tuple(trace.steps[position] for position in positions)
    named = [(kinds[position], trace.steps[position].frame) for position in positions]
    names = (safe(kind.label) if isinstance(kind, Fold) else library_of(frame) for kind, frame in named)
    return Folded(steps, f"{_frames(len(steps))} of {_listed(names)}")


def _group(steps: list[Step], kind: Fold | bool, is_own: Callable[[Frame], bool]) -> Iterator[Row]:  # noqa: FBT001 - False and True are two of the kinds
    if isinstance(kind, Fold):
        yield Folded(tuple(steps), f"{_frames(len(steps))} of {safe(kind.label)}")
    elif kind and len(steps) >= MIN_RUN:
        yield Folded(tuple(steps), f"{_frames(len(steps))} of {_listed(library_of(step.frame) for step in steps)}")
    else:
        yield from (Shown(step, is_own(step.frame)) for step in steps)


def _joints(trace: Trace, position: int, *, resumable: bool) -> Iterator[Joint]:
    """What lies before a position. ``resumable``: an own call follows, so that it tells something who awaited."""
    yield from (Joint(seam) for seam in trace.seams.get(position, ()) if resumable or seam.label != AWAITED)


def _listed(names: Iterable[str]) -> str:
    """The first of the names, in words."""
    known = list(dict.fromkeys(names))
    if len(known) > _MAX_NAMES:
        known = [*known[: _MAX_NAMES - 1], f"{len(known) - _MAX_NAMES + 1} other libraries"]
    *others, last = known
    return f"{', '.join(others)} and {last}" if others else last


def _without_repeats(rows: list[Row]) -> Iterator[Row]:
    """Endless recursion, said once: the rows that repeat, and how often they do."""
    known: dict[object, int] = {}
    keys = [known.setdefault(_row_key(row), len(known)) for row in rows]
    start = 0
    while start < len(rows):
        period, times = _repetition(keys, start)
        yield from rows[start : start + period]
        end = start + period * times
        if times > 1:
            steps = tuple(step for row in rows[start + period : end] for step in row.steps)
            calls = sum(len(row.steps) for row in rows[start : start + period])
            yield Folded(steps, _repeat_text(calls, times - 1))
        start = end


def _row_key(row: Row) -> object:
    said = (row.seam.rule, row.seam.label, row.seam.evidence) if isinstance(row, Joint) else None
    return (type(row), said, tuple(identity(step.frame) for step in row.steps))


def _repetition(keys: Sequence[int], start: int) -> tuple[int, int]:
    """The shortest period that repeats often enough from ``start``, and how many times it is there."""
    for period in range(1, _MAX_PERIOD + 1):
        end = start + period
        while keys[end] == keys[end - period] if end < len(keys) else False:
            end += 1
        times = (end - start) // period
        if times >= _MIN_REPEATS:
            return period, times
    return 1, 1


def _repeat_text(calls: int, times: int) -> str:
    what = "the call above repeats" if calls == 1 else f"the {calls} calls above repeat"
    return f"{what} {times:,} more times"


def _without_middle(rows: list[Row]) -> list[Row]:
    if len(rows) <= MAX_ROWS:
        return rows
    hidden = rows[MAX_ROWS - _TAIL_ROWS : -_TAIL_ROWS]
    steps = tuple(step for row in hidden for step in row.steps)
    middle = Folded(steps, f"{_frames(len(steps))} more (--no-fold shows them)")
    return [*rows[: MAX_ROWS - _TAIL_ROWS], middle, *rows[-_TAIL_ROWS:]]


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count:,} frames"
