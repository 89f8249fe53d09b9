"""Columns that count something else than source maps do: translated on evidence, and exactly."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.columns import (
    MAX_LINE_COLUMNS,
    MAX_WIDE,
    column_base,
    counts_code_points,
    place_by_line,
    utf16_column0,
    wide_characters,
)
from sourcemaps.javascript.generated import Generated
from sourcemaps.protocol import OriginalPosition
from symbolicator.model import Event, Frame


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [
        ("Firefox", "68.0", False),
        ("Firefox", "69.0", True),
        ("Firefox", "102.15.1", True),
        ("Firefox Mobile", "115.0", True),
        ("Tor Browser", "115", True),
        ("Firefox", "117.0.1", True),
        ("Firefox", "118.0", False),
        ("Firefox", "", False),
        ("Firefox", "x", False),
        ("Firefox iOS", "102.0", False),
        ("Chrome", "102.0", False),
        (None, 102, False),
    ],
)
def test_code_points_are_counted_by_some_firefoxes_only(name: object, version: object, *, expected: bool) -> None:
    """Translating what needs no translation is as wrong as the other way round."""
    contexts: dict[str, Any] = {"browser": {"name": name, "version": version}}
    assert counts_code_points(Event(contexts=contexts)) is expected
    assert counts_code_points(Event(contexts={"browser": None})) is False
    assert counts_code_points(Event()) is False


@given(line=st.text(max_size=80), column0=st.integers(0, 100))
def test_columns_in_code_points_become_utf16_units(line: str, column0: int) -> None:
    """Against what the words mean: the units of the characters in front."""
    line = "".join(part for part in line if part not in "\r\n\u2028\u2029")
    data = line.encode("utf-8", "replace")
    wide = wide_characters(data).get(0, ())
    kept = data.decode()
    expected = len(kept[:column0].encode("utf-16-le")) // 2 + max(0, column0 - len(kept))
    assert utf16_column0(wide, column0) == expected


def test_wide_characters_are_listed_by_line_and_bounded() -> None:
    """A file of nothing but emoji must not become a list of a hundred megabytes."""
    assert wide_characters("a\n🙂b🙂\n\nc".encode()) == {1: [0, 2]}
    assert wide_characters(b"\xf0\x9f") == {}
    many = wide_characters("🙂".encode() * (MAX_WIDE + 10))
    assert len(many[0]) == MAX_WIDE


REACT_NATIVE: dict[str, Any] = {"react_native_context": {"js_engine": "hermes"}}


@pytest.mark.parametrize(
    ("sdk", "contexts", "base"),
    [
        ({"name": "sentry.javascript.react-native", "version": "5.9.1"}, REACT_NATIVE, 0),
        ({"name": "sentry.javascript.react-native", "version": "4.15.2-beta.1"}, REACT_NATIVE, 0),
        ({"name": "sentry.javascript.react-native", "version": "5.9.2"}, REACT_NATIVE, 1),
        ({"name": "sentry.javascript.react-native", "version": "6.0.0"}, REACT_NATIVE, 1),
        ({"name": "sentry.javascript.react-native", "version": ""}, REACT_NATIVE, 1),
        ({"name": "sentry.javascript.react-native", "version": "5.9.1"}, {}, 1),
        ({"name": "sentry.javascript.browser", "version": "5.9.1"}, REACT_NATIVE, 1),
        (None, REACT_NATIVE, 1),
        ({"name": 1, "version": []}, REACT_NATIVE, 1),
    ],
)
def test_old_sdks_send_hermes_offsets_as_printed(sdk: Any, contexts: dict[str, Any], base: int) -> None:
    """One byte of bytecode off is the line of the call before."""
    event = Event(contexts=contexts, extra={"sdk": sdk})
    assert column_base(event) == base
    index: Any = object()
    generated = Generated.of(event)
    assert generated.place(Frame(filename="index.android.bundle", lineno=1, colno=3252), index) == (1, 3253 - base)
    assert generated.place(Frame(filename="index.android.bundle", lineno=2, colno=3), index) == (2, 3)


LoadMap = Callable[..., Any]


def test_a_line_of_one_original_line_needs_no_column(load_map: LoadMap) -> None:
    """What compilers write line by line resolves although the report has no columns."""
    index = load_map(sources=["a.ts"], mappings="AAEA,QAAM;AAAA,EACA;;A")
    assert place_by_line(index, 0) == OriginalPosition(0, 2, 0, None)
    assert [place_by_line(index, line0) for line0 in (1, 2, 3, 4, 99)] == [None] * 5


def test_a_line_wider_than_was_looked_at_is_not_claimed(load_map: LoadMap) -> None:
    """A minified line may start with a banner's mapping and hold everything else behind."""
    far = vlq(MAX_LINE_COLUMNS + 5)
    assert place_by_line(load_map(sources=["a.ts"], mappings=f"{far}AAA"), 0) is None
    assert place_by_line(load_map(sources=["a.ts"], mappings=f"AAAA,{far}ACA"), 0) is None
    assert place_by_line(load_map(sources=["a.ts"], mappings=f"AAAA,{far}AAC"), 0) is None


def vlq(value: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    digits, rest = [], value << 1
    while True:
        digits.append(alphabet[rest & 31 | (32 if rest >> 5 else 0)])
        rest >>= 5
        if not rest:
            return "".join(digits)
