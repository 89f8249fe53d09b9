"""Hermes' own list of a crashed process: bytes from the start of a function, resolved through the composed map.

No Hermes that runs here crashes on demand: the list is made of the fixture hermes-rn, each offset of its crash split
into the function that holds it and the rest, as Hermes writes them. The truth is the fixture's, metro-symbolicate's.
"""

import json
from bisect import bisect_right
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sourcemaps.javascript.hermes_crash import READER
from sourcemaps.javascript.reader import READER as STACK_TEXT
from sourcemaps.javascript.transformer import TRANSFORMER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Frame, FrameStatus
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.readers.event_json import READER as EVENT_JSON

BUNDLE = "index.android.bundle"


class WithFunctions:
    """A backend's index with what the map says about functions beside it."""

    def __init__(self, index: Any, offsets: dict[str, list[int]]) -> None:
        self._index, self._offsets = index, offsets

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def segment_line0(self, segment: int) -> int | None:
        return 0 if segment == 0 else None

    def module_line0(self, segment: int, module: int) -> int | None:
        return None

    def function_offset(self, segment: int, function: int) -> int | None:
        starts = self._offsets.get(str(segment), [])
        return starts[function] if function < len(starts) else None


def crash_of(offsets: list[int | None], starts: list[int]) -> bytes:
    """What Hermes writes for these offsets in the bytecode; None is native code."""
    stack: list[dict[str, object]] = []
    for offset in offsets:
        if offset is None:
            stack.append({"StackFrameRegOffs": 1, "NativeCode": True})
            continue
        function = bisect_right(starts, offset) - 1
        place = {"FunctionID": function, "ByteCodeOffset": offset - starts[function]}
        stack.append(place | {"StackFrameRegOffs": 1, "SegmentID": 0, "SourceURL": BUNDLE})
    return json.dumps({"callstack": stack}).encode()


def test_function_offsets_resolve_as_addresses_do(fixtures: Path, load_map: Any) -> None:
    """The same crash, told in two ways, is the same stack."""
    case = fixtures / "hermes-rn"
    data = (case / "dist" / f"{BUNDLE}.map").read_bytes()
    starts = json.loads(data)["x_hermes_function_offsets"]
    text = STACK_TEXT.read((case / "crash.txt").read_bytes()).exceptions[0].stacktrace
    assert text is not None
    told = [frame.colno - 1 if frame.colno else None for frame in reversed(text.frames)]
    raw = READER.read(crash_of(told, starts["0"]))
    minified, generated = Key("minified", "url", BUNDLE), Key("sourcemap", "generated", BUNDLE)
    artifacts: dict[Key, Artifact | Missing] = {minified: Missing(minified, "no")}
    artifacts |= {generated: Artifact(generated, f"{BUNDLE}.map", WithFunctions(load_map(data), starts))}
    resolved = TRANSFORMER.transform(raw, artifacts)
    [thread] = resolved.thread_list
    frames = thread.stacktrace.frames[::-1] if thread.stacktrace else ()
    truth = json.loads((case / "truth.json").read_text())["frames"]
    assert len(frames) == len(truth)
    for frame, true in zip(frames[:-1], truth[:-1], strict=True):
        if true["file"] is None:
            assert (frame.status, frame.filename) == (FrameStatus.AS_IS, "native")
        else:
            assert (frame.filename, frame.lineno, frame.colno) == (true["file"], true["line"], true["column"])
            assert frame.function == true["function"]


def frames_of(*entries: object) -> tuple[Frame, ...]:
    [thread] = READER.read(json.dumps({"callstack": entries}).encode()).thread_list
    assert thread.crashed
    return thread.stacktrace.frames if thread.stacktrace else ()


def test_older_and_debug_forms_are_read() -> None:
    """Apps in the field keep their engine for years."""
    [debug, old] = frames_of(
        {"FunctionID": 2, "ByteCodeOffset": 31, "CJSModuleOffset": 1, "SourceURL": "seg-1.js"},
        {"FunctionID": 2, "ByteCodeOffset": 3, "SourceLocation": "/srv/app.js:3:14"},
    )
    assert (debug.abs_path, debug.lineno, debug.colno) == ("/srv/app.js", 3, 14)
    assert old.data is not None
    assert (old.data.function_offset, old.data.extra) == (31, {"hermes_function_id": 2, "hermes_segment_id": 1})


def test_it_is_told_from_events_and_texts() -> None:
    """Read as an event it would have no frames."""
    data = crash_of([5, None], [0])
    assert READER.detect(data) > EVENT_JSON.detect(data)
    assert STACK_TEXT.detect(data) == 0.0
    assert READER.detect(b'{"exception": {"values": []}}') == 0.0
    assert READER.detect(b"Error: callstack") == 0.0


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"callstack": []}', b'{"callstack": 5}', b"[" * 100_000])
def test_what_is_no_list_says_so(data: bytes) -> None:
    """A truncated report is not an empty one."""
    with pytest.raises(UnreadableInput):
        READER.read(data)


VALUES = (
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | st.booleans()
    | st.just("x.js:1:2")
    | st.floats(allow_nan=False, allow_infinity=False)
)
NAMES = ["FunctionID", "ByteCodeOffset", "SegmentID", "CJSModuleOffset", "SourceURL", "SourceLocation", "NativeCode"]


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES), min_size=1, max_size=5))
def test_any_entries_become_frames(entries: list[dict[str, object]]) -> None:
    """The process was dying when it wrote them."""
    assert len(frames_of(*entries)) == len(entries)
