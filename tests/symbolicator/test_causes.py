"""Chains of exceptions: who caused what, and which of their stacks are shown as one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.merge import merge
from symbolicator.merge.chain import cause_chain
from symbolicator.model import Caller, Event, ExceptionValue, Frame, Mechanism, MergedTrace, Stacktrace, Thread, Values
from symbolicator.model.bridges import Bridge, Rule
from symbolicator.model.causes import raised_exception
from symbolicator.model.edit import stacks_of
from symbolicator.model.merged import LINKED

SCRIPTS = Bridge(
    name="Engine", platforms=("javascript",), rules=(
        Rule(id="enter", functions=("enter",), enters=True, folds=True),
        Rule(id="leave", functions=("leave",), leaves=True, folds=True),
    ),
)  # fmt: skip
NATIVE = ("main", "enter", "leave", "-[RNPrices lookUp:]")


def exception(number: int | None, parent: int | None = None, *, source: str | None = None) -> ExceptionValue:
    frames = (Frame(function=f"old{number}", platform="python"), Frame(function=f"new{number}", platform="python"))
    mechanism = Mechanism(exception_id=number, parent_id=parent, source=source)
    return ExceptionValue(type=f"E{number}", mechanism=mechanism, stacktrace=Stacktrace(frames=frames))


def event_of(*values: ExceptionValue, threads: tuple[Thread, ...] = ()) -> Event:
    return Event(exception=Values(values=values), threads=Values(values=threads) if threads else None)


def chain(*values: ExceptionValue) -> list[tuple[str | None, float]]:
    return [(values[link.index].type, link.confidence) for link in cause_chain(event_of(*values))]


def shown(event: Event) -> tuple[list[Frame], list[tuple[int, str, str, float]], str | None]:
    """Frames and seams of the view, and what crashed, without where the payload has them."""
    assert event.merged
    stacks = dict(stacks_of(event))
    frames = [stacks[frame.stack].frames[frame.index] for frame in event.merged.frames]
    seams = [(seam.before, seam.rule, seam.evidence, seam.confidence) for seam in event.merged.seams]
    crashed = stacks[event.merged.crashed_stack or ""].frames[-1].function
    return frames, seams, crashed


numbers = st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=7)
parents = st.lists(st.none() | st.integers(0, 9), min_size=7, max_size=7)


@given(numbers, parents, st.randoms(use_true_random=False))
def test_with_ids_the_order_of_the_payload_does_not_matter(
    ids: list[int], above: list[int | None], chance: Random
) -> None:
    """SDKs list a chain in either direction: the same crash would be shown, named and grouped in two ways."""
    values = [exception(number, parent) for number, parent in zip(ids, above, strict=False)]
    listed = event_of(*values)
    chance.shuffle(values)
    assert shown(merge(listed)) == shown(merge(event_of(*values)))


@given(st.lists(st.builds(exception, st.none() | st.integers(0, 3), st.none() | st.integers(0, 3)), max_size=6))
def test_every_exception_is_in_the_chain_at_most_once(values: list[ExceptionValue]) -> None:
    """Doubled ids and exceptions that are their own causes would show frames twice, or never end."""
    links = cause_chain(event_of(*values))
    assert len({link.index for link in links}) == len(links)
    known = [link.index for link in links]
    assert all(link.parent in known[:at] for at, link in enumerate(links) if at)
    assert not values or known[0] == raised_exception(event_of(*values))


def test_a_tree_is_walked_branch_by_branch() -> None:
    """The causes of one error of a group would be shown as another's."""
    values = exception(3, 0), exception(2, 1), exception(0), exception(1, 0)
    assert [name for name, _ in chain(*values)] == ["E0", "E1", "E2", "E3"]


def test_exceptions_without_a_way_to_the_raised_one_come_last_and_less_sure() -> None:
    """What a payload claims about a parent that it does not have is no proof of anything."""
    values = exception(5, 9), exception(6, 5), exception(7, 8), exception(8, 7), exception(0)
    assert chain(*values) == [("E0", 1.0), ("E5", 0.5), ("E6", 1.0), ("E7", 0.5), ("E8", 1.0)]


def test_ids_that_begin_later_have_their_root() -> None:
    """SDKs that count from 1 would have the innermost cause shown as the crash."""
    assert raised_exception(event_of(exception(1), exception(2, 1), exception(3, 2))) == 0


