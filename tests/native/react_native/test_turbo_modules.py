"""Calls of TurboModules that native code failed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.react_native.turbo_modules import TRANSFORMER
from symbolicator.merge import merge
from symbolicator.model import Caller, Event, ExceptionValue, Frame, Stacktrace, Thread, Values

CALL = {"name": "Payments", "method": "charge", "kind": "async", "call_id": 17}
NATIVE = Stacktrace(frames=(Frame(function="start"), Frame(function="-[RNPayments charge:]"), Frame(function="add")))
JAVASCRIPT = Stacktrace(frames=(Frame(function="pay", platform="javascript"),))


def crash(context: object = CALL, *, threads: tuple[Thread, ...] = (), stack: Stacktrace | None = None) -> Event:
    exception = ExceptionValue(type="SIGSEGV", thread_id=threads[0].id if threads else None, stacktrace=stack)
    return Event(
        platform="native",
        exception=Values(values=(exception,)),
        threads=Values(values=threads) if threads else None,
        contexts={"turbo_module": context},  # type: ignore[dict-item]  # whatever a payload may hold
    )


def callers(event: Event) -> list[Caller | None]:
    return [thread.caller for thread in TRANSFORMER.transform(event, {}).thread_list]


def test_the_crashed_thread_gets_the_call() -> None:
    """Which call of JavaScript it was is all that such a payload knows of JavaScript."""
    threads = (Thread(id=1, crashed=True, stacktrace=NATIVE), Thread(id=2, stacktrace=NATIVE))
    [caller, other] = callers(crash(threads=threads))
    assert other is None
    assert caller == Caller(asked_for="Payments.charge", kind="async", rule="react-native-turbo-module")


def test_the_seam_says_what_was_asked_for_and_how() -> None:
    """A call that JavaScript waits for has JavaScript's state as it was; one that it does not wait for has not."""
    for kind in ("async", "void", "sync"):
        event = crash(CALL | {"kind": kind}, threads=(Thread(id=1, crashed=True, stacktrace=NATIVE),))
        merged = merge(TRANSFORMER.transform(event, {})).merged
        assert merged
        [seam] = merged.seams
        assert (seam.before, seam.relation) == (1, "R2")
        assert seam.evidence == f"Payments.charge ({kind} call), by the function's name"


def test_an_exception_that_names_no_thread_gets_one() -> None:
    """Android's SDK sends the stack with the exception alone: the call would be lost."""
    event = TRANSFORMER.transform(crash(stack=NATIVE), {})
    [thread] = event.thread_list
    assert thread.caller
    assert event.exceptions[0].thread_id == thread.id
    merged = merge(event).merged
    assert merged
    assert [seam.relation for seam in merged.seams] == ["R2"]
    assert len(merged.frames) == len(NATIVE.frames)


@pytest.mark.parametrize(
    "event",
    [
        crash(threads=(Thread(id=1, crashed=True, stacktrace=JAVASCRIPT),)),
        crash(threads=(Thread(id=1, crashed=True, stacktrace=NATIVE, vm_stacktrace=JAVASCRIPT),)),
        crash(threads=(Thread(id=1, crashed=True, stacktrace=NATIVE, caller=Caller(asked_for="A.b")),)),
        crash(threads=(Thread(id=1, crashed=True, stacktrace=NATIVE), Thread(id=2, crashed=True))),
        crash(stack=JAVASCRIPT),
        crash({"name": "Payments"}, stack=NATIVE),
        crash({"name": "Pay\nments", "method": "charge"}, stack=NATIVE),
        crash(["Payments"], stack=NATIVE),
    ],
)
def test_what_is_known_better_or_not_at_all_stays(event: Event) -> None:
    """An error of JavaScript has its own stack; a guess beside it would be noise."""
    assert TRANSFORMER.transform(event, {}) == event


values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["name", "method", "kind", "x"]), inner, max_size=4) | st.lists(inner, max_size=3))  # fmt: skip


@given(values)
def test_any_context_is_survived_and_twice_is_once(context: object) -> None:
    """Payloads come from the network; a second pass must not add anything."""
    event = TRANSFORMER.transform(crash(context, stack=NATIVE), {})
    assert TRANSFORMER.transform(event, {}) == event
