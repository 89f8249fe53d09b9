"""Gaps that a stack tells of itself: what is older awaited, scheduled or started what is newer."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from symbolicator.merge import merge
from symbolicator.model import (
    AsyncCall,
    Caller,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    Seam,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.bridges import Bridge, Rule
from symbolicator.render import Options, plain, render

AWAIT = AsyncCall(rule="v8-async")
TIMER = AsyncCall(rule="spidermonkey-async", label="called back asynchronously: setTimeout")
PROMISE = AsyncCall(rule="spidermonkey-async", label="called back asynchronously: promise")
ENTERS = Bridge(name="R", platforms=("javascript",), rules=(Rule(id="enter", functions=("enter",), enters=True),))


def frame(name: str, call: AsyncCall | None = None, *, own: bool = True, platform: str = "javascript") -> Frame:
    return Frame(function=name, platform=platform, in_app=own, data=FrameData(async_call=call) if call else None)


def event_of(*frames: Frame) -> Event:
    """One exception; frames from caller to callee."""
    return Event(exception=Values(values=(ExceptionValue(type="E", stacktrace=Stacktrace(frames=frames)),)))


def seams(event: Event) -> list[tuple[int, str, str | None]]:
    merged = merge(event, lambda: [ENTERS]).merged
    assert merged
    assert all((seam.relation, seam.confidence) == ("R2", 1.0) for seam in merged.seams if seam.label)
    return [(seam.before, seam.rule, seam.label) for seam in merged.seams]


def shown(event: Event, *, threads: bool = False) -> list[str]:
    lines = plain(render(merge(event), Options(threads=threads)))
    return [line.strip() for line in lines if line.startswith("  ")]


def test_frames_that_awaited_the_same_have_one_seam() -> None:
    """A line between each two of them would bury the calls."""
    assert seams(event_of(frame("a", AWAIT), frame("b", AWAIT), frame("c"), frame("d"))) == [(2, "v8-async", "awaited")]


def test_gaps_of_other_causes_are_told_each() -> None:
    """Firefox names a timer and a promise in one stack: who called back is in the words."""
    assert seams(event_of(frame("a", TIMER), frame("b", PROMISE), frame("c"))) == [
        (1, TIMER.rule, TIMER.label),
        (2, PROMISE.rule, PROMISE.label),
    ]


def test_one_gap_after_the_other_may_be_told_each() -> None:
    """Bluebird's stacks of one call each lie below one another: every one was called back."""
    event = AsyncCall(rule="previous-event", label="called back asynchronously: promise", each_time=True)
    assert [before for before, _, _ in seams(event_of(frame("a", event), frame("b", event), frame("c")))] == [1, 2]


def test_calls_that_were_inlined_are_one_with_what_they_are_in() -> None:
    """A frame that awaited is several where its file tells of inlined calls: the gap is above them all."""
    outer = frame("outer", TIMER)
    inner = replace(frame("inner"), data=FrameData(async_call=TIMER, inlined=True))
    assert [before for before, _, _ in seams(event_of(outer, inner, frame("ran")))] == [2]


def test_a_stack_that_says_nothing_has_no_seam() -> None:
    """Nothing is guessed; and what was newest of all awaited nothing that there is."""
    assert seams(event_of(frame("a"), frame("b", AWAIT))) == []


def test_an_await_of_libraries_alone_is_not_worth_a_line() -> None:
    """An async start of a framework is no news; what called back, and when, is."""
    libraries = (frame("boot", AWAIT, own=False), frame("run"))
    assert not [line for line in shown(event_of(*libraries)) if "──" in line]
    timer = (frame("boot", TIMER, own=False), frame("run"))
    assert f"── {TIMER.label} ──" in shown(event_of(*timer))


