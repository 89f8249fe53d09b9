"""Native fixtures end to end: the crash as it was printed, the files beside it, and the truth that others found."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from native.crashes.backtrace import READER
from native.identifier import IDENTIFIER
from native.names import normal_form
from native.transformer import TRANSFORMER
from symbolicator.model import Event, Frame, FrameStatus, Stacktrace
from symbolicator.model.edit import stacks_of
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

CASES = ["native-cpp", "rust-panic", "native-asan", "native-gdb"]
GOOD = (FrameStatus.SYMBOLICATED, FrameStatus.AS_IS)


def resolved(folder: Path, cache: Path) -> Event:
    store = FolderStore([folder], [IDENTIFIER], FolderCache(cache))
    return run(TRANSFORMER, READER.read((folder / "crash.txt").read_bytes()), store)


def stacks(event: Event) -> list[Stacktrace]:
    """The stacks with the crash first; readers put what was raised first last."""
    return [stack for _, stack in stacks_of(event)][::-1]


def true_stacks(folder: Path) -> list[list[dict[str, Any]]]:
    truth = json.loads((folder / "truth.json").read_text())
    return [truth["frames"], *(other["frames"] for other in truth.get("other_stacks", ()))]


def wrong(found: Frame, true: dict[str, Any]) -> str | None:
    """What differs between a frame and the truth; unknown in the truth is anything here."""
    function, file, line = true["function"], true["file"], true["line"]
    if function and found.function not in (function, normal_form(function)):
        return f"function {found.function}, not {normal_form(function)}"
    shown = (found.abs_path or found.filename or "").lstrip("/")
    if file and not (shown.endswith(file.lstrip("/")) or Path(shown).name == Path(file).name):
        return f"{function}: file {shown}, not {file}"
    if line and found.lineno != line:
        return f"{function}: line {found.lineno}, not {line}"
    is_inlined = bool(found.data and found.data.inlined)
    return f"{function}: inlined {is_inlined}" if is_inlined != true["inlined"] else None


@pytest.mark.parametrize("case", CASES)
def test_every_frame_is_what_it_was(fixtures: Path, tmp_path: Path, case: str) -> None:
    """Names, files, lines and inlining as llvm-symbolizer and addr2line see them, in the order of the calls."""
    folder = fixtures / case
    event = resolved(folder, tmp_path)
    found = stacks(event)
    assert len(found) == len(true_stacks(folder))
    for stack, truth in zip(found, true_stacks(folder), strict=True):
        frames = stack.frames[::-1]
        differences = [wrong(one, true) for one, true in zip(frames, truth, strict=True)]
        assert [difference for difference in differences if difference] == []


@pytest.mark.parametrize("case", CASES)
def test_own_frames_are_resolved_and_marked_as_own(
    fixtures: Path, tmp_path: Path, ruled: Callable[[Event], Event], case: str
) -> None:
    """What the user wrote stands in front; what they did not write must not."""
    folder = fixtures / case
    pairs = [
        (one, true)
        for stack, truth in zip(stacks(ruled(resolved(folder, tmp_path))), true_stacks(folder), strict=True)
        for one, true in zip(stack.frames[::-1], truth, strict=True)
    ]
    assert [one.function for one, true in pairs if true["own"] and one.status not in GOOD] == []
    assert [one.function for one, true in pairs if true["own"] != bool(one.in_app)] == []
