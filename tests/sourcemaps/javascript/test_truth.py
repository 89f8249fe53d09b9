"""Real crashes of real bundles against what the unbundled original printed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.javascript.reader import READER
from symbolicator.model import Frame, FrameStatus

CASES = ["js-esbuild", "js-webpack", "hermes-rn", "rn-ram-bundle"]
GOOD = (FrameStatus.SYMBOLICATED, FrameStatus.AS_IS)


def spelled_as_written(witness: str | None) -> str | None:
    """The witness's name without the receiver that V8 puts in front of a bare name, which depends on the run."""
    return re.sub(r"^(?:Array|Object)\.(?=<anonymous>|emit)", "", witness or "<anonymous>")


def check(frame: Frame, true: dict[str, Any]) -> None:
    if true["file"] is None:
        assert frame.status is FrameStatus.AS_IS
        assert true["function"] in (frame.function, None)
        return
    assert frame.status in GOOD
    assert (frame.filename, frame.lineno) == (true["file"], true["line"])
    assert true["column"] in (frame.colno, None)
    assert frame.function == spelled_as_written(true["function"])
    assert frame.in_app is true["own"]


@pytest.mark.parametrize("case", CASES)
def test_every_frame_is_the_true_one(store: Any, fixtures: Path, case: str) -> None:
    """A wrong file, line or name sends an engineer to the wrong place."""
    store.add_folder(fixtures / case / "dist")
    event = store.resolve(READER.read((fixtures / case / "crash.txt").read_bytes()))
    truth = json.loads((fixtures / case / "truth.json").read_text())
    stacks = [truth, *truth.get("causes", [])]
    assert len(event.exceptions) == len(stacks)
    for exception, true in zip(reversed(event.exceptions), stacks, strict=True):
        frames = exception.stacktrace.frames[::-1]
        assert len(frames) == len(true["frames"])
        for frame, true_frame in zip(frames, true["frames"], strict=True):
            check(frame, true_frame)
    assert event.errors == ()


@pytest.mark.parametrize("case", CASES)
def test_own_frames_show_the_line_of_the_original_file(store: Any, fixtures: Path, case: str) -> None:
    """Lines that are off by one look right and mislead."""
    store.add_folder(fixtures / case / "dist")
    event = store.resolve(READER.read((fixtures / case / "crash.txt").read_bytes()))
    own = [frame for exception in event.exceptions for frame in exception.stacktrace.frames if frame.in_app]
    assert own
    for frame in own:
        lines = (fixtures / case / frame.filename).read_text().split("\n")
        assert frame.context_line == lines[frame.lineno - 1]
        assert list(frame.pre_context) == lines[max(0, frame.lineno - 6) : frame.lineno - 1]
        assert list(frame.post_context) == lines[frame.lineno : frame.lineno + 5]


@pytest.mark.parametrize("case", ["js-esbuild", "js-webpack"])
def test_the_map_alone_gives_the_same_frames(store: Any, fixtures: Path, case: str) -> None:
    """People keep their maps and not their bundles."""
    raw = READER.read((fixtures / case / "crash.txt").read_bytes())
    store.add_folder(fixtures / case / "dist")
    with_bundle = store.resolve(raw)
    store.files = {key: blob for key, blob in store.files.items() if key.kind == "sourcemap"}
    alone = store.resolve(raw)

    def answers(event: Any) -> list[tuple[Any, ...]]:
        frames = [frame for exception in event.exceptions for frame in exception.stacktrace.frames]
        return [(frame.function, frame.filename, frame.lineno, frame.colno, frame.context_line) for frame in frames]

    assert answers(alone) == answers(with_bundle)
