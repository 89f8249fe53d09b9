"""What Node.js leaves when it ends, read as a person reads it."""

import json
from pathlib import Path

from native.crashes.node.reader import READER
from symbolicator.model import Event, Frame, Stacktrace

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Event:
    return READER.read((SAMPLES / f"{name}.synthetic.txt").read_bytes())


def newest_first(stack: Stacktrace | None) -> list[Frame]:
    assert stack is not None
    return list(reversed(stack.frames))


def test_out_of_memory() -> None:
    """The heap's end: what V8 says, the calls in C++, and the garbage collections before it."""
    event = READER.read((ROOT / "fixtures/node-oom/crash.txt").read_bytes())
    assert event.exceptions[0].type == "FATAL ERROR"
    assert event.exceptions[0].value == "Reached heap limit Allocation failed - JavaScript heap out of memory"
    frames = newest_first(event.thread_list[0].stacktrace)
    assert len(frames) == 9
    assert (frames[0].function, frames[0].package) == (
        "node::OOMErrorHandler(char const*, v8::OOMDetails const&)",
        "node",
    )
    assert (frames[3].function, frames[3].instruction_addr) == (None, 0x10FB205)
    assert event.breadcrumbs is not None
    assert [crumb.data for crumb in event.breadcrumbs.values] == [{"milliseconds": 102}, {"milliseconds": 121}]


def test_both_languages_of_one_moment() -> None:
    """Since Node.js 21 the JavaScript calls are printed too: they are of the same thread."""
    event = read("node-assertion")
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "Fatal error",
        "Assertion failed: (hash) != nullptr",
    )
    [thread] = event.thread_list
    assert [frame.platform for frame in newest_first(thread.stacktrace)] == ["native"] * 3
    script = newest_first(thread.vm_stacktrace)
    assert [(f.function, f.lineno) for f in script] == [
        ("update", 139), ("digest", 12), ("Cart.total", 5), (None, 3),
    ]  # fmt: skip
    assert {frame.platform for frame in script} == {"node"}


def test_windows() -> None:
    """Addresses without 0x, and bytes from the nearest export in decimal."""
    frames = newest_first(read("node-windows").thread_list[0].stacktrace)
    assert frames[0].function == "node_api_throw_syntax_error"
    assert frames[0].data is not None
    assert (frames[0].instruction_addr, frames[0].data.function_offset) == (0x7FF6C1A2B8FF, 175599)
    assert [frame.function is None for frame in frames] == [False, False, False, True]


def test_before_version_14() -> None:
    """The old JavaScript stack stood above the message."""
    [thread] = read("node-old").thread_list
    assert [(f.function, f.filename, f.lineno) for f in newest_first(thread.vm_stacktrace)] == [
        ("push", "/srv/shop/orders.js", 12), (None, "/srv/shop/orders.js", 20),
    ]  # fmt: skip
    assert len(newest_first(thread.stacktrace)) == 2


def test_a_report_of_an_error() -> None:
    """The error has the stack that it was made with; the native one is of the moment when nothing had caught it."""
    event = READER.read((ROOT / "fixtures/node-report/crash.json").read_bytes())
    error = event.exceptions[0]
    assert (error.type, error.value) == ("TypeError", "Cannot read properties of undefined (reading 'reduce')")
    assert [(f.function, f.lineno, f.colno) for f in newest_first(error.stacktrace)] == [
        ("total", 3, 21), ("Timeout.checkout", 7, 3), ("listOnTimeout", 581, 17),
    ]  # fmt: skip
    [thread] = event.thread_list
    assert (thread.id, thread.crashed, thread.main, thread.vm_stacktrace) == (0, True, True, None)
    native = newest_first(thread.stacktrace)
    assert (len(native), native[-1].function, native[-2].package) == (20, "_start", "/lib/x86_64-linux-gnu/libc.so.6")
    assert event.contexts is not None
    assert event.contexts["device"] == {"arch": "x86_64"}
    assert "/lib/x86_64-linux-gnu/libc.so.6" in {image.code_file for image in event.images}


def test_a_report_that_was_asked_for() -> None:
    """Nothing failed: there is no error, and both stacks are of one moment."""
    text = (
        (ROOT / "fixtures/node-report/crash.json").read_text().replace('"trigger": "Exception"', '"trigger": "Signal"')
    )
    event = READER.read(text.encode())
    assert event.exceptions == ()
    [thread] = event.thread_list
    assert (thread.crashed, thread.current) == (None, True)
    assert len(newest_first(thread.vm_stacktrace)) == 3


def test_those_that_awaited_were_on_no_stack() -> None:
    """The program says which functions ran when it failed; V8 marks the others."""
    folder = ROOT / "fixtures/node-async"
    order = json.loads((folder / "order.json").read_text())
    [error] = READER.read((folder / "crash.json").read_bytes()).exceptions
    frames = newest_first(error.stacktrace)
    shown = [(f.function, bool(f.data and f.data.is_async)) for f in frames]
    told = [(name, name not in order["ran"]) for name in reversed(order["entered"])]
    assert shown == [*told[:3], ("Promise.all (index 1)", True)]
