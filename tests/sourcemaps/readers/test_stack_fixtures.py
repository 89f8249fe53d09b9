"""The stacks of the JavaScript fixtures, as V8 and Hermes printed them, read completely."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.javascript.reader import READER
from symbolicator.model import Event

FRAME_LINE = re.compile(r"^\s+at ", re.MULTILINE)
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
CASES = ["js-esbuild", "js-webpack", "hermes-rn"]


def read(case: str) -> tuple[Event, dict[str, Any], str]:
    text = (FIXTURES / case / "crash.txt").read_text()
    return READER.read(text.encode()), json.loads((FIXTURES / case / "truth.json").read_text()), text


@pytest.mark.parametrize("case", CASES)
def test_every_frame_line_is_a_frame(case: str) -> None:
    """Frames that are lost on the way in cannot be resolved later."""
    event, _, text = read(case)
    stacks = [exception.stacktrace for exception in event.exceptions]
    assert sum(len(stack.frames) for stack in stacks if stack) == len(FRAME_LINE.findall(text))


@pytest.mark.parametrize("case", CASES)
def test_error_and_depth_are_true(case: str) -> None:
    """The error and the number of calls are what the fixture's own truth says."""
    event, truth, _ = read(case)
    raised = event.exceptions[-1]
    assert (raised.type, raised.value) == (truth["error"]["type"], truth["error"]["value"])
    assert raised.stacktrace is not None
    assert len(raised.stacktrace.frames) == len(truth["frames"])
    causes = [(cause["error"]["type"], cause["error"]["value"]) for cause in truth.get("causes", [])]
    assert [(exception.type, exception.value) for exception in event.exceptions[-2::-1]] == causes


def test_hermes_columns() -> None:
    """`address at …:1:3251` is byte 3251 from 0: column 3252 in the model, which counts from 1."""
    event, _, _ = read("hermes-rn")
    stack = event.exceptions[0].stacktrace
    assert stack is not None
    newest = stack.frames[-1]
    assert (newest.function, newest.filename, newest.lineno) == ("n", "index.android.bundle", 1)
    assert newest.colno == 3252
