"""One stack in two views that have the same methods: what is claimed to be sure is right, on stacks of known truth."""

import random

import pytest
from msgspec.structs import replace

from symbolicator.merge import merge
from symbolicator.merge.interleave import Unproven
from symbolicator.merge.matched import BY_NEWEST, BY_NEWEST_ONE, BY_ORDER, Matched, match
from symbolicator.model import (
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    FrameReference,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from tests.symbolicator.calibration import Calibration

STACKS = 10_000
METHODS = "abcdefgh"


def native(method: str | None = None, *, inlined: bool = False, number: int | None = None) -> Frame:
    data = FrameData(method=f"x:{method}" if method else None, inlined=inlined, original_index=number)
    return Frame(function=method or "glue", platform="native", data=data)


def managed(method: str | None, *, number: int | None = None) -> Frame:
    data = FrameData(method=f"x:{method}" if method else None, original_index=number)
    return Frame(function=method, platform="csharp", data=data)


def program(chance: random.Random) -> tuple[list[Frame], list[Frame]]:
    """A thread as both see it; calls have numbers. The runtime tells of them up to where the failure was caught."""
    natives, frames = [native()], []
    for number in range(chance.randint(1, 9)):
        method, is_inlined = chance.choice(METHODS), chance.random() < 0.1 and number > 0
        natives.append(native(method, inlined=is_inlined, number=number))
        if not is_inlined:
            frames.append(managed(method, number=number))
        natives += [native() for _ in range(chance.choice((0, 0, 1, 2)))]
    return natives, frames[chance.randrange(len(frames)) if chance.random() < 0.3 else 0 :]


def damaged(natives: list[Frame], frames: list[Frame], chance: random.Random) -> tuple[list[Frame], list[Frame]]:
    """Names lost to stripping, calls that the runtime does not tell of, a failure of another moment."""
    kept = [native() if chance.random() < 0.02 else frame for frame in natives]
    told = [frame for frame in frames if chance.random() > 0.02]
    if chance.random() < 0.1 and told:
        newest = chance.choice([method for method in METHODS if f"x:{method}" != (told[-1].data or FrameData()).method])
        told[-1] = managed(newest, number=-1)
    return kept, told


def number_of(frame: Frame) -> int | None:
    return frame.data.original_index if frame.data else None


def is_right(found: Matched, natives: list[Frame], frames: list[Frame]) -> bool:
    return all(number_of(natives[at]) == number_of(frames[other]) for at, other in found.pairs)


def calibrated(seed: int) -> Calibration:
    """Two views with the same methods, damaged at random, matched."""
    chance = random.Random(seed)
    counted = Calibration(stacks=STACKS)
    for _ in range(STACKS):
        natives, frames = damaged(*program(chance), chance)
        found = match(natives, frames)
        if isinstance(found, Matched):
            counted.count(found.confidence, is_right=is_right(found, natives, frames))
    return counted


def test_what_is_claimed_to_be_sure_is_right() -> None:
    """A line of C# that stands at another call's place sends the reader to code that did not run."""
    counted = calibrated(6)
    assert counted.right / counted.sure >= 0.995
    assert counted.merged / counted.stacks >= 0.75
    assert counted.sure / counted.stacks >= 0.6


def test_whole_views_are_matched_exactly() -> None:
    """Without damage there is hardly a reason to refuse: calls that were inlined may leave two ways."""
    chance = random.Random(7)
    refused = 0
    for _ in range(500):
        natives, frames = program(chance)
        found = match(natives, frames)
        if found == Unproven("its methods fit among the native stack's in two ways"):
            refused += 1
            continue
        assert isinstance(found, Matched)
        assert is_right(found, natives, frames)
        assert len(found.pairs) == len(frames)
    assert refused < 10


@pytest.mark.parametrize(
    ("ours", "theirs", "confidence"),
    [("abc", "abc", BY_ORDER), ("abc", "bc", BY_NEWEST), ("abc", "c", BY_NEWEST_ONE), ("aab", "aab", BY_ORDER)],
)
def test_the_confidence_says_how_much_agrees(ours: str, theirs: str, confidence: float) -> None:
    """One method in common is little: the program may have called it at any time."""
    found = match([native(), *map(native, ours), native()], list(map(managed, theirs)))
    assert isinstance(found, Matched)
    assert (found.rule, found.confidence) == ("x-method", confidence)


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ("abc", "abd", "the native stack has c, the runtime's d"),
        ("bc", "abc", "the native stack lacks a"),
        ("abcd", "abc", "the native stack has d, the runtime's c"),
    ],
)
def test_other_methods_are_no_proof(ours: str, theirs: str, reason: str) -> None:
    """Stacks of two moments that are put together show a call that never happened."""
    assert match(list(map(native, ours)), list(map(managed, theirs))) == Unproven(reason)


