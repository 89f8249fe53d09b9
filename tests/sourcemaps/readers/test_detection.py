"""Which reader takes which text: every sample of every language against both readers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from native.crashes.backtrace import READER as NATIVE
from sourcemaps.javascript.reader import READER as JAVASCRIPT
from symbolicator.readers.event_json import READER as EVENT_JSON

ROOT = Path(__file__).resolve().parents[3]
NATIVE_TESTS = ROOT / "tests" / "native" / "crashes"
JS_TEXTS = [
    *sorted(Path(__file__).with_name("samples").glob("*.txt")),
    *(ROOT / "fixtures" / case / "crash.txt" for case in ("js-esbuild", "js-webpack", "hermes-rn", "rn-ram-bundle")),
]
NATIVE_TEXTS = [
    *sorted((NATIVE_TESTS / "samples").glob("*.txt")),
    *(ROOT / "fixtures" / case / "crash.txt" for case in ("native-cpp", "native-asan", "native-gdb", "rust-panic")),
]
OTHER_TEXTS = sorted((NATIVE_TESTS / "samples-of-others").iterdir())
MIN_CONFIDENCE = 0.3
"""Of the engine: below it no reader is chosen."""


def head(path: Path) -> bytes:
    return path.read_bytes()[:65536]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", JS_TEXTS, ids=name)
def test_javascript_texts(path: Path) -> None:
    """A stack text that nobody claims is "unreadable" to the user."""
    assert JAVASCRIPT.detect(head(path)) >= 0.6
    assert (NATIVE.detect(head(path)), EVENT_JSON.detect(head(path))) == (0.0, 0.0)


@pytest.mark.parametrize("path", NATIVE_TEXTS, ids=name)
def test_native_texts(path: Path) -> None:
    """A backtrace read as JavaScript would lose every address in it."""
    assert NATIVE.detect(head(path)) >= 0.6
    assert (JAVASCRIPT.detect(head(path)), EVENT_JSON.detect(head(path))) == (0.0, 0.0)


@pytest.mark.parametrize("path", OTHER_TEXTS, ids=name)
def test_texts_of_others(path: Path) -> None:
    """A Java trace or a letter, read by the wrong reader, gives nonsense instead of an honest "not mine"."""
    assert JAVASCRIPT.detect(head(path)) < MIN_CONFIDENCE
    assert NATIVE.detect(head(path)) < MIN_CONFIDENCE


@pytest.mark.parametrize("path", JS_TEXTS + NATIVE_TEXTS, ids=name)
def test_line_ends_of_windows_change_nothing(path: Path) -> None:
    """Texts pass through mail and editors; the line end must not end up in a file name or a message."""
    text = path.read_text()
    reader = JAVASCRIPT if path in JS_TEXTS else NATIVE
    plain, windows = reader.read(text.encode()), reader.read(text.replace("\n", "\r\n").encode())
    assert replace(windows, extra={}) == replace(plain, extra={})
    assert windows.extra["raw_report"] != plain.extra["raw_report"]


@pytest.mark.parametrize("path", JS_TEXTS + NATIVE_TEXTS, ids=name)
def test_stacks_inside_json_are_left_to_the_json_reader(path: Path) -> None:
    """An event holds stack texts in its strings; pretty-printed, they even stand on lines of their own."""
    lines = path.read_text().splitlines()
    for payload in ({"raw": "\n".join(lines)}, [{"lines": lines}], ["a", lines]):
        text = json.dumps(payload, indent=1).encode()
        assert (JAVASCRIPT.detect(text), NATIVE.detect(text)) == (0.0, 0.0)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="@#[]/:()\\"), max_size=500))
def test_prose_is_nobodys(text: str) -> None:
    """Without the marks of a frame nothing is one."""
    assert (JAVASCRIPT.detect(text.encode()), NATIVE.detect(text.encode())) == (0.0, 0.0)


@given(st.binary(max_size=500))
def test_detecting_never_fails(data: bytes) -> None:
    """Every reader is asked about every input."""
    assert 0.0 <= JAVASCRIPT.detect(data) <= 1.0
    assert 0.0 <= NATIVE.detect(data) <= 1.0
