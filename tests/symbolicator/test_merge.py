"""The merged view over an event's stacks."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.merge import merge
from symbolicator.model import (
    AbsoluteAddress,
    Caller,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    Mechanism,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.model.bridges import Bridge, Rule
from symbolicator.model.causes import is_separate
from symbolicator.model.edit import stacks_of


def stack(count: int) -> Stacktrace:
    return Stacktrace(frames=tuple(Frame(function=f"f{i}") for i in range(count)))


def script(count: int) -> Stacktrace:
    """A runtime's view of a thread that the functions of `stack` enter."""
    return Stacktrace(frames=tuple(Frame(function=f"g{i}", platform="javascript") for i in range(count)))


ENTERED = Bridge(name="R", platforms=("javascript",), rules=(Rule(id="r", functions=("f0",), enters=True, folds=True),))
INTERRUPTED = Stacktrace(frames=(Frame(function="f", adjust_instruction_addr=False), Frame(function="handler")))


def exception(name: str, frames: int = 2, **mechanism: int | str) -> ExceptionValue:
    linked = Mechanism(**mechanism) if mechanism else None  # type: ignore[arg-type]  # test data
    return ExceptionValue(type=name, mechanism=linked, stacktrace=stack(frames) if frames else None)


def event_of(*exceptions: ExceptionValue, threads: tuple[Thread, ...] = ()) -> Event:
    return Event(exception=Values(values=exceptions), threads=Values(values=threads) if threads else None)


def order(event: Event) -> list[str]:
    assert event.merged
    return list(dict.fromkeys(frame.stack for frame in event.merged.frames))


def test_one_stack_is_shown_from_its_oldest_call_to_the_crash() -> None:
    """The simplest crash of all would be shown upside down."""
    merged = merge(event_of(exception("Error", 3))).merged
    assert merged
    assert [(frame.stack, frame.index) for frame in merged.frames] == [("exception/0", i) for i in range(3)]
    assert not merged.seams
    assert merged.reason == "the stack of the exception"


def test_linked_exceptions_follow_their_ids_not_their_place() -> None:
    """SDKs that append causes after the raised exception would show the cause as the crash."""
    raised = exception("Raised", exception_id=0)
    cause = exception("Cause", exception_id=1, parent_id=0, source="cause")
    for exceptions, expected in [((raised, cause), [1, 0]), ((cause, raised), [0, 1])]:
        event = merge(event_of(*exceptions))
        assert order(event) == [f"exception/{index}" for index in expected]
        assert event.merged
        (seam,) = event.merged.seams
        assert (seam.before, seam.relation, seam.confidence) == (2, "R3", 1.0)
        assert "cause" in seam.evidence


def test_without_ids_the_last_exception_is_the_raised_one() -> None:
    """By convention the raised exception comes last; showing another as the crash would mislead."""
    event = merge(event_of(exception("Cause"), exception("Raised")))
    assert order(event) == ["exception/0", "exception/1"]
    assert event.merged
    assert event.merged.crashed_stack == "exception/1"


def test_an_error_that_only_shares_the_report_is_no_cause() -> None:
    """Two unrelated errors in one log would be shown as cause and effect."""
    other, raised = exception("Other", exception_id=1), exception("Raised", exception_id=0)
    assert order(merge(event_of(other, raised))) == ["exception/1"]


@pytest.mark.parametrize(
    ("threads", "reason"),
    [
        ((Thread(id=1, stacktrace=stack(1)), Thread(id=2, crashed=True, stacktrace=stack(1))), "marked as crashed"),
        ((Thread(id=1, stacktrace=stack(1)), Thread(id=2, current=True, stacktrace=stack(1))), "was current"),
        ((Thread(id=1, crashed=True), Thread(id=2, stacktrace=stack(1))), "only thread with a stack"),
        ((Thread(id=1, current=True, stacktrace=stack(1)), Thread(id=2, stacktrace=INTERRUPTED)), "signal interrupted"),
    ],
)
def test_the_crashed_thread_is_chosen_for_a_reason_that_is_written_down(
    threads: tuple[Thread, ...], reason: str
) -> None:
    """A reader must be able to check why this thread of thirty is shown as the crashed one."""
    merged = merge(Event(threads=Values(values=threads))).merged
    assert merged
    assert merged.crashed_stack == "thread/1"
    assert reason in str(merged.reason)


