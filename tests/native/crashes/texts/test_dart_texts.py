"""Stack traces of Dart and Flutter, read as a person reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from native.crashes.flutter.reader import READER
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")
OBFUSCATED = (ROOT / "fixtures/flutter-obfuscated/crash.txt").read_bytes()


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.synthetic.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def test_an_obfuscated_trace() -> None:
    """The build id finds the one right file, and the addresses count in it as they are."""
    event = READER.read(OBFUSCATED)
    [image] = event.images
    assert (image.type, image.code_file, image.arch, image.image_addr) == ("elf", "libapp.so", "arm64", 0x7DE0E44000)
    assert image.code_id == "ba847225d056c73eaa7bd564601d0a4e"
    [thread] = event.thread_list
    assert (thread.id, thread.name, thread.crashed) == (8399, "1.ui", True)
    frames = newest_first(thread.stacktrace)
    assert (frames[0].addr_mode, frames[0].instruction_addr) == ("rel:0", 0x103FF)
    assert [bool(f.data and f.data.is_async) for f in frames] == [False, False, True, True]
    assert thread.stacktrace is not None
    assert thread.stacktrace.instruction_addr_adjustment == "none"
    assert (event.exceptions[0].type, event.exceptions[0].thread_id) == ("StateError", 8399)


@pytest.mark.parametrize("prefix", [b"unparsed ", b"", b"I/flutter ( 8353): "])
def test_traces_of_the_package_and_of_old_versions(prefix: bytes) -> None:
    """Without `virt` the absolute address is all there is; the package stack_trace puts a word in front."""
    lines = [b"pid: 8353, tid: 8399, name 1.ui", b"build_id: 'ab12'", b"isolate_dso_base: 7000, vm_dso_base: 7000",
             prefix + b"     #00 abs 0000000000007567 _kDartIsolateSnapshotInstructions+0x19"]  # fmt: skip
    event = READER.read(b"\n".join(lines))
    [frame] = newest_first(event.thread_list[0].stacktrace)
    assert (frame.addr_mode, frame.instruction_addr, event.images[0].image_addr) == (None, 0x7567, 0x7000)


def test_deferred_units() -> None:
    """Code that was loaded later lies in a file of its own, with a build id of its own."""
    head = b"build_id: 'aa11'\nloading_unit: 2, build_id: 'bb22', dso_base: 9000, instructions: 9100\n"
    calls = b"    #00 abs 0000000000009567 unit 2 virt 0000000000000567 _k+0x1\n    #01 abs 7567 virt 567 _k+0x1\n"
    event = READER.read(head + calls)
    assert [image.code_id for image in event.images] == ["aa11", "bb22"]
    assert [f.addr_mode for f in newest_first(event.exceptions[0].stacktrace)] == ["rel:1", "rel:0"]


def test_on_ios() -> None:
    """There the program is a Mach-O file, and its id a UUID."""
    text = OBFUSCATED.replace(b"os: android", b"os: ios")
    [image] = READER.read(text).images
    assert (image.type, image.debug_id, image.code_id) == ("macho", "ba847225d056c73eaa7bd564601d0a4e", None)


def test_flutters_own_report(ruled: Callable[[Event], Event]) -> None:
    """The framework caught it and went on; whose code a package is, is known of the well-known ones."""
    event = ruled(read("dart-chain"))
    error = event.exceptions[0]
    assert (error.type, error.value) == ("_TypeError", "type 'Null' is not a subtype of type 'Price' in type cast")
    assert error.mechanism is not None
    assert (error.mechanism.handled, error.mechanism.data) == (True, {"caught_by": "widgets library"})
    frames = newest_first(error.stacktrace)
    assert [(f.function, f.lineno, f.colno, f.in_app) for f in frames[:2]] == [
        ("CartView.build", 31, 24, True), ("StatelessElement.build", 5550, 49, False),
    ]  # fmt: skip
    assert [bool(f.data and f.data.is_async) for f in frames] == [False] * 3 + [True, False, False]
    assert (frames[3].function, frames[4].lineno) == ("new Cart.restored", None)


def test_terse_traces() -> None:
    """The package stack_trace aligns its calls and marks gaps with a rule."""
    error = read("dart-terse").exceptions[0]
    assert (error.type, error.value) == ("FormatException", "Unexpected end of input (at character 1)")
    assert [(f.function, f.lineno, bool(f.data and f.data.is_async)) for f in newest_first(error.stacktrace)] == [
        ("_ChunkedJsonParser.fail", 1405, False), ("Prices.parse", 17, False), ("Checkout.pay", 41, True),
        ("main", 9, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bad state: No element", "StateError"),
        ("Exception: no price", "Exception"),
        ("RangeError (index): Invalid value: Valid value range is empty: 0", "RangeError"),
        ("Null check operator used on a null value", "TypeError"),
        ("NoSuchMethodError: The getter 'length' was called on null.", "NoSuchMethodError"),
        ("no price today", None),
    ],
)
def test_types(text: str, kind: str | None) -> None:
    """Dart prints an error's text: where that tells its class, crashes are grouped by it."""
    event = READER.read(f"Unhandled exception:\n{text}\n#0      main (package:shop/main.dart:1:2)\n".encode())
    assert event.exceptions[0].type == kind
