"""Backtraces in glibc's form, from programs that really crashed, and hand-written ones for older versions."""

from pathlib import Path

import pytest

from native.crashes.backtrace import READER
from native.crashes.glibc import parse_frame
from native.crashes.raw_frames import RawFrame
from symbolicator.model import Event, Frame

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.txt").read_bytes())


def frames(event: Event) -> list[Frame]:
    """Newest call first."""
    stack = event.exceptions[-1].stacktrace
    assert stack is not None
    return list(reversed(stack.frames))


def exact(event: Event) -> list[int]:
    """Which frames are no return addresses, newest call first."""
    return [index for index, frame in enumerate(frames(event)) if frame.adjust_instruction_addr is False]


@pytest.mark.parametrize(
    ("line", "frame"),
    [
        ("./p(f+0x12) [0x1000]", RawFrame("f", 0x12, "./p", None, 0x1000)),
        ("./p(f-0x12)[0x1000]", RawFrame("f", -0x12, "./p", None, 0x1000)),
        ("./p(+0x12)[0x1012]", RawFrame(None, None, "./p", 0x12, 0x1012)),
        ("./p() [0x401000]", RawFrame(None, None, "./p", 0x401000, 0x401000)),
        ("./p[0x401000]", RawFrame(None, None, "./p", None, 0x401000)),
        ("[0x401000]", RawFrame(None, None, None, None, 0x401000)),
        ("/a b (1)/p(f(int, g<(h)1>())+0x1) [0x2]", RawFrame("f(int, g<(h)1>())", 1, "/a b (1)/p", None, 2)),
        ("#3  ./p(f+0x1) [0x2]", RawFrame("f", 1, "./p", None, 2)),
        ("[bt]: (3) ./p(f+0x1) [0x2]", RawFrame("f", 1, "./p", None, 2)),
        (" 3: ./p(f+0x1) [0x2]", RawFrame("f", 1, "./p", None, 2)),
        ("see [0x2a]", None),
        ("./p(f) [0x1]", None),
        ("./p(f+0x1) [0x]", None),
        ("./p(f+0x1)", None),
    ],
)
def test_lines(line: str, frame: RawFrame | None) -> None:
    """Function, offset, image and address each stand somewhere else in every one of these forms."""
    assert parse_frame(line) == frame


def test_a_handled_signal() -> None:
    """The interrupted frame is exact, the trampoline too; all other addresses are return addresses."""
    event = read("glibc-segv")
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("SIGSEGV", "Caught signal 11")
    assert exact(event) == [1, 2]
    interrupted = frames(event)[2]
    assert interrupted.data is not None
    assert (interrupted.function, interrupted.data.function_offset) == ("boom", 0x19)


def test_a_signal_raised_inside_libc() -> None:
    """After `abort()` the interrupted frame is libc's: the program's frames below it are ordinary calls."""
    event = read("glibc-abort")
    assert event.exceptions[0].type == "SIGABRT"
    assert exact(event) == [1, 2]


def test_without_a_signal_no_frame_is_exact() -> None:
    """A program that prints its own stack was not interrupted: every address is a return address."""
    event = read("glibc-no-signal")
    assert exact(event) == []
    assert (event.exceptions[0].type, event.exceptions[0].value) == (None, "Caught signal 0")


def test_a_callback_out_of_libc_is_no_trampoline() -> None:
    """`qsort` and the start of a thread look alike: without proof no address is called exact."""
    newest = b"caught SIGSEGV\n./p(+0x1)[0x1001]\n/lib/libc.so.6(+0x2)[0x9002]\n"
    assert exact(READER.read(newest + b"/lib/libc.so.6(qsort+0x3)[0x9003]\n./p(+0x4)[0x1004]")) == []
    assert exact(READER.read(newest + b"/lib/libc.so.6(clone+0x3)[0x9003]")) == []


def test_a_trampoline_by_name() -> None:
    """On ARM the trampoline has a name: then it needs no guessing, and no mention of a signal."""
    lines = b"./p(+0x1)[0x1001]\nlinux-vdso.so.1(__kernel_rt_sigreturn+0x0) [0x7000]\n./p(+0x4)[0x1004]"
    assert exact(READER.read(lines)) == [1, 2]


def test_a_cpp_exception() -> None:
    """The exception's own type and message say more than the SIGABRT that followed."""
    event = read("glibc-cpp-exception")
    error = event.exceptions[0]
    assert (error.type, error.value) == ("std::logic_error", "what\nnow")
    assert error.mechanism is not None
    assert error.mechanism.meta == {"signal": {"number": 6, "name": "SIGABRT"}}


def test_not_position_independent() -> None:
    """Such an executable sits where its headers say; to compute a base for it would be wrong."""
    event = read("glibc-no-pie")
    program = event.images[0]
    assert (program.code_file, program.image_addr, program.extra) == ("./hn", None, {"load_bias": 0})
    assert frames(event)[0].instruction_addr == 0x4011EB
    assert frames(event)[0].addr_mode is None


def test_statically_linked() -> None:
    """Bare addresses are kept: whoever has the binary can look them up."""
    event = read("glibc-static")
    assert [frame.instruction_addr for frame in frames(event)][:2] == [0x401F3A, 0x4219A0]
    assert event.images == ()


def test_offsets_that_disagree_are_kept_relative() -> None:
    """Two bases for one image mean that one is wrong; the offsets themselves are still right."""
    event = READER.read(b"./p(+0x10)[0x1010]\n./p(+0x20)[0x3020]\n./p(f+0x1)[0x1030]")
    assert event.images[0].image_addr is None
    places = [(frame.instruction_addr, frame.addr_mode) for frame in frames(event)]
    assert places == [(0x10, "rel:0"), (0x20, "rel:0"), (0x1030, None)]


def test_the_memory_map_of_older_versions() -> None:
    """The map tells where every image was, also those that no frame gives an offset for."""
    event = read("glibc-old-memory-map.synthetic")
    addresses = {image.code_file: image.image_addr for image in event.images}
    assert addresses == {
        "/srv/prog": 0x400000,
        "/lib64/libc.so.6": 0x7F51D5EFF000,
        "/opt/my app (1)/libextra.so": 0x7F51E0000000,
    }
    assert [frame.image_addr for frame in frames(event)][:3] == [0x7F51D5EFF000, 0x400000, 0x400000]
    assert len(frames(event)) == 6
    assert event.exceptions[0].type == "double free or corruption (fasttop)"


def test_noise_between_frames() -> None:
    """Another thread's output must not cut a stack in two; a second crash is not part of the first."""
    noisy = READER.read(b"SIGSEGV\n./p(+0x1)[0x1001]\n[worker] still here\n./p(+0x2)[0x1002]")
    assert [len(frames(noisy)), len(noisy.exceptions)] == [2, 1]
    two = READER.read(b"SIGSEGV\n./p(+0x1)[0x1001]\nSIGABRT\n./p(+0x2)[0x1002]")
    assert [(e.type, e.mechanism.type) for e in two.exceptions if e.mechanism] == [
        ("SIGABRT", "separate"),
        ("SIGSEGV", "signalhandler"),
    ]
