"""Sessions of gdb 13, printed by gdb itself, and one with everything that makes lines hard to read."""

from pathlib import Path

import pytest

from native.crashes.backtrace import READER
from native.crashes.gdb_frames import parse_frame
from symbolicator.model import Event, Frame, FrameStatus, Stacktrace

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def crashed(event: Event) -> list[Frame]:
    return newest_first(event.exceptions[-1].stacktrace)


@pytest.mark.parametrize(
    ("line", "function", "arguments", "file"),
    [
        ('#0  f (s=0x1 "a (\\"b", c=41 \')\') at a.c:5', "f", 's=0x1 "a (\\"b", c=41 \')\'', "a.c"),
        ("#1  0x1 in std::function<void (int)>::operator()(int) const (this=0x0) at /a b (1)/f.h:9",
         "std::function<void (int)>::operator()(int) const", "this=0x0", "/a b (1)/f.h"),
        ("#2  0x1 in (anonymous namespace)::f () at a.cc:1", "(anonymous namespace)::f", None, "a.cc"),
        ('#3  operator"" _kg (x=1) at u.h:3', 'operator"" _kg', "x=1", "u.h"),
        ("#4  0x1 in operator() () from /lib/x.so", "operator()", None, None),
        ("#5  0x1 in a<(b)1>::f(char) (this=0x1) at a.cc:1", "a<(b)1>::f(char)", "this=0x1", "a.cc"),
        ("#6  0x1 in ?? ()", None, None, None),
        ("#7  f (v=<error reading variable: Cannot access memory at address 0x8>) at a.c:1", "f",
         "v=<error reading variable: Cannot access memory at address 0x8>", "a.c"),
        ("#8  0x1 in x (a='\\'', b='\\000' <repeats 15 times>) at a.c:1", "x",
         "a='\\'', b='\\000' <repeats 15 times>", "a.c"),
        ("#9  <signal handler called>", "<signal handler called>", None, None),
    ],
)  # fmt: skip
def test_lines(line: str, function: str | None, arguments: str | None, file: str | None) -> None:
    """C++ names and C strings are full of parentheses; the wrong pair gives a wrong function."""
    frame = parse_frame(line)
    assert frame is not None
    assert frame.raw.function == function
    assert frame.raw.notes.get("arguments") == arguments
    assert frame.raw.file == file


@pytest.mark.parametrize(
    "line",
    [
        "#0 /srv/app/main.php(3): Cart->total()",
        "#1      main (file:///srv/app/bin/main.dart:3:8)",
        "#2	INITED cov: 2 ft: 2 corp: 1/1b exec/s: 0 rss: 31Mb",
        "#3 is a number",
        "#4  f (x) and more",
    ],
)
def test_lines_of_others(line: str) -> None:
    """PHP, Dart and libFuzzer number their lines too."""
    assert parse_frame(line) is None


def test_a_live_crash_with_threads() -> None:
    """The stack of the thread that got the signal is the crash; every other thread is kept beside it."""
    event = read("gdb-full")
    error = event.exceptions[0]
    assert (error.type, error.value, error.thread_id) == ("SIGSEGV", "Segmentation fault", 1)
    assert [(t.id, t.name, t.crashed, t.current) for t in event.thread_list] == [
        (1, "g", True, True),
        (2, "g", None, None),
    ]
    assert event.thread_list[0].stacktrace is None
    waiting = newest_first(event.thread_list[1].stacktrace)
    assert (waiting[0].function, waiting[-1].function, len(waiting)) == ("__GI___clock_nanosleep", "clone3", 12)


def test_inlined_calls() -> None:
    """A frame that a newer one was inlined into has no address in gdb; that newer one is the inlined call."""
    frames = crashed(read("gdb-full"))
    assert [bool(frame.data and frame.data.inlined) for frame in frames] == [True] * 5 + [False, True, False, False]
    assert all(frame.status is FrameStatus.AS_IS for frame in frames)


def test_variables_and_arguments() -> None:
    """`bt full` was asked for its variables: they are kept with their frame."""
    main = crashed(read("gdb-full"))[-1]
    assert main.function == "main"
    assert main.extra["vars"] == {
        "t": "{_M_id = {_M_thread = 140737347966656}}",
        "v": 'std::vector of length 2, capacity 2 = {"a", "b (c"}',
        "fn": "{<No data fields>}",
        "lam": "{__fn = @0x7fffffffe66f}",
        "q": "<optimized out>",
    }
    assert main.data is not None
    assert main.data.extra["arguments"] == "argc=1, argv=<optimized out>"


