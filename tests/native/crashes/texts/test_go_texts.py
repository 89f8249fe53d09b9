"""What Go's runtime prints, read as a person reads it."""

from pathlib import Path

import pytest

from native.crashes.go.dump import parse_goroutine
from native.crashes.go.frames import split_name
from native.crashes.go.reader import READER
from symbolicator.model import Event, Frame, Stacktrace
from symbolicator.readers.text import MAX_FRAMES

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def names(stack: Stacktrace | None) -> list[str]:
    return [f"{frame.module}.{frame.function}" for frame in newest_first(stack)]


def test_a_panic_while_handling_one() -> None:
    """The last panic ended the program; what it was raised for is half of the answer."""
    event = read("go-panic")
    assert [(e.type, e.value, e.mechanism and e.mechanism.source) for e in event.exceptions] == [
        ("panic", "runtime error: invalid memory address or nil pointer dereference", "__context__"),
        ("panic", "total of ben: runtime error: invalid memory address or nil pointer dereference", None),
    ]
    mechanism = event.exceptions[-1].mechanism
    assert mechanism is not None
    assert mechanism.meta == {"signal": {"number": 11, "name": "SIGSEGV"}}
    assert mechanism.data == {"code": "0x1", "addr": "0x0", "pc": "0x4a5499"}


def test_every_goroutine_is_a_thread() -> None:
    """A leak or a lock shows in the goroutines that wait; the one that panicked comes first."""
    threads = read("go-panic").thread_list
    assert [(t.id, t.state, t.crashed, t.main) for t in threads] == [
        (21, "running", True, None), (1, "runnable", None, True), (17, "syscall", None, None),
        (18, "chan receive", None, None), (19, "chan receive", None, None), (20, "chan receive", None, None),
    ]  # fmt: skip


def test_calls_have_their_package_and_who_started_them() -> None:
    """The package tells three functions `Total` apart; who started a goroutine is no caller of it."""
    frames = newest_first(read("go-panic").thread_list[0].stacktrace)
    assert names(read("go-panic").thread_list[0].stacktrace)[:5] == [
        "example.com/shop/shop/cart.(*Cart).Total.func1", "None.panic",
        "example.com/shop/shop/cart.(*Cart).Total.func2",
        "example.com/shop/shop/cart.sum[...]", "example.com/shop/shop/cart.(*Cart).Total",
    ]  # fmt: skip
    assert [bool(frame.data and frame.data.inlined) for frame in frames[:5]] == [False, False, True, True, False]
    started = frames[-1]
    assert (started.function, started.lineno) == ("main", 32)
    assert started.data is not None
    assert (started.data.is_async, started.data.extra) == (True, {"goroutine": 1})


def test_a_deadlock_has_no_crashed_goroutine() -> None:
    """Nobody failed where all wait: the main goroutine's stack is shown, and nothing is said of it that is not so."""
    event = read("go-deadlock")
    error = event.exceptions[0]
    assert (error.type, error.value, error.thread_id) == ("fatal error", "all goroutines are asleep - deadlock!", 1)
    assert not any(thread.crashed for thread in event.thread_list)
    assert [thread.id for thread in event.thread_list][:3] == [1, None, 2]
    assert newest_first(event.thread_list[0].stacktrace)[0].instruction_addr == 0x4725CE


def test_the_runtimes_own_calls_are_folded() -> None:
    """`runtime.throw` is where the runtime gave up; the program's own call is below it."""
    event = read("go-map-writes")
    frames = newest_first(event.thread_list[0].stacktrace)
    assert event.exceptions[0].value == "concurrent map writes"
    assert [bool(frame.data and frame.data.machinery) for frame in frames][:4] == [True, True, True, False]
    assert (frames[3].module, frames[3].function) == ("main", "main.func1")


def test_a_crash_in_c() -> None:
    """A signal in C has registers and an address; the goroutine that called C is the one that crashed."""
    event = read("go-cgo")
    error = event.exceptions[0]
    assert (error.type, error.value) == (
        "SIGSEGV",
        "segmentation violation at address 0x3, during a call of C",
    )
    crashed = event.thread_list[0]
    assert (crashed.id, crashed.crashed, crashed.state) == (1, True, "syscall")
    assert crashed.stacktrace is not None
    assert crashed.stacktrace.registers is not None
    assert crashed.stacktrace.registers["rip"] == 0x47E5B2


def test_where_c_failed_is_the_newest_frame() -> None:
    """Go does not walk C: without the address that it prints, the crash would seem to be Go's own."""
    stack = read("go-cgo").thread_list[0].stacktrace
    assert stack
    site, call, stub = stack.frames[::-1][:3]
    assert (site.platform, site.instruction_addr, site.adjust_instruction_addr) == ("native", 0x47E5B2, False)
    assert (call.function, call.data and call.data.machinery) == ("cgocall", "cgo")
    assert (stub.function, stub.data and stub.data.machinery) == ("_Cfunc_scan", None)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("non-Go function at pc=0x4a\n", (None, None, None, 0x4A)),
        ("non-Go function\n\tpc=0x4a\n", (None, None, None, 0x4A)),
        ("look_up\n\tsrc/prices.c:26 pc=0x4a\n", ("look_up", "src/prices.c", 26, 0x4A)),
        ("shop::Cart::total(int)\n\tpc=0x4a\n", ("shop::Cart::total(int)", None, None, 0x4A)),
    ],
)
def test_frames_of_c(lines: str, expected: tuple[object, ...]) -> None:
    """Programs that tell Go how to walk C have its frames among Go's, with or without names and lines."""
    head = "SIGSEGV: segmentation violation\nPC=0x49 m=0 sigcode=1\n\ngoroutine 1 [syscall]:\n"
    stack = READER.read(f"{head}{lines}main.f()\n\t/a.go:1\n".encode()).thread_list[0].stacktrace
    assert stack
    frame = stack.frames[-1]
    assert (frame.function, frame.filename, frame.lineno, frame.instruction_addr) == expected
    assert (frame.platform, len(stack.frames)) == ("native", 2)


