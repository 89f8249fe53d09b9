"""Errors of JavaScript that somebody wrote down as JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.error_json import READER
from sourcemaps.javascript.hermes_crash import READER as HERMES
from symbolicator import plugins
from symbolicator.codec import decode, encode
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.readers.event_json import READER as EVENT_JSON

STACK = (
    "TypeError: x is undefined\n    at pay (https://shop.example/app.js:1:985)\n    at https://shop.example/app.js:1:2"
)
CAUSE = {"name": "java.lang.Error", "message": "no", "stackElements": [{"className": "a.B", "methodName": "c"}]}


def read(error: dict[str, Any]) -> Event:
    data = json.dumps(error).encode()
    assert READER.detect(data) > EVENT_JSON.detect(data)
    event = READER.read(data)
    assert decode(encode(event)) == event
    return event


def test_name_message_and_frames() -> None:
    """What an app logs of an error is often all there is."""
    [value] = read({"name": "TypeError", "message": "x is undefined", "stack": STACK}).exceptions
    assert (value.type, value.value, value.mechanism) == ("TypeError", "x is undefined", None)
    assert value.stacktrace
    assert [frame.colno for frame in value.stacktrace.frames] == [2, 985]


def test_the_text_tells_what_the_object_does_not() -> None:
    """`JSON.stringify(error)` alone keeps only own fields: the stack's first line has the rest."""
    [value] = read({"message": "", "stack": STACK}).exceptions
    assert (value.type, value.value) == ("TypeError", "x is undefined")


def test_causes_of_javascript_are_linked() -> None:
    """The cause is where it failed; the innermost comes first."""
    cause = {"name": "RangeError", "message": "deep", "stack": STACK.replace("pay", "price")}
    [inner, outer] = read({"name": "Error", "message": "no", "stack": STACK, "cause": cause}).exceptions
    assert (inner.type, outer.type) == ("RangeError", "Error")
    assert inner.mechanism
    assert (inner.mechanism.exception_id, inner.mechanism.parent_id, inner.mechanism.source) == (1, 0, "cause")


def test_other_fields_stay_with_the_exception() -> None:
    """Transformers of other languages find what is theirs in there."""
    event = read({"name": "JSError", "message": "no", "stack": STACK, "code": "E_PAY", "cause": CAUSE})
    [value] = event.exceptions
    assert value.mechanism
    assert value.mechanism.data == {"code": "E_PAY", "cause": CAUSE}
    assert event.contexts == {"runtime": {"name": "react-native"}}


def test_images_beside_the_error_are_the_events() -> None:
    """Addresses of a native cause mean nothing without them."""
    images = [{"type": "macho", "image_addr": "0x1000", "image_size": 16}]
    event = read({"name": "E", "message": "no", "stack": STACK, "cause": CAUSE, "debug_meta": {"images": images}})
    assert [image.image_addr for image in event.images] == [0x1000]


def test_a_native_cause_alone_is_enough() -> None:
    """In release builds the stack of JavaScript may be missing."""
    [value] = read({"name": "JSError", "message": "no", "cause": CAUSE}).exceptions
    assert value.stacktrace is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1]",
        b'{"name": "Error", "message": "no", "stack": "Error: no"}',
        b'{"name": "Error", "message": "no", "stack": "TypeErr',
        b'{"stack": ' + b"[" * 100_000,
        json.dumps({"message": "x", "stack": "y", "cause": {}}).encode(),
    ],
)
def test_what_has_no_stack_says_what_to_do(data: bytes) -> None:
    """A traceback, or an event without anything in it, helps nobody."""
    with pytest.raises(UnreadableInput, match=r"Pass|Check|Send|nested"):
        READER.read(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"exception": {"values": []}, "extra": {"stack": "x", "name": "y"}}',
        b'{"event_id": "1", "stack": "x", "message": "y"}',
        b'{"crash": {"threads": [{"stack": {"grow_direction": "-"}, "name": "main"}]}}',
        b'{"callstack": [{"FunctionID": 1, "ByteCodeOffset": 2}]}',
        b"Error: no\n    at f (a.js:1:1)",
    ],
)
def test_other_reports_are_left_to_their_readers(data: bytes) -> None:
    """An event that carries an error object somewhere would lose everything else."""
    others = [reader for reader in plugins.readers() if reader.name != READER.name]
    assert READER.detect(data) < max(0.3, *(reader.detect(data) for reader in (HERMES, *others)))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cause", "stack", "name", "message", "contexts"]), inner, max_size=5)
    ),
)


@given(json_values)
def test_any_json_gives_an_event_or_says_why_not(value: object) -> None:
    """Whatever an app writes down must not stop a worker."""
    try:
        READER.read(json.dumps(value).encode())
    except UnreadableInput as error:
        assert len(str(error)) > 20
