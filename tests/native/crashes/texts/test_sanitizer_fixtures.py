"""Reports of all sanitizers, unsymbolized, resolved through build ids and held against llvm-symbolizer."""

import json
from pathlib import Path
from typing import Any

import pytest

from native.crashes.backtrace import READER
from symbolicator.engine import Engine
from symbolicator.model import Event, Stacktrace

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
CASES = ["san-asan-stack", "san-hwasan", "san-lsan", "san-msan", "san-tsan", "san-ubsan"]


def read(case: str) -> Event:
    return READER.read((FIXTURES / case / "crash.txt").read_bytes())


def sources(stack: Stacktrace | None) -> list[tuple[str, int]]:
    """File and line of each own call, newest first."""
    frames = reversed(stack.frames) if stack else []
    return [(f.filename, f.lineno) for f in frames if f.filename and f.filename.startswith("src/") and f.lineno]


def true_sources(frames: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(frame["file"], frame["line"]) for frame in frames if frame["own"] and frame["line"]]


@pytest.mark.parametrize("case", CASES)
def test_every_stack_is_the_true_one(case: str) -> None:
    """Each stack of a report is looked up in the right file: use, free, allocation, creation, each with its lines."""
    folder = FIXTURES / case
    truth = json.loads((folder / "truth.json").read_text())
    event = Engine.for_folder(folder).resolve((folder / "crash.txt").read_bytes())
    stacks = [sources(error.stacktrace) for error in reversed(event.exceptions)]
    expected = [truth["frames"], *(other["frames"] for other in truth.get("other_stacks", []))]
    assert stacks == list(map(true_sources, expected))


@pytest.mark.parametrize(
    ("case", "kinds"),
    [
        ("san-asan-stack", ["AddressSanitizer: stack-buffer-underflow"]),
        ("san-hwasan", ["HWAddressSanitizer: tag-mismatch"]),
        ("san-lsan", ["LeakSanitizer: detected memory leaks"] * 2),
        ("san-msan", ["MemorySanitizer: use-of-uninitialized-value"]),
        ("san-tsan", ["ThreadSanitizer: data race", "ThreadSanitizer: lock-order-inversion"]),
        ("san-ubsan", ["UndefinedBehaviorSanitizer: runtime error"] * 4),
    ],
)
def test_kinds(case: str, kinds: list[str]) -> None:
    """The kind of the error is what crashes are grouped by; stacks that explain it are no errors of their own."""
    found = [e.type for e in reversed(read(case).exceptions) if e.mechanism and e.mechanism.parent_id is None]
    assert found == kinds


def test_stacks_are_named() -> None:
    """A race has four stacks, an inversion six: each says what it is."""
    names = [e.mechanism.source for e in reversed(read("san-tsan").exceptions) if e.mechanism]
    assert names == [
        None, "Previous write", "Mutex M0 (0x555555558120) created at", "Thread T1 (tid=12760, finished) created by",
        None, "Mutex M0 previously acquired by the same", "Mutex M0 acquired here while holding mutex M1",
        "Mutex M1 previously acquired by the same", "Thread T2 (tid=12761, finished) created by",
        "Thread T3 (tid=12762, running) created by",
    ]  # fmt: skip


def test_the_cause_that_hwasan_found() -> None:
    """A tag mismatch may be anything; the sanitizer's own guess is part of the message."""
    assert (read("san-hwasan").exceptions[-1].value or "").endswith("Cause: use-after-free")


def test_notes_are_beside_the_message() -> None:
    """UndefinedBehaviorSanitizer shows memory below its message: it must not take the message's place."""
    errors = read("san-ubsan").exceptions
    assert (errors[1].value or "").startswith("member access within misaligned address")
    assert errors[1].mechanism is not None
    assert errors[1].mechanism.data is not None
    assert "note: pointer points here" in str(errors[1].mechanism.data["notes"])
