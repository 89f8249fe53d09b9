"""The same minified program run by SpiderMonkey, JavaScriptCore and V8 (``data/engines``): one stack, three spellings.

The truth is what V8 says of the originals. SpiderMonkey 102 counts columns in code points, and emoji stand in front of
the calls; JavaScriptCore points behind the callee.
"""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sourcemaps.javascript.reader import READER
from symbolicator.model import Event, Frame, FrameStatus

ENGINES = Path(__file__).with_name("data") / "engines"
FIREFOX = {"browser": {"name": "Firefox", "version": "102.15.1"}}
EVALUATED = ("src/index.js", 12)
"""What ``new Function`` made has no file: V8's frames take its caller's place, the others say nothing of it."""


def read(name: str) -> Event:
    return READER.read((ENGINES / f"{name}.txt").read_bytes())


def newest_first(event: Event) -> list[Frame]:
    [exception] = event.exceptions
    assert exception.stacktrace is not None
    return list(exception.stacktrace.frames[::-1])


def own_places(event: Event) -> list[tuple[str | None, int | None]]:
    places = [(frame.filename, frame.lineno) for frame in newest_first(event)]
    return [place for place in places if str(place[0]).startswith("src/") and place != EVALUATED]


def in_browser(event: Event, contexts: dict[str, Any] | None) -> Event:
    return replace(event, contexts=contexts)


@pytest.fixture
def built(store: Any) -> Any:
    for name in ("app.min.js", "app.min.js.map"):
        store.add(name, (ENGINES / name).read_bytes())
    return store


@pytest.mark.parametrize(
    ("crash", "contexts"),
    [("v8-11.3.app.min", None), ("javascriptcore-2.50.app.min", None), ("spidermonkey-102.app.min", FIREFOX)],
)
def test_every_engines_stack_is_the_same_one(built: Any, crash: str, contexts: dict[str, Any] | None) -> None:
    """One error from three browsers is one issue, at one line. The bundler's own call stands around the originals."""
    resolved = built.resolve(in_browser(read(crash), contexts))
    true = own_places(read("v8-11.3.originals"))
    assert len(true) == 10
    assert own_places(resolved)[: len(true)] == true


def test_columns_of_old_firefox_are_those_of_v8(built: Any) -> None:
    """Emoji in front of a call would put it on another call, and silently so."""
    old = built.resolve(in_browser(read("spidermonkey-102.app.min"), FIREFOX))
    new = built.resolve(read("v8-11.3.app.min"))
    [frames, true] = [[(f.filename, f.lineno, f.colno) for f in newest_first(event)][:3] for event in (old, new)]
    assert frames == true
    names = [(f.function or "").removeprefix("new ") for f in newest_first(old)[:3]]
    assert names == ["Money", "parsePrice", "add"]


def test_without_the_browsers_version_columns_are_taken_as_they_stand(built: Any) -> None:
    """Every current browser counts UTF-16 units: nothing is translated on a guess."""
    raw = read("spidermonkey-102.app.min")
    resolved = built.resolve(raw)
    assert not [key for key in built.asked if key.kind == "minified" and key.by == "generated"]
    assert own_places(resolved) != own_places(read("v8-11.3.originals"))


@pytest.mark.parametrize(
    ("crash", "offsets"),
    [("v8-11.3.wasm", True), ("spidermonkey-102.wasm", True), ("javascriptcore-2.50.wasm", False)],
)
def test_webassembly_is_left_to_the_native_side(store: Any, crash: str, *, offsets: bool) -> None:
    """An address taken for a line of the script that compiled the module would resolve to a wrong place."""
    event = store.resolve(read(crash))
    runs = [[f for f in e.stacktrace.frames[::-1] if f.platform == "native"] for e in event.exceptions if e.stacktrace]
    indexes = [[frame.data.extra["wasm_function_index"] for frame in run if frame.data] for run in runs]
    assert sorted(indexes) == [[1, 2, 3], [1, 2, 3], [4]]
    for frame in (frame for run in runs for frame in run):
        assert frame.status is None
        assert (frame.instruction_addr is not None, str(frame.addr_mode).startswith("rel:")) == (offsets, offsets)
    names = {frame.function for run in runs for frame in run}
    assert {"inner", "outer", "wasm-function[1]", "wasm-function[3]", "wasm-function[4]"} <= names
    assert all(image.type == "wasm" for image in event.images)
    assert bool(event.images) is offsets
    if offsets:
        assert {int(frame.instruction_addr or 0) for run in runs for frame in run} == {0x35, 0x39, 0x3E, 0x43}


def test_evaluated_code_of_javascriptcore_is_a_frame(built: Any) -> None:
    """It has no URL, but it was on the stack."""
    frames = newest_first(built.resolve(read("javascriptcore-2.50.app.min")))
    [evaluated] = [frame for frame in frames if frame.function == "anonymous"]
    assert (evaluated.status, evaluated.filename, evaluated.in_app) == (FrameStatus.AS_IS, None, False)