def test_an_exception_without_a_stack_takes_that_of_the_thread_it_names() -> None:
    """Native SDKs put the crashing stack on the thread only."""
    threads = (Thread(id=7, stacktrace=stack(1)), Thread(id="8", stacktrace=stack(2)))
    event = merge(event_of(ExceptionValue(type="SIGSEGV", thread_id="8"), threads=threads))
    assert order(event) == ["thread/1"]


def carried_out(function_addr: int | None) -> Event:
    """Three native frames, the middle one of which carries out what two frames of JavaScript asked for."""
    native = tuple(Frame(function=f"n{i}", symbol_addr=AbsoluteAddress(0x1000 * (i + 1))) for i in range(3))
    asked = tuple(Frame(function=f"js{i}", platform="javascript") for i in range(2))
    address = None if function_addr is None else AbsoluteAddress(function_addr)
    caller = Caller(stacktrace=Stacktrace(frames=asked), function_addr=address, rule="bridge")
    thread = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=native), caller=caller)
    return merge(Event(platform="native", threads=Values(values=(thread,))))


def test_who_asked_stands_below_the_function_that_carried_it_out() -> None:
    """The bridge's queue hides who called: its frames belong where the call was made, with a seam that says so."""
    merged = carried_out(0x2000).merged
    assert merged
    places = [(frame.stack, frame.index) for frame in merged.frames]
    assert places == [("thread/0", 0), ("thread/0/caller", 0), ("thread/0/caller", 1), ("thread/0", 1), ("thread/0", 2)]
    (seam,) = merged.seams
    assert (seam.before, seam.relation, seam.rule) == (3, "R2", "bridge")


@pytest.mark.parametrize("address", [None, 0x2001, 0x1FFF])
def test_the_nearest_function_is_no_match(address: int | None) -> None:
    """An address that is merely close moved when anything before it changed: that frame may be anybody's."""
    merged = carried_out(address).merged
    assert merged
    assert {frame.stack for frame in merged.frames} == {"thread/0"}
    assert [apart.stack for apart in merged.apart] == ["thread/0/caller"]


def test_a_symbol_that_is_only_the_nearest_is_no_match() -> None:
    """In a stripped program the symbol before a frame is any function's."""
    nearest = Frame(
        function="-[RNCrash crashNow]", symbol_addr=AbsoluteAddress(0x1000), data=FrameData(symbol_distance=9)
    )
    caller = Caller(stacktrace=stack(1), function_addr=AbsoluteAddress(0x1000), asked_for="Crash.crashNow")
    thread = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=(nearest,)), caller=caller)
    merged = merge(Event(platform="native", threads=Values(values=(thread,)))).merged
    assert merged
    assert [apart.stack for apart in merged.apart] == ["thread/0/caller"]


@pytest.mark.parametrize(
    ("function", "asked_for", "before"),
    [
        ("-[RNCrash crashNow:]", "Crash.crashNow", 1),
        ("facebook::react::NativeCrashCxxSpecJSI::crashNow", "Crash.crashNow", 1),
        ("crashNow", "Crash.crashNow", 0),
        ("-[RNCrash crashNowOrLater:]", "Crash.crashNow", 0),
        ("-[RNPayment crashNow]", "Crash.crashNow", 0),
    ],
)
def test_what_was_asked_for_finds_the_function_that_is_called_after_it(
    function: str, asked_for: str, before: int
) -> None:
    """A native crash of React Native has no JavaScript stack: which call of JavaScript it was is the best there is."""
    native = tuple(Frame(function=name) for name in ("start", function, "fail"))
    thread = Thread(id=1, crashed=True, stacktrace=Stacktrace(frames=native), caller=Caller(asked_for=asked_for))
    merged = merge(Event(platform="native", threads=Values(values=(thread,)))).merged
    assert merged
    assert len(merged.frames) == len(native)
    (seam,) = merged.seams
    assert (seam.before, seam.relation) == (before, "R2")
    assert asked_for in seam.evidence