def javascript(*names: str) -> Stacktrace:
    return Stacktrace(frames=tuple(Frame(function=name, platform="javascript", filename="a.js") for name in names))


def two_languages(*names: str, source: str = "cause", caller: Caller | None = None) -> Event:
    """An error of JavaScript, its native cause, and what they are shown as."""
    native = Stacktrace(frames=tuple(Frame(function=name, platform="native") for name in names))
    linked = Mechanism(exception_id=1, parent_id=0, source=source)
    cause = ExceptionValue(type="NSException", mechanism=linked, stacktrace=native, caller=caller)
    error = ExceptionValue(type="Error", mechanism=Mechanism(exception_id=0), stacktrace=javascript("f", "g"))
    return merge(event_of(error, cause), lambda: [SCRIPTS])


def merged(event: Event) -> MergedTrace:
    assert event.merged
    return event.merged


def test_a_cause_that_the_parents_frames_called_is_one_stack_with_it() -> None:
    """Two blocks leave it to the reader which of two dozen frames called which."""
    event = two_languages(*NATIVE)
    frames, _, crashed = shown(event)
    assert [frame.function for frame in frames] == ["main", "enter", "f", "g", "leave", "-[RNPrices lookUp:]"]
    assert crashed == "-[RNPrices lookUp:]"
    seams = merged(event).seams
    assert [(seam.before, seam.relation, seam.rule) for seam in seams] == [(2, "R3", "leave"), (4, "R3", "leave")]
    assert merge(event, lambda: [SCRIPTS]) == event
    assert shown(merge(event_of(*event.exceptions[::-1]), lambda: [SCRIPTS])) == shown(event)


def test_an_asynchronous_cause_has_another_relation() -> None:
    """Its frames were never below those of JavaScript."""
    event = two_languages("main", "-[RNPrices lookUp:]", caller=Caller(asked_for="Prices.lookUp", kind="async"))
    assert {seam.relation for seam in merged(event).seams} == {"R2"}
    event = two_languages("main", caller=Caller(kind="async"))
    assert [(seam.relation, seam.rule) for seam in merged(event).seams] == [("R2", LINKED)]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (two_languages("main", caller=Caller(asked_for="A.b")), "none of its frames is a call of A.b"),
        (two_languages("main"), None),
        (two_languages(*NATIVE, source="errors[0]"), None),
        (two_languages(*NATIVE, source="suppressed"), None),
    ],
)  # fmt: skip
def test_other_causes_stay_linked(event: Event, reason: str | None) -> None:
    """An error of a group, or one that was thrown while another went, was not called by its parent's frames."""
    (seam,) = merged(event).seams
    assert (seam.rule, seam.apart) == (LINKED, reason)
    assert shown(event)[2] == "g"


def test_without_tables_nothing_is_put_together() -> None:
    """The stacks as they came are asked for by those who doubt what was made of them."""
    event = two_languages(*NATIVE)
    assert [seam.rule for seam in merged(merge(event)).seams] == [LINKED]


def test_a_stack_with_a_runtimes_frames_in_it_is_not_put_into_another() -> None:
    """The interpreter's frames of the cause's thread would be lost."""
    event = two_languages(*NATIVE)
    values = tuple(
        ExceptionValue(type=one.type, mechanism=one.mechanism, stacktrace=one.stacktrace, thread_id=at)
        for at, one in enumerate(event.exceptions)
    )
    thread = Thread(id=1, vm_stacktrace=javascript("h"))
    done = merge(event_of(*values, threads=(thread,)), lambda: [SCRIPTS])
    assert LINKED in {seam.rule for seam in merged(done).seams}
    assert len(merged(done).frames) == len(NATIVE) + 3


def test_only_some_causes_are_tried() -> None:
    """A payload of a thousand causes beside an error of a thousand frames would take minutes."""
    caller = Caller(asked_for="a" * 1_000_000)
    causes = [
        ExceptionValue(
            mechanism=Mechanism(exception_id=number, parent_id=0),
            stacktrace=Stacktrace(frames=(Frame(function="enter", platform="native"),)),
            caller=caller,
        )
        for number in range(1, 100)
    ]
    error = ExceptionValue(mechanism=Mechanism(exception_id=0), stacktrace=javascript("f"))
    seams = merged(merge(event_of(error, *causes), lambda: [SCRIPTS])).seams
    assert len(seams) == len(causes)
    told = [seam.apart for seam in seams if seam.apart]
    assert len(told) == 20
    assert max(map(len, told)) < 1_000
