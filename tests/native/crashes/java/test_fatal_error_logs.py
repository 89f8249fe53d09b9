"""Fatal error logs of the JVM: a real one against its truth, and what else the format has."""

import json
from pathlib import Path

import pytest

from native.crashes.java.hs_err_reader import READER
from symbolicator.engine import Engine
from symbolicator.errors import UnreadableInput
from symbolicator.model import Frame

CASE = Path(__file__).resolve().parents[4] / "fixtures" / "java-hs-err"
LOG = CASE / "crash.log"
HEAD = "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n"


def name(frame: Frame) -> str:
    return f"{frame.module}.{frame.function}" if frame.module else frame.function or ""


def test_the_c_frames_resolve_to_the_truth() -> None:
    """Between Java and the JVM stand the program's own C functions: these are what an engineer looks for."""
    event = Engine.for_folder(CASE).resolve(LOG.read_bytes())
    stack = event.thread_list[0].stacktrace
    truth = json.loads((CASE / "truth.json").read_text())["native_frames"]
    assert stack
    assert len(stack.frames) == len(truth)
    for frame, true in zip(reversed(stack.frames), truth, strict=True):
        assert true["function"] in name(frame) or name(frame) in true["function"]
        if true["own"]:
            assert (frame.filename or "").endswith(true["file"])
            assert (frame.lineno, bool(frame.data and frame.data.inlined)) == (true["line"], true["inlined"])


def test_what_the_log_says() -> None:
    """Signal, address, thread, registers, libraries and system, each where Sentry has it."""
    event = READER.read(LOG.read_bytes())
    (value,) = event.exceptions
    crashed = event.thread_list[0]
    assert (value.type, value.value, value.thread_id) == ("SIGSEGV", "SEGV_MAPERR at 0xc", crashed.id)
    assert (crashed.name, crashed.crashed, crashed.state) == ("main", True, "_thread_in_native")
    assert crashed.stacktrace
    assert crashed.stacktrace.registers
    newest = crashed.stacktrace.frames[-1]
    assert crashed.stacktrace.registers["rip"] == newest.instruction_addr
    assert {"Reference Handler", "VM Thread"} <= {thread.name for thread in event.thread_list}
    assert any((image.code_file or "").endswith("/libjvm.so") and image.image_addr for image in event.images)
    assert event.contexts
    assert event.contexts["device"] == {"arch": "x86_64"}


def test_the_runtime_s_view_is_left_out_where_the_walk_has_all_of_it() -> None:
    """The same frames twice would only be in the way; where the walk breaks off they are all there is."""
    text = LOG.read_text()
    assert READER.read(text.encode()).thread_list[0].vm_stacktrace is None
    total = "C  [libshop.so+0x11d7]  Java_shop_Shop_total+0x4c\nj  shop.Shop.total([ILshop/Shop$Rule;)I+0\n"
    cut = text.replace(total, "")
    assert cut != text
    stack = READER.read(cut.encode()).thread_list[0].vm_stacktrace
    assert stack
    assert [frame.function for frame in stack.frames] == ["main", "total", "apply", "reduced", "discount"]


@pytest.mark.parametrize(
    ("line", "module", "function"),
    [
        ("j  shop.Cart.total(I)I+2", "shop.Cart", "total"),
        ("j  java.lang.Thread.run()V+11 java.base@17.0.15", "java.lang.Thread", "run"),
        ("J 123 c2 shop.Cart.total(I)I (49 bytes) @ 0x00007f01 [0x00007f00+0x0000000000000001]", "shop.Cart", "total"),
        ("J 12% c1 shop.Cart.total(I)I java.base@17 (9 bytes) @ 0x00007f01 [0x00007f00+0x1]", "shop.Cart", "total"),
        ("J 7  java.lang.Thread.sleep(J)V java.base@17 (0 bytes) @ 0x7f01 [0x7f00+0x1]", "java.lang.Thread", "sleep"),
        ("v  ~StubRoutines::call_stub", None, "StubRoutines::call_stub"),
        ("v  ~StubRoutines::call_stub 0x00007f01", None, "StubRoutines::call_stub"),
        ("V  [jvm.dll+0x83d77]", None, None),
        ("C  0x0000000000000000", None, None),
    ],
)  # fmt: skip
def test_forms_of_frames(line: str, module: str | None, function: str | None) -> None:
    """Compiled and interpreted Java, generated code and libraries without names."""
    event = READER.read(f"{HEAD}Native frames: (J=compiled Java code)\n{line}\n".encode())
    stack = event.thread_list[0].stacktrace
    assert stack
    assert [(frame.module, frame.function) for frame in stack.frames] == [(module, function)]