def test_a_deep_stack_says_what_is_left_out() -> None:
    """Two million frames are not printed; how many is known."""
    stack = next(t for t in read("go-overflow").thread_list if t.id == 1).stacktrace
    assert stack is not None
    assert stack.extra["frames_omitted"] == [50, 50 + 2003147]
    assert read("go-overflow").exceptions[0].value == "stack overflow"


def test_a_data_race_has_its_stacks_named() -> None:
    """Of a race both accesses and the birth of the goroutine are shown."""
    event = read("go-race")
    assert [e.type for e in event.exceptions] == [
        "Goroutine 7 (running) created at",
        "Previous write at 0x0000005a8a90 by main goroutine",
        "data race",
    ]
    assert event.exceptions[-1].value == "Read at 0x0000005a8a90 by goroutine 7"
    assert names(event.exceptions[-1].stacktrace) == ["main.take", "main.main.func1"]


def test_a_server_that_survives() -> None:
    """net/http catches panics: nothing died, and each is read for itself."""
    text = (SAMPLES / "go-http.txt").read_text()
    once, twice = READER.read(text.encode()), READER.read((text * 2).encode())
    mechanism = once.exceptions[0].mechanism
    assert mechanism is not None
    assert mechanism.handled
    assert [e.mechanism.type for e in twice.exceptions if e.mechanism] == ["separate", "panic"]
    assert [e.stacktrace is not None for e in twice.exceptions] == [True, False]


def test_asked_for_with_a_signal() -> None:
    """SIGQUIT asks for a dump of a process that hangs: nobody crashed, and the main goroutine is what people want."""
    event = read("go-quit")
    assert (event.exceptions[0].type, event.exceptions[0].thread_id) == ("SIGQUIT", 1)
    assert not any(thread.crashed for thread in event.thread_list)
    locked = [thread.extra for thread in event.thread_list if "locked_to_thread" in thread.extra]
    assert locked == [{"locked_to_thread": True}]


def test_older_versions() -> None:
    """Messages over several lines, minutes of waiting, a creator without number."""
    event = read("go-old.synthetic")
    assert event.exceptions[0].value == "one\ntwo"
    [thread] = event.thread_list
    assert (thread.state, thread.extra) == (
        "chan receive",
        {"waiting_since": "5 minutes", "locked_to_thread": True},
    )
    assert names(thread.stacktrace) == ["gopkg.in/yaml.v3.(*parser).peek", "main.parse", "main.main"]


def test_indented_messages_and_values_of_own_types() -> None:
    """Since Go 1.23 the runtime indents further lines of a message: the tab is not part of it."""
    event = read("go-custom")
    assert [e.value for e in event.exceptions] == ["no price for pear\nsee the list", "main.code(7)"]


def test_a_thousand_goroutines() -> None:
    """A server leaks goroutines by the thousand: all are there, and reading them takes no second."""
    event = read("go-many")
    assert len(event.thread_list) == 1001
    assert {len(newest_first(thread.stacktrace)) for thread in event.thread_list} == {2}


def test_more_than_the_limit_is_said() -> None:
    """Leaving frames out without a word would be a wrong dump."""
    text = "goroutine 1 [running]:\n" + "main.f()\n\t/a/main.go:3 +0x1\n" * (MAX_FRAMES + 5)
    assert [problem.type for problem in READER.read(text.encode()).errors] == ["too_many_frames"]


@pytest.mark.parametrize(
    ("name", "module", "function"),
    [
        ("main.main", "main", "main"),
        ("main.(*T).M", "main", "(*T).M"),
        ("example.com/a.b/c.F[...]", "example.com/a.b/c", "F[...]"),
        ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3", "Unmarshal"),
        ("net/http.HandlerFunc.ServeHTTP", "net/http", "HandlerFunc.ServeHTTP"),
        ("main.F[go.shape.int]", "main", "F[go.shape.int]"),
        ("panic", None, "panic"),
    ],
)
def test_names(name: str, module: str | None, function: str) -> None:
    """Import paths hold dots, and so do type arguments."""
    assert split_name(name) == (module, function)


def test_headings() -> None:
    """Goroutine headings have changed with the versions of Go."""
    new = parse_goroutine("goroutine 18 gp=0x39d9a1f801e0 m=3 mp=0x39d9a1eeb008 [running]:")
    assert new is not None
    assert (new.number, new.state) == (18, "running")
    assert parse_goroutine("goroutine x [running]:") is None
