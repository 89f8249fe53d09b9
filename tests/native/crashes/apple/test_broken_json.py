"""JSON that breaks off: the reports of crashed programs often do."""

import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.crashes.apple.broken_json import MAX_DEPTH, whole_part
from native.crashes.apple.json_fields import Fields, parse, text_of
from symbolicator.errors import UnreadableInput
from symbolicator.readers.text import MAX_REPORT_BYTES

WHOLE = b'{"a": [1, -2.5e3, true, null, {"b": "x\\"y", "c": {}}], "d": "e", "f": [[]]}'
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        (b'{"a": [1, 2', b'{"a": [1]}'),
        (b'{"a": 1, "b', b'{"a": 1}'),
        (b'{"a": 1, "b": ', b'{"a": 1}'),
        (b'{"a": {"b": "c", ', b'{"a": {"b": "c"}}'),
        (b'{"a": "half', b"{}"),
        (b'{"a": 1}{"b": 2}', b'{"a": 1}'),
        (b'{"a": "b"', b"{}"),
        (b'{"a": "\\"}", "b', b'{"a": "\\"}"}'),
        (b'{"a": [1}, 2]', b""),
        (b"", b""),
        (b"nothing", b""),
        (b"]", b""),
    ],
)
def test_what_stands_before_the_damage(cut: bytes, whole: bytes) -> None:
    """A half number or name would be a wrong one."""
    assert whole_part(cut) == whole


def test_every_cut_can_be_read() -> None:
    """Whatever byte the file breaks off at, the rest of it must not be lost."""
    for end in range(1, len(WHOLE)):
        json.loads(whole_part(WHOLE, end))
        json.loads(whole_part(WHOLE[:end]))
    assert whole_part(WHOLE) == WHOLE


def test_nesting_is_bounded() -> None:
    """A file of a million brackets must not take the stack of the reader."""
    assert whole_part(b"[" * 1_000_000) == b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    document = parse(b'{"a":' + b"[" * 100_000)
    assert document is not None
    assert document.problem is not None


@pytest.mark.parametrize("damage", [b"\x00", b"nul", b"}", b"]", b'"', b"{", b",", b"1.e", b"\\", b'"\\ud800"'])
def test_damage_in_the_middle(damage: bytes) -> None:
    """One flipped byte must cost what stands behind it, and not the report."""
    at = WHOLE.index(b'"d"')
    document = parse(WHOLE[:at] + damage + WHOLE[at:])
    assert document is not None
    assert document.problem is not None
    assert document.value.array("a")[:2] == [1, -2500.0]


@pytest.mark.timeout(30)
def test_many_small_parts() -> None:
    """A file of millions of brackets must not hold a worker."""
    for block in (b"{},", b"[],", b"1,", b'"",'):
        assert parse(b'{"a":[' + block * (2_000_000 // len(block))) is not None


@given(VALUES, st.randoms(use_true_random=False))
def test_any_value_cut_anywhere(value: object, dice: random.Random) -> None:
    """A prefix of a document keeps what it has: the values of the cut one are those of the whole one."""
    data = json.dumps({"v": value}, ensure_ascii=False).encode()
    part = whole_part(data, dice.randrange(1, len(data) + 1))
    assert _is_prefix(json.loads(part), {"v": value})


def _is_prefix(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _is_prefix(item, whole[name]) for name, item in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) <= len(whole) and all(map(_is_prefix, part, whole))
    return part == whole


def test_fields_by_type() -> None:
    """A field of the wrong type must not stop the reader of the others."""
    fields = Fields(
        msgspec.json.decode(b'{"n": "0x10", "d": "12", "b": true, "t": "", "big": 99999999999999999999999, "l": 3}')
    )
    assert (fields.number("n"), fields.number("d"), fields.number("b"), fields.number("big")) == (16, 12, None, None)
    assert (fields.text("t"), fields.text("n"), fields.text("l"), fields.flag("b")) == (None, "0x10", "3", True)
    assert (list(fields.items("n")), fields.texts("n"), fields.array("b")) == ([], ["0x10"], [])
    assert not fields.fields("n")
    assert fields.rest({"n", "d", "big", "l"}) == {"b": True, "t": ""}


def test_bytes_that_are_no_text() -> None:
    """One bad byte in a name must not cost the report."""
    document = parse(text_of(b'{"a": "x\xffy\x01z", "b": 1}'))
    assert document is not None
    assert (document.value.text("a"), document.value.number("b")) == ("x\ufffdy?z", 1)
    assert parse(b"[1]") is None
    assert parse(b"") is None


def test_too_large() -> None:
    """A limit that is met is said, with what to do about it."""
    with pytest.raises(UnreadableInput, match=r"the limit is .*single crash report"):
        text_of(b" " * (MAX_REPORT_BYTES + 1))
