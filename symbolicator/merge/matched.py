"""One stack in two views that have the same methods: which frames are one call (``R1``).

A language that is compiled to native functions has its calls on the native stack, and its runtime may tell of the same
calls with lines of its own. Frames say what method they are of in a form that both views have (`FrameData.method`), so
that this file knows no language. (A runtime may not know of calls that were inlined.) What proves that the views are of
one moment, in order of evidence:

1. both have the same methods in the same order, and the frames of each pair have the same address;
2. both have the same methods in the same order;
3. the runtime's are the newest ones of the native stack: it tells of a failure as far as that was passed on.

Anything else is no proof: the two stacks are then shown one below the other, with the reason.
"""

from collections.abc import Sequence
from itertools import zip_longest

from msgspec import Struct

from symbolicator.merge.interleave import Unproven
from symbolicator.model import Frame, FrameData

BY_ADDRESS, BY_ORDER, BY_NEWEST, BY_NEWEST_ONE = 1.0, 0.95, 0.85, 0.7
"""Confidences, calibrated by `tests/symbolicator/test_matched.py`: from 0.9 on 99.5% of merges are right."""
_MAX_NAME = 80


class Matched(Struct, frozen=True):
    """Which frame of the native stack is which of the runtime's, the oldest call first, and how that is known."""

    pairs: tuple[tuple[int, int], ...]
    rule: str
    evidence: str
    confidence: float


def match(native: Sequence[Frame], runtime: Sequence[Frame]) -> Matched | Unproven | None:
    """The frames that are one call. None where not every frame of the runtime says its method as the native ones do.

    (An exception may have a copy of its thread's native stack: that is no other view.)
    """
    ours, theirs = _methods(native), _methods(runtime)
    if not ours or not theirs or _form(ours) != _form(theirs) or len(theirs) < len(runtime):
        return None
    functions = [(at, method) for at, method in ours if not (native[at].data or FrameData()).inlined]
    fitting = [(pairs, len(known) == len(theirs)) for known in (ours, functions) if (pairs := _pairs(known, theirs))]
    if not fitting:
        return Unproven(_difference(_names(functions), _names(theirs)))
    whole = {pairs for pairs, is_all in fitting if is_all}
    best = whole or {pairs for pairs, _ in fitting}
    if len(best) > 1:
        return Unproven("its methods fit among the native stack's in two ways")
    (pairs,) = best
    return Matched(pairs, f"{_form(ours)}-method", *_evidence(native, runtime, pairs, is_all=bool(whole)))


def _pairs(ours: Sequence[tuple[int, str]], theirs: Sequence[tuple[int, str]]) -> tuple[tuple[int, int], ...] | None:
    """The newest calls of ours with all of theirs; None if those are others."""
    newest = ours[-len(theirs) :]
    if _names(newest) != _names(theirs):
        return None
    return tuple((at, other) for (at, _), (other, _) in zip(newest, theirs, strict=True))


def _methods(frames: Sequence[Frame]) -> list[tuple[int, str]]:
    """Positions and methods of the frames that say it."""
    return [(at, frame.data.method) for at, frame in enumerate(frames) if frame.data and frame.data.method]


def _names(methods: Sequence[tuple[int, str]]) -> list[str]:
    return [method for _, method in methods]


def _form(methods: Sequence[tuple[int, str]]) -> str:
    """In what form methods are named: ``il2cpp`` of ``il2cpp:Player_Jump``."""
    return methods[0][1].partition(":")[0]


def _evidence(
    native: Sequence[Frame], runtime: Sequence[Frame], pairs: Sequence[tuple[int, int]], *, is_all: bool
) -> tuple[str, float]:
    count = len(pairs)
    same = "the same method" if count == 1 else f"the same {count} methods in the same order"
    if all(_address(native[at]) == _address(runtime[other]) is not None for at, other in pairs):
        return f"{same}, at the same addresses", BY_ADDRESS
    if is_all:
        return f"both have {same}", BY_ORDER
    return f"both end with {same}", BY_NEWEST_ONE if count == 1 else BY_NEWEST


def _address(frame: Frame) -> int | None:
    return frame.instruction_addr


def _difference(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """The newest call that only one of them has."""
    pairs = zip_longest(reversed(ours), reversed(theirs))
    mine, other = next((mine, other) for mine, other in pairs if mine != other)
    if mine is None:
        return f"the native stack lacks {_shown(other)}"
    return f"the native stack has {_shown(mine)}, the runtime's {_shown(other)}"


def _shown(method: str | None) -> str:
    return (method or "").partition(":")[2][:_MAX_NAME]
