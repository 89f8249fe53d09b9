"""Puts two views of one thread together between ties: each stretch from one tie to the next is a smaller riddle.

What lies between two ties is of one crossing mostly: native code that the runtime called, which enters the runtime
again. A stretch that is not whole is no proof, whatever the other stretches look like.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.merge.runs import Run
from symbolicator.merge.ties import Tie

SURE, BY_NAME_ALONE, OF_GUESSED = 0.95, 0.8, 0.6
"""Confidences; see `symbolicator.merge.interleave`."""


class View(Struct, frozen=True):
    """What is known of the two stacks. All are positions of frames, 0-based, in rising order."""

    natives: int
    frames: int
    """How many frames the runtime's stack has."""
    entries: Sequence[int]
    """Native frames that enter the runtime."""
    parts: Sequence[int]
    """The runtime's frames that were entered from native code, as far as it says so."""
    is_marked: bool
    """Whether it says so."""
    unnamed: frozenset[int]
    """Native frames of which nothing is known: code that was made at run time is among them."""
    loose: Sequence[int]
    """Native frames that serve a crossing which is not there: of one that the walk lost, maybe."""
    is_cut: bool
    """Whether the oldest native calls are missing."""
    is_unsure: bool
    """Whether native frames are a guess."""


class Stretch(Struct, frozen=True):
    """What lies between two ties: native frames ``start`` to ``end``, runtime's ``first`` to ``last`` (both exclusive).

    ``older``, ``newer``: the ties; None at the ends of the stacks. The runtime's newest frame lies right before a newer
    tie: it is the call that the tie is about.
    """

    start: int
    end: int
    first: int
    last: int
    older: Tie | None
    newer: Tie | None

    @property
    def inner(self) -> int:
        """Where the native frames begin that are not themselves a call of the runtime's language."""
        return self.start + (self.older is not None and self.older.is_same)

    @property
    def end_of_parts(self) -> int:
        """Where the runtime's frames end, that of the newer tie included."""
        return self.last + (self.newer is not None and self.newer.is_same)


class Joined(Struct, frozen=True):
    """Runs in the order in which they were called, oldest first."""

    runs: tuple[Run, ...]
    confidence: float


def join_tied(view: View, ties: Sequence[Tie]) -> Joined | None:
    """The stacks as one; None where some stretch of them is not proven."""
    joined = [_join(view, stretch) for stretch in _stretches(view, ties)]
    proven = [one for one in joined if one]
    if len(proven) < len(joined):
        return None
    runs = tuple(_merged(run for one in proven for run in one.runs))
    confidence = min(one.confidence for one in proven)
    return Joined(runs, min(confidence, OF_GUESSED) if view.is_unsure else confidence)


def _stretches(view: View, ties: Sequence[Tie]) -> Iterator[Stretch]:
    for older, newer in pairwise([None, *ties, None]):
        first = older.runtime + 1 if older else 0
        yield Stretch(
            start=older.native if older else 0,
            end=newer.native if newer else view.natives,
            first=first,
            last=max(first, newer.runtime + (not newer.is_same)) if newer else view.frames,
            older=older,
            newer=newer,
        )


def _join(view: View, stretch: Stretch) -> Joined | None:
    entries = _within(view.entries, stretch.inner, stretch.end)
    parts = _parts(view, stretch)
    if not parts or len(entries) > len(parts):
        return _just_entered(view, stretch, entries, parts)
    is_entered = bool(_within(view.parts, stretch.first, stretch.first + 1))
    goes_on = stretch.older is not None and stretch.older.is_same and not is_entered
    if len(entries) + goes_on == len(parts):
        return _laid_out(view, stretch, [stretch.inner - 1, *entries] if goes_on else entries, parts)
    if stretch.older is None and view.is_cut and (entries or _is_unnamed(view, stretch)):
        newest = parts[len(parts) - len(entries) :] if entries else []
        joined = _laid_out(view, stretch, [-1, *entries], [parts[0], *newest])
        is_loose = _within(view.loose, stretch.inner, stretch.end)
        return replace(joined, confidence=BY_NAME_ALONE) if is_loose else joined
    if not entries and len(parts) == 1 and stretch.newer:
        return Joined(
            (Run(stretch.start, stretch.end), Run(stretch.first, stretch.last, is_runtime=True)), BY_NAME_ALONE
        )
    return None


def _parts(view: View, stretch: Stretch) -> list[int]:
    """Where the parts of the runtime's frames begin that were each run by another native frame."""
    if stretch.first == stretch.end_of_parts:
        return []
    return [stretch.first, *_within(view.parts, stretch.first + 1, stretch.end_of_parts)]


def _just_entered(view: View, stretch: Stretch, entries: Sequence[int], parts: Sequence[int]) -> Joined | None:
    """More native frames enter the runtime than it knows of: right where the newest one has only just done so."""
    natives = Run(stretch.start, stretch.end)
    if not entries:
        return Joined((natives,), SURE)
    if stretch.newer or entries[-1] < view.natives - 1 or len(entries) > len(parts) + 1:
        return None
    runs = _laid_out(view, stretch, entries[:-1], parts).runs if parts else (natives,)
    return Joined(runs, BY_NAME_ALONE)


def _laid_out(view: View, stretch: Stretch, callers: Sequence[int], parts: Sequence[int]) -> Joined:
    """Each part after the native frame that runs it; right before the newer tie what that was called by."""
    runs: list[Run] = []
    done = stretch.start
    ends = [*parts[1:], stretch.last]
    for number, (caller, start, end) in enumerate(zip(callers, parts, ends, strict=True), 1):
        is_called_next = stretch.newer is not None and number == len(parts) and caller >= stretch.inner
        after = stretch.end if is_called_next else max(caller + 1, done)
        runs += [Run(done, after), Run(start, end, is_runtime=True)]
        done = after
    is_sure = view.is_marked or stretch.last - stretch.first <= 1
    return Joined((*runs, Run(done, stretch.end)), SURE if is_sure else BY_NAME_ALONE)


def _is_unnamed(view: View, stretch: Stretch) -> bool:
    return all(at in view.unnamed for at in range(stretch.inner, stretch.end))


def _within(places: Sequence[int], start: int, end: int) -> Sequence[int]:
    """Of places in rising order those from ``start`` to ``end`` (exclusive)."""
    return places[bisect_left(places, start) : bisect_left(places, end)]


def _merged(runs: Iterator[Run]) -> Iterator[Run]:
    """The runs without empty ones, those of one stack that go on in one piece."""
    last: Run | None = None
    for run in runs:
        if run.start >= run.end:
            continue
        if last and (last.end, last.is_runtime) == (run.start, run.is_runtime):
            last = Run(last.start, run.end, run.is_runtime)
            continue
        if last:
            yield last
        last = run
    if last:
        yield last
