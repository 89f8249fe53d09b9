"""Hermes' call stack beside native frames of the same thread."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.hermes_call_stack import TRANSFORMER
from sourcemaps.javascript.hermes_crash import READER as HERMES
from symbolicator.model import Caller, Event, Frame, Stacktrace, Thread, Values

NATIVE = Stacktrace(frames=(Frame(function="a"), Frame(function="b")))
CODE = {"NativeCode": True, "StackFrameRegOffs": 1}


def call(function: int) -> dict[str, Any]:
    return {"StackFrameRegOffs": 3, "FunctionID": function, "ByteCodeOffset": 4, "SourceURL": "a.bundle"}


LISTED = [CODE, call(5), call(4), CODE, CODE, call(3), call(0)]


def crash(*threads: Thread, **fields: Any) -> Event:
    return Event(platform="native", threads=Values(values=threads), **fields)


def crashed(**fields: Any) -> Thread:
    return Thread(id=1, crashed=True, **({"stacktrace": NATIVE} | fields))


def frames_of(event: Event) -> list[Frame]:
    [thread] = TRANSFORMER.transform(event, {}).thread_list
    return list(thread.vm_stacktrace.frames) if thread.vm_stacktrace else []


@pytest.mark.parametrize(
    "event",
    [
        crash(crashed(), contexts={"hermes": {"callstack": LISTED}}),
        crash(crashed(), extra={"extra": {"hermes": json.dumps({"callstack": LISTED})}}),
        crash(crashed(), extra={"extra": {"event_extra": {"crash": {"callstack": LISTED}}}}),
        crash(crashed(extra={"callstack": LISTED})),
    ],
)
def test_the_list_is_found_and_native_calls_mark_where_the_runtime_is_entered(event: Event) -> None:
    """Counted wrongly, the two stacks would be merged at the wrong places, or not at all."""
    frames = frames_of(event)
    assert [frame.data and frame.data.extra["hermes_function_id"] for frame in frames] == [0, 3, 4, 5]
    assert [bool(frame.data and frame.data.is_entry) for frame in frames] == [True, False, True, False]
    assert all(frame.platform == "javascript" for frame in frames)


@pytest.mark.parametrize(
    "thread",
    [
        crashed(stacktrace=None),
        crashed(vm_stacktrace=NATIVE),
        crashed(caller=Caller(asked_for="A.b")),
        crashed(stacktrace=Stacktrace(frames=(Frame(function="f", platform="javascript"),))),
        Thread(id=1, stacktrace=NATIVE),
    ],
)
def test_a_thread_that_is_known_better_stays(thread: Thread) -> None:
    """The list is a second view of native frames: without them, or with JavaScript among them, it is none."""
    event = crash(thread, contexts={"hermes": {"callstack": LISTED}})
    assert TRANSFORMER.transform(event, {}) == event


@pytest.mark.parametrize(
    "value", [[], [1], [CODE], [{"x": 1}], "[]", {"callstack": 1}, json.dumps({"callstack": [CODE]}), '{"callstack": [']
)
def test_what_is_no_list_of_calls_is_nothing(value: object) -> None:
    """Other tools call their stacks so too."""
    assert frames_of(crash(crashed(), contexts={"any": value, "x": {"callstack": value}})) == []


entries = st.dictionaries(
    st.sampled_from(
        ["FunctionID", "ByteCodeOffset", "NativeCode", "SourceURL", "SourceLocation", "SegmentID", "callstack"]
    ),
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
)


@given(st.lists(entries | st.integers(), max_size=8))
def test_any_list_is_survived(listed: list[object]) -> None:
    """It comes from a process that crashed."""
    event = TRANSFORMER.transform(crash(crashed(), contexts={"hermes": {"callstack": listed}}), {})
    assert TRANSFORMER.transform(event, {}) == event


def test_an_event_that_has_the_list_is_an_event() -> None:
    """Read as the bare list, everything else of the report would be lost."""
    data = json.dumps({"exception": {"values": []}, "contexts": {"hermes": {"callstack": LISTED}}}).encode()
    assert HERMES.detect(data) == 0.0
    assert HERMES.detect(json.dumps({"callstack": LISTED}).encode()) > 0.9