def test_images_of_the_memory_map() -> None:
    """`info proc mappings` gives every image's address: then stripped frames can be resolved."""
    event = read("gdb-full")
    addresses = {image.code_file: image.image_addr for image in event.images}
    assert addresses["/srv/demo/g"] == 0x555555554000
    assert addresses["/usr/lib/x86_64-linux-gnu/libc.so.6"] == 0x7FFFF7A1E000
    assert len(addresses) == 6  # the rows of `info sharedlibrary` lie in the map and say nothing new
    assert crashed(event)[-1].package == "/srv/demo/g"
    assert crashed(event)[-1].image_addr == 0x555555554000


def test_wrapped_lines_say_the_same() -> None:
    """On a terminal gdb breaks long lines; the trace must not depend on the width of a window."""
    wide, narrow = read("gdb-full"), read("gdb-wrapped")
    for one, other in (
        (crashed(wide), crashed(narrow)),
        (newest_first(wide.thread_list[1].stacktrace), newest_first(narrow.thread_list[1].stacktrace)),
    ):
        assert [(f.function, f.filename, f.lineno) for f in one] == [(f.function, f.filename, f.lineno) for f in other]
        names = [[word.split("=")[0] for word in arguments(f).split(", ")] for f in one]
        assert names == [[word.split("=")[0] for word in arguments(f).split(", ")] for f in other]


def arguments(frame: Frame) -> str:
    return str(frame.data.extra.get("arguments")) if frame.data else ""


def test_a_handler_on_the_stack() -> None:
    """What the signal interrupted is the crash: exact, and the handler above it is machinery."""
    frames = crashed(read("gdb-handler"))
    machinery = [frame.data.machinery if frame.data else None for frame in frames]
    assert machinery == ["signal handling"] * 6 + [None, None]
    assert (frames[6].function, frames[6].adjust_instruction_addr) == ("crash", False)


def test_a_stripped_program() -> None:
    """Addresses without names are what there is to resolve; frame 0 stands, the others are calls."""
    event = read("gdb-stripped")
    assert [frame.instruction_addr for frame in crashed(event)][:3] == [0x55555555531D, 0x5555555552E8, 0x555555555580]
    stack = event.exceptions[0].stacktrace
    assert stack is not None
    assert stack.instruction_addr_adjustment == "all_but_first"


def test_the_programs_own_words_are_heard() -> None:
    """SIGABRT says nothing; the exception that the program printed before it does."""
    error = read("gdb-cpp-exception").exceptions[0]
    assert (error.type, error.value) == ("std::runtime_error", "bad\nthing")
    assert error.mechanism is not None
    assert error.mechanism.meta == {"signal": {"number": 6, "name": "SIGABRT"}}


@pytest.mark.parametrize(("name", "thread"), [("gdb-attached", 1), ("gdb-core", None)])
def test_no_signal_no_error(name: str, thread: int | None) -> None:
    """A hanging process has stacks and no error: none is made up."""
    event = read(name)
    assert event.exceptions == ()
    [only] = event.thread_list
    assert (only.id, only.crashed) == (thread, None)
    assert len(newest_first(only.stacktrace)) == 2


def test_noise_and_odd_names() -> None:
    """Warnings, the pager and gdb's own remarks stand in the middle of what people paste."""
    event = read("gdb-noise.synthetic")
    error = event.exceptions[0]
    assert (error.type, error.value, error.thread_id) == ("SIGBUS", "Bus error", 2)
    assert [frame.function for frame in crashed(event)] == [
        "a::b<(c)1>::operator()(char const*) const",
        "operator new(unsigned long)",
        "<function called from gdb>",
        "std::function<void (int)>::operator()(int) const",
        'operator"" _kg',
        "main::{lambda(int)#1}::operator()(int) const",
    ]
    assert event.images[0].extra == {"text_addr": "0x0000aaaa10000100", "text_end": "0x0000aaaa10000900"}


def test_threads_in_the_same_place_stay_two() -> None:
    """A pool of waiting threads has equal stacks; they are not one thread printed twice."""
    stack = "#0  0x1 in wait () at a.c:1\n#1  0x2 in run () at a.c:2\n"
    text = f"Thread 3 (LWP 3):\n{stack}\nThread 2 (LWP 2):\n{stack}\nThread 1 (LWP 1):\n#0  0x3 in main () at a.c:9\n"
    assert [thread.id for thread in READER.read(text.encode()).thread_list] == [3, 2, 1]


def test_part_of_a_stack() -> None:
    """Cut off at the top, no frame is the one that stands: all addresses are return addresses."""
    event = READER.read(b"#3  0x0000000000401452 in f () at a.c:1\n#4  0x0000000000401462 in main () at a.c:2\n")
    stack = event.thread_list[0].stacktrace
    assert stack is not None
    assert stack.instruction_addr_adjustment == "all"