def test_chained_stacks_of_sentrys_payload() -> None:
    """Its SDK for Apple's systems puts stacks of several moments into one: each begins with a frame that says so."""
    event = event_of(frame("asked"), replace(frame("begin"), stack_start=True), frame("ran"))
    assert seams(event) == [(1, "stack-start", "scheduled by")]
    assert seams(event_of(replace(frame("main"), stack_start=True), frame("ran"))) == []


def test_a_stack_beside_the_trace_has_its_seams_too() -> None:
    """In the other goroutines "created by" would look like a call that was still running."""
    started = AsyncCall(rule="go-created-by", label="goroutine started by goroutine 1")
    crashed = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=(frame("f"),)))
    other = Thread(id=2, stacktrace=Stacktrace(frames=(frame("main", started), frame("work"))))
    event = Event(threads=Values(values=(crashed, other)))
    assert f"── {started.label} ──" in shown(event, threads=True)


def test_frames_that_awaited_lie_below_the_native_ones() -> None:
    """The engine lists them with its own: no native frame called them, what it called is newer."""
    native = Stacktrace(frames=tuple(frame(name, platform="native") for name in ("main", "enter", "addon")))
    script = Stacktrace(frames=(frame("asked", AWAIT), frame("ran")))
    event = Event(threads=Values(values=(Thread(id=1, crashed=True, stacktrace=native, vm_stacktrace=script),)))
    merged = merge(event, lambda: [ENTERS]).merged
    assert merged
    order = [(one.stack, one.index) for one in merged.frames]
    assert order == [("thread/0/vm", 0), ("thread/0", 0), ("thread/0", 1), ("thread/0/vm", 1), ("thread/0", 2)]
    assert [(seam.before, seam.relation, seam.rule) for seam in merged.seams] == [
        (1, "R2", "v8-async"),
        (3, "R1", "enter"),
        (4, "R1", "enter"),
    ]


def test_a_recorded_caller_stands_below_the_whole_stack() -> None:
    """Who queued a block asked for all that runs in it."""
    caller = Caller(stacktrace=Stacktrace(frames=(frame("main"), frame("push"))), rule="q", label="enqueued from main")
    ran = Stacktrace(frames=(frame("worker"), frame("block")))
    event = Event(threads=Values(values=(Thread(id=1, crashed=True, stacktrace=ran, caller=caller),)))
    assert seams(event) == [(2, "q", "enqueued from main")]
    assert shown(event) == ["block", "worker", "── enqueued from main ──", "push", "main"]


calls = st.none() | st.sampled_from([AWAIT, TIMER, PROMISE, replace(PROMISE, each_time=True)])
stacks = st.lists(st.tuples(st.sampled_from("abc"), calls), min_size=1, max_size=8).map(
    lambda items: Stacktrace(frames=tuple(frame(name, call) for name, call in items))
)
threads = st.lists(stacks, min_size=1, max_size=4).map(
    lambda found: [Thread(id=at, crashed=at == 0 or None, stacktrace=stack) for at, stack in enumerate(found)]
)


@given(threads, st.randoms(use_true_random=False))
def test_seams_do_not_depend_on_order_nor_on_merging_twice(listed: list[Thread], chance: Random) -> None:
    """The same report listed otherwise, or read again, would be another trace."""
    shuffled = list(listed)
    chance.shuffle(shuffled)
    one, other = (merge(Event(threads=Values(values=tuple(values)))) for values in (listed, shuffled))
    assert one.merged
    assert other.merged
    assert one.merged.seams == other.merged.seams
    assert merge(one) == one
    assert_told_once(one.merged.seams, listed[0].stacktrace)


def assert_told_once(found: tuple[Seam, ...], stack: Stacktrace | None) -> None:
    """A seam wherever a frame's word differs from that of the next newer one, and nowhere else."""
    told = [one.data.async_call if one.data else None for one in (stack.frames if stack else ())]
    pairs = enumerate(pairwise(told), 1)
    expected = [at for at, (older, newer) in pairs if older and (older != newer or older.each_time)]
    assert [seam.before for seam in found] == expected
