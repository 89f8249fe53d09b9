"""Every line that V8 itself writes, held against what V8's own API says about the same call."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.javascript.reader import READER
from sourcemaps.javascript.stacktext.frames import WASM
from sourcemaps.javascript.stacktext.v8 import parse_v8_line
from symbolicator.model import Frame

SCRIPT = Path(__file__).with_name("v8_calls.cjs")


@pytest.fixture(scope="module")
def cases() -> list[dict[str, Any]]:
    """One error a case: its stack text, and for each call the line and V8's answers."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    done = subprocess.run([node, str(SCRIPT)], capture_output=True, check=True, timeout=60)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def calls(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [call for case in cases for call in case["calls"]]


def parsed(call: dict[str, Any]) -> Frame:
    frame = parse_v8_line(f"    at {call['text']}")
    assert frame is not None, call["text"]
    return frame


def is_async(frame: Frame) -> bool:
    return frame.data is not None and frame.data.is_async


def test_the_script_covers_what_it_should(calls: list[dict[str, Any]]) -> None:
    """An oracle that lost its interesting cases would prove nothing."""
    assert len(calls) > 150
    assert any(call["eval"] for call in calls)
    assert any(call["async"] for call in calls)
    assert any(call["constructor"] for call in calls)
    assert any(call["text"].startswith("async Promise.allSettled") for call in calls)


def test_positions_are_v8s(calls: list[dict[str, Any]]) -> None:
    """A wrong file, line or column is looked up in the wrong source map or at the wrong place of it."""
    for call in calls:
        frame = parsed(call)
        if "eval at" in call["text"] or frame.platform == WASM:
            continue
        expected = (call["file"], call["line"], call["column"]) if call["file"] else (None, None, None)
        place = None if frame.filename == "<anonymous>" else frame.filename
        assert (place, frame.lineno, frame.colno) == expected, call["text"]


def test_asynchronous_calls_are_marked(calls: list[dict[str, Any]]) -> None:
    """Without the mark a frame that was resumed later looks as if it had been on the stack."""
    for call in calls:
        assert is_async(parsed(call)) == call["text"].startswith("async "), call["text"]
        assert not (parsed(call).function or "").startswith("async ")


def test_function_names_are_v8s(calls: list[dict[str, Any]]) -> None:
    """The name is what people search for; decorations around it must not hide it."""
    for call in calls:
        function = parsed(call).function
        if call["function"] and parsed(call).platform != WASM:
            assert function is not None
            assert function.split(" (index")[0].endswith(call["function"]), call["text"]
        if call["constructor"]:
            assert (function or "").startswith("new ")


def test_a_method_called_by_another_name_keeps_both(calls: list[dict[str, Any]]) -> None:
    """`[as after]` says how the call was written: the only word of it in the caller's source."""
    [call] = [call for call in calls if call["text"].startswith("Object.original")]
    frame = parsed(call)
    assert frame.function == "Object.original"
    assert frame.data is not None
    assert frame.data.extra == {"called_as": "after"}


def test_evaluated_code_stands_where_eval_was_called(calls: list[dict[str, Any]]) -> None:
    """Evaluated code has no file of its own; its frame would lead nowhere."""
    evaluated = [call for call in calls if "(eval at" in call["text"]]
    assert len(evaluated) >= 4
    for call in evaluated:
        frame = parsed(call)
        assert frame.filename == str(SCRIPT)
        assert f"{frame.filename}:{frame.lineno}:{frame.colno}" in call["eval"]
        assert frame.data is not None
        assert frame.data.extra["raw_line"] == f"at {call['text']}"


def test_webassembly_keeps_module_and_offset(calls: list[dict[str, Any]]) -> None:
    """A wasm frame is an address: without module and byte offset nobody can ever resolve it."""
    [call] = [call for call in calls if call["text"].startswith("wasm:")]
    frame = parsed(call)
    assert (frame.platform, frame.package) == (WASM, call["file"])
    assert frame.instruction_addr == call["column"] - 1  # V8's API calls it a column, from 1


def test_whole_stacks_are_read_completely(cases: list[dict[str, Any]]) -> None:
    """A frame that is lost between others makes a trace that never happened."""
    for case in cases:
        event = READER.read(case["stack"].encode())
        assert len(event.exceptions) == 1
        stack = event.exceptions[0].stacktrace
        assert stack is not None
        assert len(stack.frames) == len(case["calls"])
        newest = stack.frames[-1]
        assert newest.lineno == parsed(case["calls"][0]).lineno
