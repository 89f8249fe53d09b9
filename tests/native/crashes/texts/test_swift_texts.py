"""Backtraces of Swift's runtime."""

from pathlib import Path
from typing import TypeAlias

import pytest

from native.crashes.swift.lines import parse_frame
from native.crashes.swift.reader import READER
from symbolicator.model import Event, Frame

ROOT = Path(__file__).resolve().parents[4]
Place: TypeAlias = tuple[str | None, int | None, int | None]
"""File, line, column (1-based)."""


def read(text: str) -> Event:
    return READER.read(text.encode())


def newest_first(event: Event) -> list[Frame]:
    stack = event.thread_list[0].stacktrace
    assert stack
    return list(reversed(stack.frames))


def test_what_failed_what_called_it_and_what_was_to_resume() -> None:
    """Return addresses lie behind their calls, all others are exact: one rule for all would show wrong lines."""
    event = READER.read((ROOT / "fixtures/swift-async/crash.txt").read_bytes())
    frames = newest_first(event)
    assert [f.adjust_instruction_addr for f in frames] == [False, True, False, False, False, False]
    assert [bool(f.data and f.data.is_async) for f in frames] == [False, False, True, True, True, True]
    assert [f.function for f in frames[:5]] == [None] * 5
    assert (frames[5].in_app, event.images[0].code_id) == (False, "3af207c6ea0f57656b24995a645bfdae9afd8484")
    error = event.exceptions[0]
    assert (error.type, error.value) == ("SIGSEGV", "Bad pointer dereference at 0x0000000000000004")
    assert event.thread_list[0].stacktrace
    assert (event.thread_list[0].stacktrace.registers or {})["rip"] == frames[0].instruction_addr


@pytest.mark.parametrize(
    ("line", "function", "image", "place"),
    [
        ("0 0x1 f() + 1 in shop at /a b/x.swift:7:15", "f()", "shop", ("/a b/x.swift", 7, 15)),
        ("1 [ra] 0x1 closure #1 in A.go() + 1 in a at /x.swift:7", "closure #1 in A.go()", "a", ("/x.swift", 7, None)),
        ("2 [async] 0x1 A.go(_:) in shop at /x.swift:22", "A.go(_:)", "shop", ("/x.swift", 22, None)),
        ("3 [thunk] 0x1 thunk for () in a at /<compiler-generated>", "thunk for ()", "a", (None, None, None)),
        ("4 0x1 <unknown> in libc.so.6", None, "libc.so.6", (None, None, None)),
        ("5 f() in shop at /x.swift:1:2", "f()", "shop", ("/x.swift", 1, 2)),
        ("6 [ra] 0x1", None, None, (None, None, None)),
    ],
)  # fmt: skip
def test_frames(line: str, function: str | None, image: str | None, place: Place) -> None:
    """Names of Swift have ``in``, ``at`` and plus signs in them: each part must end where it does."""
    frame = parse_frame(line)
    assert frame
    assert (frame.raw.function, frame.raw.image) == (function, image)
    assert (frame.raw.file, frame.raw.line1, frame.raw.column1) == place


@pytest.mark.parametrize(
    "line", ["0 apples in the box", "7 [ra]", "12", "0 0x1foo", "Thread 0 crashed:", "1 [odd] 0x1"]
)
def test_words_are_no_frames(line: str) -> None:
    """Programs print numbers too."""
    assert parse_frame(line) is None


def test_the_programs_own_words_say_more_than_the_signal() -> None:
    """`Fatal error: Index out of range` is what to search for; the trap that follows is everybody's."""
    above = "shop/main.swift:12: Fatal error: Index out of range\n*** Signal 4: Backtracing from 0x1... done ***\n\n"
    event = read(f"{above}*** Program crashed: Illegal instruction at 0x1 ***\n\nThread 0 crashed:\n\n0 0x1 f() in a\n")
    error = event.exceptions[0]
    assert (error.type, error.value) == ("Fatal error", "Index out of range")
    assert error.mechanism
    assert (error.mechanism.meta or {})["signal"] == {"number": 4, "name": "SIGILL"}


def test_the_form_for_people() -> None:
    """On a terminal there are no addresses, and source lines between the frames."""
    text = (
        "💣 Program crashed: Bad pointer dereference at 0x4\n\nThread 1 crashed:\n\n"
        "0 crash() + 12 in shop at /src/a.swift:7:15\n\n"
        "     6|   let ptr = 4\n *   7|   ptr.pointee = 42\n      |     ^\n\n"
        "1 level(_:) in shop at /src/a.swift:9:3\n"
    )
    assert READER.detect(text.encode()) > 0
    event = read(text)
    assert [(f.function, f.lineno) for f in newest_first(event)] == [("crash()", 7), ("level(_:)", 9)]
    assert event.exceptions[0].value == "Bad pointer dereference at 0x4"


def test_macs_number_signals_in_their_own_way() -> None:
    """Signal 10 is a bus error there."""
    above = "*** Signal 10: Backtracing from 0x1... done ***\n\nPlatform: arm64 macOS 14.5 (23F79)\n\n"
    assert read(f"{above}Thread 0 crashed:\n\n0 0x1 f() in a\n").exceptions[0].type == "SIGBUS"
