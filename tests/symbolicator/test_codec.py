"""The event payload to the model and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolicator.codec import MAX_EVENT_DEPTH, decode, encode
from symbolicator.errors import UnreadableInput

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
free_json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
names = st.text(max_size=10)
addresses = st.integers(0, 2**64 - 1).map(hex)


def objects(**known: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the known fields and unknown ones beside them."""
    unknown = st.dictionaries(st.text(max_size=6).map("x_{}".format) | st.just("+extra"), free_json, max_size=3)
    return st.builds(lambda a, b: a | b, unknown, st.fixed_dictionaries({}, optional=known))


frames = objects(
    function=names,
    lineno=st.integers(0, 2**31),
    in_app=st.booleans(),
    instruction_addr=addresses,
    pre_context=st.lists(names, min_size=1, max_size=2),
    data=objects(status=st.sampled_from(["missing", "symbolicated"]), sourcemap=names),
)
stacks = objects(
    frames=st.lists(frames, min_size=1, max_size=3), registers=st.dictionaries(names, addresses, min_size=1)
)
exceptions = objects(type=names, value=names, thread_id=st.integers(0, 9) | names, stacktrace=stacks)
events = objects(
    platform=names,
    timestamp=st.integers(0, 2**40) | names,
    exception=objects(values=st.lists(exceptions, max_size=3)).filter(lambda o: "values" in o),
    threads=objects(values=st.lists(objects(id=names, crashed=st.booleans(), stacktrace=stacks), max_size=2)).filter(
        lambda o: "values" in o
    ),
    debug_meta=objects(images=st.lists(objects(type=names, image_addr=addresses), min_size=1, max_size=2)),
    contexts=st.dictionaries(names, free_json, max_size=2),
    errors=st.lists(objects(type=names, message=names).filter(lambda o: "type" in o), min_size=1, max_size=2),
)


@given(events)
def test_decoding_then_encoding_loses_nothing(event: dict[str, Any]) -> None:
    """A field that we do not know, anywhere in the payload, would vanish on its way through a worker."""
    again = json.loads(encode(decode(json.dumps(event).encode())))
    assert again == event


@given(
    st.binary(max_size=200)
    | free_json.map(lambda value: json.dumps(value).encode())
    | events.map(json.dumps).map(str.encode)
)
def test_any_bytes_are_an_event_or_one_clear_error(payload: bytes) -> None:
    """A malformed event would end a worker with a traceback."""
    try:
        decode(payload)
    except UnreadableInput as error:
        assert len(str(error)) > 20


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"exception": {"values": [{"stacktrace": {"frames": [{}, {"lineno": "x"}]}}]}},
         "exception.values[0].stacktrace.frames[1].lineno"),
        ({"exception": [{"type": 3}]}, "exception.values[0].type"),
        ({"threads": {"values": 3}}, "threads.values"),
        ({"debug_meta": {"images": [{"image_addr": "somewhere"}]}}, "debug_meta.images[0].image_addr"),
        ({"stacktrace": {"registers": {"rip": -1}}}, "stacktrace.registers.rip"),
        ({"stacktrace": {"frames": [{"instruction_addr": 2**64}]}}, "stacktrace.frames[0].instruction_addr"),
    ],
)  # fmt: skip
def test_a_bad_field_is_named(payload: dict[str, Any], path: str) -> None:
    """Without the field's path nobody finds the one wrong value in a large event."""
    with pytest.raises(UnreadableInput) as caught:
        decode(json.dumps(payload).encode())
    assert caught.value.path == path
    assert path in str(caught.value)


@pytest.mark.parametrize("spelling", ["0x1f", "0X1F", 31, "31", " 0x1f ", "1f"])
def test_every_spelling_of_an_address_means_the_same(spelling: object) -> None:
    """SDKs send addresses in hex, decimal and as numbers; reading one wrongly resolves to a wrong line."""
    event = decode(json.dumps({"stacktrace": {"frames": [{"instruction_addr": spelling}]}}).encode())
    assert event.stacktrace
    assert event.stacktrace.frames[0].instruction_addr == 31


@pytest.mark.parametrize("exception", [[{"type": "E"}], {"type": "E"}, {"values": [{"type": "E"}, None]}])
def test_exceptions_are_found_in_every_legal_wrapping(exception: object) -> None:
    """Old SDKs send a bare list or a single exception: the crash must not be lost."""
    event = decode(json.dumps({"exception": exception}).encode())
    assert [value.type for value in event.exceptions] == ["E"]


def test_hostile_nesting_is_refused_with_a_reason() -> None:
    """Deep nesting would overflow the stack of whatever walks the event later."""
    deep = b'{"a":' + b"[" * (MAX_EVENT_DEPTH + 1) + b"]" * (MAX_EVENT_DEPTH + 1) + b"}"
    for payload in (deep, b"[" * 1_000_000):
        with pytest.raises(UnreadableInput, match=r"nested|JSON"):
            decode(payload)