def test_several_candidates_and_no_flag_choose_nothing() -> None:
    """Guessing one of several threads would be shown as the truth."""
    threads = (Thread(id=1, stacktrace=stack(1)), Thread(id=2, stacktrace=stack(1)))
    assert merge(Event(threads=Values(values=threads))).merged is None


mechanisms = st.none() | st.builds(
    Mechanism, exception_id=st.none() | st.integers(0, 4), parent_id=st.none() | st.integers(0, 4)
)
exceptions = st.builds(
    ExceptionValue, mechanism=mechanisms, stacktrace=st.none() | st.builds(stack, st.integers(0, 3)),
    thread_id=st.none() | st.integers(0, 2),
)  # fmt: skip
callers = st.builds(Caller, stacktrace=st.builds(stack, st.integers(1, 2)), asked_for=st.just("f.f1"))
threads = st.builds(
    Thread, id=st.integers(0, 2), crashed=st.none() | st.booleans(), stacktrace=st.builds(stack, st.integers(0, 2)),
    vm_stacktrace=st.none() | st.builds(script, st.integers(1, 2)), caller=st.none() | callers,
)  # fmt: skip


@given(st.lists(exceptions, max_size=6), st.lists(threads, max_size=4))
def test_merging_is_stable_and_shows_every_frame_once(values: list[ExceptionValue], more: list[Thread]) -> None:
    """Loops of parents, doubled ids or merging twice would double or lose frames."""
    event = merge(event_of(*values, threads=tuple(more)), lambda: [ENTERED])
    assert merge(event, lambda: [ENTERED]) == event
    if event.merged:
        places = [(frame.stack, frame.index) for frame in event.merged.frames]
        assert len(places) == len(set(places))
        separate = {f"exception/{i}" for i, v in enumerate(values) if is_separate(v)}
        with_frames = {f"exception/{i}" for i, v in enumerate(values) if v.stacktrace and v.stacktrace.frames}
        assert with_frames - separate <= {stack for stack, _ in places}


@given(st.lists(threads, max_size=5, unique_by=lambda thread: thread.id), st.randoms(use_true_random=False))
def test_the_order_of_the_threads_does_not_matter(listed: list[Thread], chance: Random) -> None:
    """Reports list their threads as they please: the trace must be the same."""
    shuffled = list(listed)
    chance.shuffle(shuffled)
    one, other = (merge(Event(threads=Values(values=tuple(values)))) for values in (listed, shuffled))
    assert shown(one) == shown(other)


def shown(event: Event) -> list[Frame]:
    """The frames of the view."""
    stacks = dict(stacks_of(event))
    return [stacks[frame.stack].frames[frame.index] for frame in event.merged.frames] if event.merged else []


def test_a_runtime_joins_only_one_of_the_stacks_of_its_thread() -> None:
    """An exception and its cause on one thread would both get the interpreter's frames, as if they had run twice."""
    values = tuple(ExceptionValue(type=name, thread_id=1, stacktrace=stack(2)) for name in ("Cause", "Raised"))
    event = merge(event_of(*values, threads=(Thread(id=1, vm_stacktrace=script(2)),)), lambda: [ENTERED])
    assert event.merged
    places = [(frame.stack, frame.index) for frame in event.merged.frames]
    assert len(places) == len(set(places)) == 6