def test_windows() -> None:
    """An access violation has words instead of an address."""
    event = READER.read(
        f"{HEAD}#  EXCEPTION_ACCESS_VIOLATION (0xc0000005) at pc=0x00007ffb, pid=1, tid=2\n\n"
        "siginfo: EXCEPTION_ACCESS_VIOLATION (0xc0000005), reading address 0x0000000000000008\n".encode()
    )
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "EXCEPTION_ACCESS_VIOLATION",
        "reading address 0x0000000000000008",
    )


@pytest.mark.parametrize(
    ("row", "kind", "size"),
    [
        ("0x00007ffb10000000 - 0x00007ffb10100000 \tC:\\app\\shop.dll", "pe", 0x100000),
        ("0x00007ffb10000000 \t/Applications/shop.dll", "macho", None),
        ("7ffb10000000-7ffb10100000 r-xp 00000000 08:01 131   /srv/shop.dll", "elf", 0x100000),
    ],
)
def test_libraries_of_every_system(row: str, kind: str, size: int | None) -> None:
    """The frames name a library without its folder; its place in memory comes from the list."""
    event = READER.read(f"{HEAD}Native frames:\nC  [shop.dll+0x1234]\n\nDynamic libraries:\n{row}\n".encode())
    (image,) = event.images
    assert (image.type, image.image_addr, image.image_size) == (kind, 0x7FFB10000000, size)
    stack = event.thread_list[0].stacktrace
    assert stack
    assert (stack.frames[0].package, stack.frames[0].instruction_addr) == (image.code_file, 0x7FFB10001234)


def test_registers_of_arm64() -> None:
    """HotSpot calls them R0 to R30; an unwinder looks for x0, fp and lr."""
    event = READER.read(
        f"{HEAD}# Java VM: OpenJDK 64-Bit Server VM (17, g1 gc, linux-aarch64)\n\nNative frames:\nC  [a.so+0x1]\n\n"
        "Registers:\nR0=0x0000000000000001\nR29=0x0000000000000002\nR30=0x0000000000000003\n".encode()
    )
    stack = event.thread_list[0].stacktrace
    assert stack
    assert stack.registers == {"x0": 1, "fp": 2, "lr": 3}


def test_an_internal_error_and_want_of_memory() -> None:
    """Not every fatal error is a signal."""
    internal = READER.read(
        f"{HEAD}#  Internal Error (g1.cpp:12), pid=1, tid=2\n#  guarantee(x) failed: no region\n".encode()
    )
    assert (internal.exceptions[0].type, internal.exceptions[0].value) == (
        "Internal Error",
        "g1.cpp:12: guarantee(x) failed: no region",
    )
    memory = READER.read(
        b"#\n# There is insufficient memory for the Java Runtime Environment to continue.\n"
        b"# Native memory allocation (mmap) failed to map 16384 bytes for committing reserved memory.\n"
    )
    assert memory.exceptions[0].type == "Insufficient memory"
    assert "failed to map 16384 bytes" in (memory.exceptions[0].value or "")


@pytest.mark.parametrize(
    "stub",
    [
        "StubRoutines::call_stub",
        "StubRoutines::call_stub 0x0000744b23c5fcc6",
        "StubRoutines::Stub Generator call_stub_stub 0x01",
    ],
)
def test_java_that_native_code_entered_is_marked(stub: str) -> None:
    """Where the rest of Java belongs after a walk that ended too early the stubs say: how often it was entered."""
    native = "Native frames: (J=compiled Java code, j=interpreted)\nC  [libshop.so+0x1]  fail+0x1\n\n"
    calls = f"j  a.A.run()V+1\nv  ~{stub}\nj  a.A.main()V+1\nv  ~{stub}\n"
    java = f"Java frames: (J=compiled Java code, j=interpreted)\n{calls}"
    runtime = READER.read(f"{HEAD}{native}{java}".encode()).thread_list[0].vm_stacktrace
    assert runtime
    assert [(frame.function, bool(frame.data and frame.data.is_entry)) for frame in runtime.frames] == [
        ("main", True),
        ("run", True),
    ]


def test_nothing_readable_is_said_with_what_to_do() -> None:
    """People pass a file of that name with other content."""
    with pytest.raises(UnreadableInput, match="Pass the whole hs_err_pid"):
        READER.read(b"hello")
