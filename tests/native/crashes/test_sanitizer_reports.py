"""Reports of the sanitizers of gcc 12 and clang 19, printed by themselves."""

from pathlib import Path

import pytest

from native.crashes.backtrace import READER
from native.crashes.raw_frames import RawFrame
from native.crashes.sanitizer_frames import parse_frame
from symbolicator.model import Event, Frame

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.txt").read_bytes())


def frames(event: Event, exception: int = -1) -> list[Frame]:
    """Newest call first."""
    stack = event.exceptions[exception].stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("    #0 0x1f  (/a b (1)/p+0x5fb1) (BuildId: C2)",
         RawFrame(image="/a b (1)/p", image_offset=0x5FB1, address=0x1F, build_id="c2")),
        ("    #1 0x1f in f(int (*)(char)) (/p+0x1)",
         RawFrame("f(int (*)(char))", image="/p", image_offset=1, address=0x1F)),
        ("    #2 0x1f in operator new[](unsigned long) /a b/x.cpp:98:3",
         RawFrame("operator new[](unsigned long)", address=0x1F, file="/a b/x.cpp", line1=98, column1=3)),
        ("    #3 0x1f in main ../src/x.c:9", RawFrame("main", address=0x1F, file="../src/x.c", line1=9)),
        ("    #4 main race.cpp:10:3 (race+0x14) (BuildId: ab)",
         RawFrame("main", image="race", image_offset=0x14, build_id="ab", file="race.cpp", line1=10, column1=3)),
        ("    #5 <null> <null> (libstdc++.so.6+0xd4)", RawFrame(image="libstdc++.so.6", image_offset=0xD4)),
        ("    #6 0x1f in f (prog:arm64+0x12)",
         RawFrame("f", image="prog", image_offset=0x12, address=0x1F, arch="arm64")),
        ("    #7 0x1f  (<unknown module>)", RawFrame(address=0x1F)),
    ],
)  # fmt: skip
def test_lines(line: str, frame: RawFrame) -> None:
    """Function, file, module and build id come in every combination."""
    parsed = parse_frame(line)
    assert parsed is not None
    assert parsed.raw == frame


def test_two_reports() -> None:
    """The second report of one text is an error of its own, with the stacks that belong to it."""
    event = read("asan-two-reports")
    tree = {e.mechanism.exception_id: (e.type, e.mechanism.parent_id) for e in event.exceptions if e.mechanism}
    assert tree == {
        0: ("AddressSanitizer: heap-use-after-free", None),
        1: ("freed by thread T0 here", 0),
        2: ("previously allocated by thread T0 here", 0),
        3: ("AddressSanitizer: stack-buffer-overflow", None),
        4: ("Address 0x7fffa58f00c8 is located in stack of thread T0 at offset 72 in frame", 3),
    }
    assert event.exceptions[-1].value == "READ of size 4 at 0x602000000014 thread T0"
    use, main = frames(event)[:2]
    assert (use.data and use.data.inlined, main.data and main.data.inlined) == (True, False)


def test_a_null_pointer() -> None:
    """What was accessed, and the sanitizer's own hint, are the message."""
    event = read("asan-segv")
    error = event.exceptions[0]
    assert error.type == "AddressSanitizer: SEGV"
    assert error.value == (
        "on unknown address 0x000000000000\nThe signal is caused by a READ memory access.\n"
        "Hint: address points to the zero page."
    )
    assert error.stacktrace is not None
    assert error.stacktrace.registers is not None
    assert error.stacktrace.registers["pc"] == 0x55E9367D866F


def test_a_data_race() -> None:
    """A race has two sides: the other access and the birth of its thread are linked to the first."""
    event = read("tsan-race")
    assert [(e.type, e.mechanism.source) for e in event.exceptions if e.mechanism] == [
        ("Thread T1 (tid=3026, finished) created by main thread at", "Thread T1 (tid=3026, finished) created by"),
        ("Previous write of size 4 at 0x55a3339610b4 by thread T1", "Previous write"),
        ("ThreadSanitizer: data race", None),
    ]
    assert event.exceptions[-1].value == "Read of size 4 at 0x55a3339610b4 by main thread"
    assert [len(frames(event, index)) for index in (-1, 1, 0)] == [1, 7, 3]
    last = frames(event, 1)[-1]
    assert (last.function, last.package, last.instruction_addr) == (None, "libstdc++.so.6", 0xD44A2)


def test_undefined_behaviour_without_stack() -> None:
    """The position that the runtime prints is all it prints: it is the frame."""
    event = read("ubsan-place-only")
    assert [(e.type, (e.value or "")[:11]) for e in event.exceptions] == [
        ("UndefinedBehaviorSanitizer: runtime error", "shift expon"),
        ("UndefinedBehaviorSanitizer: runtime error", "signed inte"),
    ]
    [frame] = frames(event)
    assert (frame.filename, frame.lineno, frame.colno) == ("s.cpp", 13, 28)


def test_undefined_behaviour_with_stack() -> None:
    """With a stack the position is that of its newest frame, and not told twice."""
    event = read("ubsan-stacks")
    assert [len(frames(event, index)) for index in (0, 1)] == [4, 4]


def test_leaks_are_errors_of_their_own() -> None:
    """Two leaks have nothing to do with one another."""
    event = read("lsan")
    assert [(e.type, e.value, e.mechanism.parent_id) for e in event.exceptions if e.mechanism] == [
        ("LeakSanitizer: detected memory leaks", "Direct leak of 8 byte(s) in 1 object(s) allocated from", None),
        ("LeakSanitizer: detected memory leaks", "Direct leak of 40 byte(s) in 1 object(s) allocated from", None),
    ]


def test_uninitialized_memory() -> None:
    """MemorySanitizer warns where the others err; it is a report all the same."""
    event = read("msan")
    assert event.exceptions[0].type == "MemorySanitizer: use-of-uninitialized-value"
    assert len(frames(event)) == 4
    assert event.images[0].code_id == "90cb9d729f3e44af57f19b7e6ebc01924d9985b1"


def test_libfuzzer() -> None:
    """The fuzzer's own progress lines are numbered as well, and are no frames."""
    event = read("libfuzzer")
    assert event.exceptions[0].type == "libFuzzer: deadly signal"
    assert len(frames(event)) == 17
    assert [frame.function for frame in frames(event)][7] == "LLVMFuzzerTestOneInput"


def test_a_long_fuzzing_run() -> None:
    """A fuzzer runs for hours before it crashes: its report is far behind the part that readers are chosen by."""
    progress = b"#20\tNEW    cov: 3 ft: 3 corp: 2/4b lim: 4 exec/s: 0 rss: 31Mb L: 3/3 MS: 3 CrossOver-\n" * 1000
    report = progress + (SAMPLES / "libfuzzer.txt").read_bytes()
    assert READER.detect(report[:65536]) > 0.3
    assert len(frames(READER.read(report))) == 17


def test_frames_without_a_report() -> None:
    """`__sanitizer_print_stack_trace()` prints frames alone."""
    event = READER.read(b"    #0 0x1f in f (lib.so+0x1234) (BuildId: abcd)\n    #1 0x2f in main /a.c:3\n")
    assert [frame.function for frame in frames(event)] == ["f", "main"]
    assert (event.exceptions[0].type, event.images[0].code_id) == (None, "abcd")
