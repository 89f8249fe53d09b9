"""Reports of the Linux kernel, read as a person reads them."""

from pathlib import Path

import pytest

from native.crashes.kernel.reader import READER
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    path = SAMPLES / f"{name}.synthetic.txt"
    return READER.read((path if path.exists() else ROOT / "fixtures" / name / "crash.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def called(stack: Stacktrace | None) -> list[tuple[str | None, str | None]]:
    return [(frame.function, frame.package) for frame in newest_first(stack)]


def test_an_oops() -> None:
    """The crash is where the processor stood: calls above it are those of the kernel's own report."""
    event = read("text-kernel-oops")
    error = event.exceptions[0]
    assert error.type == "kernel NULL pointer dereference"
    assert (error.value or "").startswith("address: 0000000000000008\n#PF: supervisor read access")
    assert called(error.stacktrace)[:3] == [
        ("cart_total", "shop"), ("checkout_init", "shop"), ("do_one_initcall", "vmlinux"),
    ]  # fmt: skip
    assert error.stacktrace is not None
    assert error.stacktrace.registers is not None
    assert error.stacktrace.registers["rsp"] == 0xFFFFB1E0C0A7FD00
    assert [(t.id, t.name, t.crashed) for t in event.thread_list] == [(1234, "insmod", True)]
    assert event.contexts == {"os": {"name": "Linux", "version": "6.1.0-13-amd64"}}


def test_kasan() -> None:
    """Who freed the memory and who allocated it are shown with the use of it."""
    event = read("text-kasan")
    assert [e.type for e in event.exceptions] == [
        "Freed by task 4711",
        "Allocated by task 4711",
        "KASAN: slab-use-after-free",
    ]
    frames = newest_first(event.exceptions[-1].stacktrace)
    assert [bool(frame.data and frame.data.machinery) for frame in frames] == [True] * 3 + [False] * 5
    assert frames[3].function == "parcel_weight"


def test_arm64() -> None:
    """Other processors, other words; and the console's own levels in front."""
    error = read("kernel-arm64").exceptions[0]
    assert error.type == "kernel NULL pointer dereference"
    assert [name for name, _ in called(error.stacktrace)] == [
        "cart_total", "checkout_init", "process_one_work", "ret_from_fork",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "general protection fault, probably for non-canonical address 0xdead: 0000 [#1] SMP",
            "general protection fault",
        ),
        ("kernel BUG at mm/slub.c:379!", "kernel BUG"),
        ("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [swapper:1]", "soft lockup"),
        ("INFO: task shop:123 blocked for more than 120 seconds.", "task"),
        ("BUG: unable to handle page fault for address: ffffdead", "unable to handle page fault for address"),
        ("Kernel panic - not syncing: Attempted to kill init!", "Kernel panic - not syncing"),
    ],
)
def test_titles(line: str, kind: str) -> None:
    """What the kernel calls its failures is what people search for."""
    assert READER.read(f"{line}\nCall Trace:\n f+0x1/0x2\n g+0x3/0x4\n".encode()).exceptions[0].type == kind
