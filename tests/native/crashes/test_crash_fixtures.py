"""The native fixtures, read completely and as their own truth says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from native.crashes.backtrace import READER
from symbolicator.model import Event, ExceptionValue, Frame

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
FRAME_LINES = {
    "native-cpp": r"^\S+\(.*\)\[0x",
    "rust-panic": r"^\S+\(.*\)\[0x",
    "native-gdb": r"^#\d+ ",
    "native-asan": r"^ +#\d+ 0x",
}
CASES = sorted(FRAME_LINES)


def read(case: str) -> Event:
    return READER.read((FIXTURES / case / "crash.txt").read_bytes())


def truth(case: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / case / "truth.json").read_text())
    return found


def newest_first(exception: ExceptionValue) -> list[Frame]:
    assert exception.stacktrace is not None
    return list(reversed(exception.stacktrace.frames))


def where(frame: Frame) -> str | None:
    """``exact`` or ``signal handler``, where the reader found out that the frame is no ordinary call."""
    if frame.data and frame.data.machinery:
        return frame.data.machinery
    return "exact" if frame.adjust_instruction_addr is False else None


@pytest.mark.parametrize("case", CASES)
def test_every_frame_line_is_a_frame(case: str) -> None:
    """Frames that are lost on the way in cannot be resolved later."""
    text = (FIXTURES / case / "crash.txt").read_text()
    stacks = [exception.stacktrace for exception in read(case).exceptions]
    assert sum(len(stack.frames) for stack in stacks if stack) == len(re.findall(FRAME_LINES[case], text, re.MULTILINE))


@pytest.mark.parametrize("case", CASES)
def test_the_error_is_the_true_one(case: str) -> None:
    """Type and message are what a crash is grouped and searched by."""
    raised, true = read(case).exceptions[-1], truth(case)["error"]
    assert (raised.type or "").removeprefix("AddressSanitizer: ") == true["type"]
    assert raised.value == true["value"]


def test_the_interrupted_frame_is_exact() -> None:
    """Stepping back from the very instruction that failed names another line: the crash site would be wrong."""
    frames = newest_first(read("native-cpp").exceptions[0])
    assert [where(frame) for frame in frames[:4]] == ["signal handling", "signal handling", "exact", None]
    stack = read("native-cpp").exceptions[0].stacktrace
    assert stack is not None
    assert stack.instruction_addr_adjustment == "all"


def test_image_addresses_follow_from_offsets() -> None:
    """Without the address that an image was loaded at, no address in it can be looked up."""
    event = read("native-cpp")
    shop = event.images[0]
    assert (shop.code_file, shop.type) == ("./shop", "elf")
    newest = newest_first(event.exceptions[0])[0]
    text = (FIXTURES / "native-cpp" / "crash.txt").read_text().splitlines()[1]
    offset, address = (int(number, 16) for number in re.findall(r"0x([0-9a-f]+)", text))
    assert (newest.instruction_addr, newest.image_addr, shop.image_addr) == (
        address,
        address - offset,
        address - offset,
    )


def test_sanitizer_frames_are_relative_to_images_with_build_ids() -> None:
    """The build id finds the one right debug file; the offset needs no memory map."""
    event = read("native-asan")
    newest = newest_first(event.exceptions[-1])[0]
    text = (FIXTURES / "native-asan" / "crash.txt").read_text()
    offset, build_id = re.findall(r"#0 0x\w+  \(\S+\+0x(\w+)\) \(BuildId: (\w+)\)", text)[0]
    assert newest.instruction_addr == int(offset, 16)
    assert newest.addr_mode == "rel:0"
    assert event.images[0].code_id == build_id
    stacks = [exception.stacktrace for exception in event.exceptions]
    assert {stack.instruction_addr_adjustment for stack in stacks if stack} == {"none"}


def test_sanitizer_stacks_are_linked() -> None:
    """Who freed the memory is half of the answer, and must not be taken for the crash."""
    event = read("native-asan")
    links = [(e.type, e.mechanism.source, e.mechanism.parent_id) for e in event.exceptions if e.mechanism]
    assert links == [
        ("previously allocated by thread T0 here", "previously allocated by", 0),
        ("freed by thread T0 here", "freed by", 0),
        ("AddressSanitizer: heap-use-after-free", None, None),
    ]
    titles = [stack["title"] for stack in truth("native-asan")["other_stacks"]]
    assert [f"{e.type}:" for e in event.exceptions[-2::-1]] == titles
    raised = event.exceptions[-1].stacktrace
    assert raised is not None
    assert set(raised.registers or ()) == {"pc", "bp", "sp"}


def test_gdb_frames_are_those_of_the_truth() -> None:
    """What gdb has resolved already must reach the user: the reader must lose none of it."""
    frames = newest_first(read("native-gdb").exceptions[0])
    for frame, true in zip(frames, truth("native-gdb")["frames"], strict=True):
        assert (frame.function, frame.filename, frame.lineno) == (true["function"], true["file"], true["line"])
        assert (frame.data is not None and frame.data.inlined) == true["inlined"]


def test_the_panicking_thread_is_named() -> None:
    """With several threads the first question is which one it was."""
    event = read("rust-panic")
    [thread] = event.thread_list
    assert (thread.name, thread.crashed, thread.main) == ("main", True, True)
    assert event.exceptions[0].thread_id == thread.id
    mechanism = event.exceptions[0].mechanism
    assert mechanism is not None
    assert mechanism.data == {"panicked_at": "src/money.rs:27:21"}
