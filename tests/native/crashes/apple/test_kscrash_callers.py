"""The JavaScript that asked for a native call, in KSCrash's reports."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.apple.json_fields import Fields
from native.crashes.apple.kscrash import READER
from native.crashes.apple.kscrash_caller import RULE, caller_in
from symbolicator import plugins
from symbolicator.codec import decode, encode
from symbolicator.engine import Engine
from symbolicator.merge import merge
from symbolicator.model import Event, MergedTrace
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.render import Options, plain, render

CONFORMANCE = os.environ.get("SYMBOLICATOR_CONFORMANCE", "")
CALLS = [
    {"file": "http://localhost:8081/index.bundle?dev=true", "lineNumber": 12, "column": 5, "methodName": "enqueue"},
    {"file": "[native code]", "lineNumber": None, "column": None, "methodName": "<unknown>"},
    {"file": "main.jsbundle", "lineNumber": "7", "column": 0, "methodName": "press"},
]


def report(**extra: Any) -> bytes:
    contents = [{"instruction_addr": 0x1010 + 0x100 * n, "symbol_addr": 0x1000 + 0x100 * n, "symbol_name": f"f{n}"}
                for n in range(3)]  # fmt: skip
    threads = [{"index": 0, "backtrace": {"contents": contents}, "crashed": False},
               {"index": 1, "backtrace": {"contents": contents}, "crashed": True}]  # fmt: skip
    error = {"type": "signal", "signal": {"name": "SIGABRT"}}
    return json.dumps({"crash": {"error": error, "threads": threads}, "user": {"event_extra": extra}}).encode()


def merged(event: Event) -> MergedTrace:
    found = merge(event, plugins.bridges).merged
    assert found
    return found


def test_the_crashed_thread_knows_who_asked() -> None:
    """The bridge's queue hides the call that led to the crash."""
    event = READER.read(report(__sentry_stack=CALLS, __sentry_address=0x1100))
    assert decode(encode(event)) == event
    other, crashed = event.thread_list
    assert other.caller is None
    assert crashed.caller
    assert (crashed.caller.rule, crashed.caller.function_addr) == (RULE, 0x1100)
    assert crashed.caller.stacktrace
    [press, unknown, enqueue] = crashed.caller.stacktrace.frames
    assert (enqueue.platform, enqueue.function, enqueue.lineno, enqueue.colno) == ("javascript", "enqueue", 12, 5)
    assert (unknown.function, unknown.abs_path, unknown.lineno) == (None, "[native code]", None)
    assert (press.lineno, press.colno) == (7, None)
    trace = merged(event)
    assert [(frame.stack, frame.index) for frame in trace.frames] == [
        ("thread/1", 0), ("thread/1/caller", 0), ("thread/1/caller", 1), ("thread/1/caller", 2),
        ("thread/1", 1), ("thread/1", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("address", [None, 0, -5, 0x1101, 0x10FF, "nowhere"])
def test_no_function_that_only_lies_near_is_taken(address: object) -> None:
    """Where the address is missing or another build's, the calls are shown beside the trace, not in it."""
    event = READER.read(report(__sentry_stack=CALLS, __sentry_address=address))
    trace = merged(event)
    assert {frame.stack for frame in trace.frames} == {"thread/1"}
    assert [one.stack for one in trace.apart] == ["thread/1/caller"]


@pytest.mark.parametrize("stack", [None, [], "text", [1], [{}], [{"lineNumber": 3}]])
def test_no_calls_is_no_caller(stack: object) -> None:
    """An address alone says nothing that the trace does not."""
    assert caller_in(Fields({"event_extra": {"__sentry_stack": stack, "__sentry_address": 5}})) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["event_extra", "__sentry_stack", "__sentry_address", "file", "lineNumber", "methodName"]),
            inner,
        )
    ),
)


@given(json_values)
def test_any_user_data_is_survived(user: object) -> None:
    """Apps put whatever they like there."""
    caller = caller_in(Fields(user))
    assert caller is None or caller.stacktrace


class EmptyStore:
    """Finds nothing."""

    def fetch(self, keys: frozenset[Key]) -> dict[Key, Artifact | Missing]:
        return {key: Missing(key, "There are no artifacts here.") for key in keys}


@pytest.mark.skipif(not CONFORMANCE, reason="SYMBOLICATOR_CONFORMANCE names no folder")
def test_a_real_report_of_react_native() -> None:
    """The golden case: twelve calls of the main queue, ten of JavaScript, the seam, eight down to the assertion."""
    data = (Path(CONFORMANCE) / "react-native-ios" / "report.json").read_bytes()
    event = Engine(EmptyStore()).resolve(data)
    trace = event.merged
    assert trace
    stacks = [frame.stack for frame in trace.frames]
    assert stacks == ["thread/0"] * 12 + ["thread/0/caller"] * 10 + ["thread/0"] * 8
    [seam] = trace.seams
    assert (seam.before, seam.relation, seam.rule) == (22, "R2", RULE)
    assert (seam.evidence, seam.confidence) == ("exact function match", 1.0)
    by_name = dict(stacks_of(event))
    names = [by_name[frame.stack].frames[frame.index].function for frame in trace.frames]
    assert names[0] == "start"
    assert names[12] == "Object.invokeGuardedCallback"
    assert names[21] == "MessageQueue.BatchedBridge.enqueueNativeCall"
    assert names[22] == "-[RCTBatchedBridge callNativeModule:method:params:]"
    assert [(fold.start, fold.count, fold.label) for fold in trace.folds] == [
        (0, 12, "the run loop"), (22, 5, "React Native"),
    ]  # fmt: skip
    text = "\n".join(plain(render(event, Options())))
    assert "JavaScript called native earlier, asynchronously: exact function match" in text
    pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
    assert names[-2:] == ["@objc SentryClient.crash()", "_assertionFailed(_:_:_:_:flags:)"]
