"""Sessions of LLDB, printed by LLDB itself, and some of macOS."""

from pathlib import Path

import pytest

from native.crashes.lldb import READER
from native.crashes.lldb_frames import parse_frame
from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.synthetic.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def test_every_thread_with_its_name() -> None:
    """The thread that LLDB looks at crashed; the others say what the program was doing."""
    event = read("lldb-threads")
    error = event.exceptions[0]
    assert (error.type, error.thread_id) == ("SIGSEGV", 5)
    assert error.value == "address not mapped to object (fault address: 0x8)"
    assert [(t.id, t.name, t.crashed) for t in event.thread_list] == [
        (5, "courier", True), (1, "pool", None), (2, "packer", None), (3, "packer", None), (4, "packer", None),
    ]  # fmt: skip
    crashed = event.thread_list[0].stacktrace
    assert crashed is not None
    assert crashed.registers is not None
    assert crashed.registers["rip"] == newest_first(crashed)[0].instruction_addr


def test_inlined_calls() -> None:
    """Each inlined call is a frame of its own, and named without the function that it was inlined into."""
    frames = newest_first(read("lldb-threads").thread_list[0].stacktrace)
    assert [(f.function, f.lineno, f.colno) for f in frames[:3]] == [
        ("weight", 15, 80), ("int weigh<int (*)(Parcel const*)>", 20, 54), ("Pool::deliver", 32, 17),
    ]  # fmt: skip
    assert [bool(f.data and f.data.inlined) for f in frames[:10]] == [True] * 8 + [False, False]
    assert frames[9].function is None


def test_a_stripped_program_resolves_to_what_lldb_itself_says() -> None:
    """LLDB runs a program at fixed addresses: with the debug file at hand its own answer is the truth."""
    folder = ROOT / "fixtures/lldb-stripped"
    truth = newest_first(READER.read((folder / "resolved.txt").read_bytes()).thread_list[0].stacktrace)
    event = Engine.for_folder(folder).resolve((folder / "crash.txt").read_bytes())
    frames = newest_first(event.thread_list[0].stacktrace)
    assert event.images[0].code_id == "f8e78f36dc7165fd08b8b76699f96954306910ae"
    places = [((f.filename or "").rpartition("/")[2], f.lineno, f.colno) for f in frames if f.lineno]
    assert places == [(f.filename, f.lineno, f.colno) for f in truth if f.lineno]
    assert len(places) == 11


def test_macos() -> None:
    """Queues name threads, images have UUIDs, and Objective-C and Swift have names of their own."""
    event = read("lldb-macos")
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("EXC_BAD_ACCESS", "code=1, address=0x8")
    first, second = event.thread_list
    assert (first.name, first.crashed, second.name) == ("com.apple.main-thread", True, "com.apple.NSEventThread")
    frames = newest_first(first.stacktrace)
    assert (frames[0].function, frames[0].package) == ("-[Cart total]", "/Applications/Shop.app/Contents/MacOS/Shop")
    assert (event.images[0].type, event.images[0].debug_id) == ("macho", "2b8f3c4d-1a2b-3c4d-5e6f-708192a3b4c5")
    assert newest_first(second.stacktrace)[1].function is None


def test_a_breakpoint_is_no_crash() -> None:
    """A session that only stopped has threads and no error: none is made up."""
    event = read("lldb-breakpoint")
    assert event.exceptions == ()
    assert [(t.id, t.crashed, t.current) for t in event.thread_list] == [(1, None, True)]


@pytest.mark.parametrize(
    ("line", "function", "arguments", "file", "line1"),
    [
        ('frame #0: 0x1 a`f(s="a) at b.c:1") const at x.cpp:3:4 [opt]', "f", 's="a) at b.c:1"', "x.cpp", 3),
        ("frame #1: 0x1 a`operator()(this=0x1, n=2) at x.cpp:3", "operator()", "this=0x1, n=2", "x.cpp", 3),
        ("frame #2: 0x1 a`g() [inlined] h<(b)1>(n=1) at x.h:9:1 [opt] [artificial]", "h<(b)1>", "n=1", "x.h", 9),
        ("frame #3: 0x1 libc.so.6`start_thread + 709", "start_thread", None, None, None),
        ("frame #4: 0x1 a`___lldb_unnamed_symbol12 + 3", None, None, None, None),
        ("frame #5: 0x1", None, None, None, None),
        ("  * frame #6: 0x1 a`std::terminate() + 21", "std::terminate()", None, None, None),
    ],
)
def test_lines(line: str, function: str | None, arguments: str | None, file: str | None, line1: int | None) -> None:
    """C++ names are full of parentheses; the wrong pair gives a wrong function."""
    frame = parse_frame(line)
    assert frame is not None
    assert (frame.raw.function, frame.raw.notes.get("arguments")) == (function, arguments)
    assert (frame.raw.file, frame.raw.line1) == (file, line1)


def test_who_queued_the_work_of_a_thread() -> None:
    """Records have no number of their own: as threads they would overwrite one another, and be nobody's callers."""
    event = read("lldb-enqueued")
    crashed, main = event.thread_list
    assert (crashed.id, main.id, main.caller) == (3, 1, None)
    assert crashed.caller
    assert (crashed.caller.rule, crashed.caller.label) == (
        "dispatch-enqueued",
        "enqueued from com.apple.main-thread (thread 1)",
    )
    assert [f.function for f in newest_first(crashed.caller.stacktrace)] == ["_dispatch_lane_push", None, None, "start"]


def test_who_queued_those_who_queued() -> None:
    """A block that queues a block: all of them led here, each from its own queue."""
    text = "* thread #2, queue = 'c', stop reason = signal SIGSEGV\n  * frame #0: 0x1 a`c()\n"
    for queue in "ba":
        text += f"  thread #4294967295: tid = 0x1, 0x2 a`push + 4, queue = '{queue}'\n"
        text += f"    frame #0: 0x2 a`push_{queue} + 4\n"
    [thread] = READER.read(text.encode()).thread_list
    assert thread.caller
    assert thread.caller.label == "enqueued from b"
    frames = newest_first(thread.caller.stacktrace)
    calls = [f.data.async_call.label if f.data and f.data.async_call else None for f in frames]
    assert (calls, [f.function for f in frames]) == ([None, "enqueued from a"], ["push_b", "push_a"])


def test_records_of_memory_queued_nothing() -> None:
    """`memory history` of AddressSanitizer prints the same threads that are none."""
    text = (
        "* thread #1, stop reason = signal SIGABRT\n  * frame #0: 0x1 a`f()\n"
        "  thread #4294967295: tid = 1, 0x2 a`malloc + 4, name = 'Memory allocated by Thread 1'\n"
        "    frame #0: 0x2 a`malloc + 4\n"
    )
    assert READER.read(text.encode()).thread_list[0].caller is None
