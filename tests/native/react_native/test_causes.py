"""Native errors behind errors of JavaScript, as exceptions of their own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.react_native.causes import TRANSFORMER
from native.react_native.error_objects import native_errors
from symbolicator.codec import decode, encode
from symbolicator.merge import merge
from symbolicator.model import DebugImage, DebugMeta, Event, ExceptionValue, Frame, Mechanism, Stacktrace, Values

JAVASCRIPT = Stacktrace(frames=(Frame(function="pay", platform="javascript"),))
JAVA_CAUSE: dict[str, Any] = {
    "name": "java.lang.IllegalStateException", "message": "no price", "stackElements": [
        {"className": "com.shop.PriceTable", "methodName": "find", "fileName": "PriceTable.kt", "lineNumber": 27},
        {"className": "com.facebook.jni.NativeRunnable", "methodName": "run", "fileName": "x", "lineNumber": -2},
    ],
}  # fmt: skip
ANDROID = [{"class": "com.shop.Pay", "methodName": "go", "file": "Pay.kt", "lineNumber": 3.0}]
IOS = ["0   Shop    0x0000000104c8a1b0 -[Pay go] + 48", "1   Shop    0x0000000104c80010 Shop + 16", "no frame"]
IMAGE = DebugImage(type="macho", code_file="/Shop.app/Shop", image_addr=0x104C80000, image_size=0x10000)  # type: ignore[arg-type]  # a plain number


def error(data: dict[str, Any] | None = None, **fields: Any) -> Event:
    mechanism = Mechanism(type="generic", data=data) if data else None
    raised = ExceptionValue(type="JSError", value="no", mechanism=mechanism, stacktrace=JAVASCRIPT)
    return Event(platform="javascript", exception=Values(values=(raised,)), **fields)


def linked(event: Event) -> list[ExceptionValue]:
    """The exceptions that were added; every frame and link of them survives the way through JSON."""
    done = TRANSFORMER.transform(event, {})
    assert TRANSFORMER.transform(done, {}) == done
    assert decode(encode(done)) == done
    assert done.exceptions[-1].stacktrace == JAVASCRIPT
    return list(done.exceptions[:-1])


@pytest.mark.parametrize(
    "event",
    [
        error({"cause": JAVA_CAUSE}),
        error(contexts={"JSError": {"cause": JAVA_CAUSE}}),
        error(extra={"extra": {"cause": JAVA_CAUSE}}),
        error(extra={"extra": {"__serialized__": {"cause": JAVA_CAUSE}}}),
    ],
)
def test_a_java_cause_is_found_where_payloads_keep_it(event: Event) -> None:
    """The call that failed is in there: without it, the trace ends where JavaScript called native code."""
    [cause] = linked(event)
    assert (cause.module, cause.type, cause.value) == ("java.lang", "IllegalStateException", "no price")
    assert cause.stacktrace
    [run, find] = cause.stacktrace.frames
    assert (find.platform, find.module, find.function) == ("java", "com.shop.PriceTable", "find")
    assert (find.filename, find.lineno) == ("PriceTable.kt", 27)
    assert run.lineno is None
    assert run.data
    assert run.data.is_native
    assert cause.mechanism
    assert (cause.mechanism.source, cause.mechanism.parent_id, cause.mechanism.exception_id) == ("cause", 0, 1)


def test_the_cause_comes_before_what_it_caused() -> None:
    """The merged trace would show the cause as the crash."""
    merged = merge(TRANSFORMER.transform(error({"cause": JAVA_CAUSE}), {})).merged
    assert merged
    assert [frame.stack for frame in merged.frames] == ["exception/0", "exception/0", "exception/1"]
    [seam] = merged.seams
    assert (seam.before, seam.relation, seam.confidence) == (2, "R3", 1.0)


def test_apple_addresses_lie_in_the_events_images() -> None:
    """Addresses without their image cannot be looked up; names that the system knew are there already."""
    cause = {"name": "NSRangeException", "message": "12", "stackSymbols": IOS,
             "stackReturnAddresses": [0x104C8A1B0, "0x104c80010", 0x104C80020, -1, None, 1.5]}  # fmt: skip
    event = error({"cause": cause}, debug_meta=DebugMeta(images=(IMAGE,)))
    [value] = linked(event)
    assert (value.type, value.module) == ("NSRangeException", None)
    assert value.stacktrace
    assert value.stacktrace.instruction_addr_adjustment == "all"
    frames = value.stacktrace.frames[::-1]
    assert [frame.instruction_addr for frame in frames] == [0x104C8A1B0, 0x104C80010, 0x104C80020]
    assert [frame.function for frame in frames] == ["-[Pay go]", None, None]
    assert all((frame.platform, frame.image_addr) == ("native", 0x104C80000) for frame in frames)


def test_rejected_promises_have_the_stacks_of_both_systems() -> None:
    """The classic modules reject with code and message, and a stack in the form of the system."""
    [android] = linked(error({"code": "E_PAY", "message": "no", "nativeStackAndroid": ANDROID}))
    assert (android.type, android.value) == ("E_PAY", "no")
    assert android.stacktrace
    [frame] = android.stacktrace.frames
    assert (frame.module, frame.function, frame.filename, frame.lineno) == ("com.shop.Pay", "go", "Pay.kt", 3)
    [ios] = linked(error({"code": "E_PAY", "message": "no", "nativeStackIOS": IOS}))
    assert ios.stacktrace
    assert [frame.function for frame in ios.stacktrace.frames] == [None, "-[Pay go]"]
    assert [frame.package for frame in ios.stacktrace.frames] == ["Shop", "Shop"]


def test_what_the_sdk_linked_itself_is_not_linked_twice() -> None:
    """Sentry's SDK puts causes behind the raised error, without ids: they would be shown as the crash, and twice."""
    java = Stacktrace(frames=(
        Frame(platform="java", module="com.facebook.jni.NativeRunnable", function="run"),
        Frame(platform="java", module="com.shop.PriceTable", function="find", lineno=27),
    ))  # fmt: skip
    raised = ExceptionValue(type="JSError", stacktrace=JAVASCRIPT, mechanism=Mechanism(data={"cause": JAVA_CAUSE}))
    cause = ExceptionValue(type="java.lang.IllegalStateException", value="no price", stacktrace=java)
    event = Event(platform="javascript", exception=Values(values=(raised, cause)),
                  extra={"sdk": {"name": "sentry.javascript.react-native"}})  # fmt: skip
    done = TRANSFORMER.transform(event, {})
    assert [value.type for value in done.exceptions] == ["java.lang.IllegalStateException", "JSError"]
    assert [value.mechanism and value.mechanism.parent_id for value in done.exceptions] == [0, None]
    merged = merge(done).merged
    assert merged
    assert merged.crashed_stack == "exception/1"


def test_errors_of_javascript_alone_keep_their_order() -> None:
    """Only what the SDK appends of native code comes behind the raised error."""
    one = ExceptionValue(type="A", stacktrace=JAVASCRIPT)
    event = Event(platform="javascript", exception=Values(values=(one, one)),
                  extra={"sdk": {"name": "sentry.javascript.react-native"}})  # fmt: skip
    assert TRANSFORMER.transform(event, {}) == event


fields = st.sampled_from(
    ["cause", "name", "message", "code", "stackElements", "stackReturnAddresses", "stackSymbols", "nativeStackAndroid",
     "nativeStackIOS", "className", "methodName", "lineNumber"]
)  # fmt: skip
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9)
values = st.recursive(
    plain, lambda inner: st.dictionaries(fields, inner, max_size=5) | st.lists(inner, max_size=4), max_leaves=40
)


@given(st.dictionaries(fields, values, max_size=6))
def test_any_error_object_is_survived(data: dict[str, Any]) -> None:
    """Apps put whatever they like into errors."""
    assert all(found.java or found.apple for found in native_errors(data))
    done = TRANSFORMER.transform(error(data), {})
    assert done.exceptions[-1].type == "JSError"
    assert decode(encode(done))