def test_the_same_addresses_are_proof() -> None:
    """A runtime that tells the address of each call leaves no doubt."""
    ours, theirs = (
        [replace(make(method), instruction_addr=ReportedAddress(at)) for at, method in enumerate("ab", 16)]
        for make in (native, managed)
    )
    found = match(ours, theirs)
    assert isinstance(found, Matched)
    assert (found.confidence, found.evidence) == (1.0, "the same 2 methods in the same order, at the same addresses")


def test_views_without_a_common_form_are_left_alone() -> None:
    """Most exceptions are not compiled to native code: nothing is to be said of their threads."""
    assert match([native()], [managed("a")]) is None
    assert match([native("a")], [Frame(function="a", data=FrameData(method="other:a"))]) is None
    assert match([native(), native("a")], [native(), native("a")]) is None


def event(ours: list[Frame], theirs: list[Frame]) -> Event:
    thread = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=tuple(ours)))
    raised = ExceptionValue(type="E", thread_id=1, stacktrace=Stacktrace(frames=tuple(theirs)))
    return Event(platform="csharp", exception=Values(values=(raised,)), threads=Values(values=(thread,)))


@pytest.mark.parametrize("has_lines", [True, False])
def test_each_call_is_shown_once_by_the_view_that_knows_its_line(has_lines: bool) -> None:  # noqa: FBT001 - a column
    """The same method twice looks like recursion; without its line it is of little use."""
    ours = [native(), replace(native("a"), lineno=7), native(), native("b"), native()]
    theirs = [replace(managed(method), lineno=3 if has_lines else None) for method in "ab"]
    merged = merge(event(ours, theirs)).merged
    assert merged
    shown = [(frame.stack, frame.index) for frame in merged.frames]
    also = [frame.also for frame in merged.frames if frame.also]
    pairs = [("exception/0", 0), ("exception/0", 1)], [("thread/0", 1), ("thread/0", 3)]
    runtime, native_ones = pairs if has_lines else pairs[::-1]
    glue = [("thread/0", 0), ("thread/0", 2), ("thread/0", 4)]
    assert shown == [glue[0], runtime[0], glue[1], runtime[1], glue[2]]
    assert also == [FrameReference(stack=stack, index=index) for stack, index in native_ones]
    assert [(seam.before, seam.rule) for seam in merged.seams] == [(at, "x-method") for at in (1, 2, 3, 4)]


def test_merging_twice_changes_nothing() -> None:
    """A view that grows by being looked at is none."""
    once = merge(event([native(), native("a")], [managed("a")]))
    assert merge(once) == once


def test_a_stack_that_is_not_matched_stands_apart_with_the_reason() -> None:
    """What the native half shows is lost where the trace is the exception's alone."""
    merged = merge(event([native("a")], [managed("b")])).merged
    assert merged
    assert [frame.stack for frame in merged.frames] == ["exception/0"]
    assert [(one.stack, one.reason) for one in merged.apart] == [
        ("thread/0", "the native stack has a, the runtime's b")
    ]
