"""KSCrash's reports as events."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from native.crashes.apple.kscrash import READER
from native.crashes.apple.kscrash_threads import LINK_REGISTER
from symbolicator.codec import decode, encode
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Stacktrace

CONFORMANCE = os.environ.get("SYMBOLICATOR_CONFORMANCE", "")
IMAGE = {"image_addr": 0x104E34000, "image_vmaddr": 0x100000000, "image_size": 0xC000, "name": "/var/Cart.app/Cart",
         "uuid": "2F3A4B5C-6D7E-8F90-A1B2-C3D4E5F60718", "cpu_type": 0x0100000C, "cpu_subtype": 0}  # fmt: skip
MACH = {"mach": {"exception": 1, "exception_name": "EXC_BAD_ACCESS", "code": 1, "code_name": "KERN_INVALID_ADDRESS"},
        "signal": {"signal": 11, "name": "SIGSEGV"}, "address": 16, "type": "mach"}  # fmt: skip


def frames(*addresses: int) -> dict[str, Any]:
    contents = [
        {
            "instruction_addr": at,
            "object_addr": 0x104E34000,
            "object_name": "Cart",
            "symbol_addr": at - 4,
            "symbol_name": "f",
        }
        for at in addresses
    ]
    return {"contents": contents, "skipped": 0}


def thread(index: int, *addresses: int, **fields: object) -> dict[str, Any]:
    return {"index": index, "backtrace": frames(*addresses), "crashed": False, "current_thread": False, **fields}


def report(error: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    crashed = thread(0, 0x104E35000, 0x104E35010, crashed=True, dispatch_queue="com.apple.main-thread")
    crash = {"error": MACH if error is None else error, "threads": [crashed, thread(1, 0x104E35020, name="oven")]}
    return {
        "report": {"id": "97BE1599-CD7D-46D7-ABE2-77000D1BB998", "timestamp": 1486375290, "type": "standard"},
        "binary_images": [IMAGE], "crash": crash, "system": {"binary_cpu_type": 0x0100000C}, **fields,
    }  # fmt: skip


def read(told: dict[str, Any]) -> Event:
    event = READER.read(json.dumps(told).encode())
    assert decode(encode(event)) == event
    return event


def stack(event: Event, number: int = 0) -> Stacktrace:
    found = event.thread_list[number].stacktrace
    assert found is not None
    return found


def test_threads_frames_and_images() -> None:
    """All threads of the process, with the images that their addresses lie in."""
    event = read(report())
    assert [(one.id, one.name, one.crashed) for one in event.thread_list] == [
        (0, "com.apple.main-thread", True), (1, "oven", None),
    ]  # fmt: skip
    outer, inner = stack(event).frames
    assert (inner.instruction_addr, outer.instruction_addr, inner.image_addr) == (0x104E35000, 0x104E35010, 0x104E34000)
    assert (inner.function, inner.symbol_addr, inner.package) == ("f", 0x104E34FFC, "/var/Cart.app/Cart")
    image = event.images[0]
    assert (image.debug_id, image.arch, image.image_vmaddr, image.image_size) == (
        "2f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718", "arm64", 0x100000000, 0xC000,
    )  # fmt: skip
    assert (event.event_id, event.timestamp) == ("97be1599cd7d46d7abe277000d1bb998", "2017-02-06T10:01:30Z")


@pytest.mark.parametrize(
    ("error", "kind", "value", "mechanism"),
    [
        (MACH, "EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS at 0x10", "mach"),
        ({"type": "mach", "mach": {"exception": 1, "code": 2}, "address": -16}, "EXC_BAD_ACCESS",
         "KERN_PROTECTION_FAILURE at 0xfffffffffffffff0", "mach"),
        ({"type": "signal", "signal": {"signal": 6, "name": "SIGABRT"}, "address": 0}, "SIGABRT", "SIGABRT", "signal"),
        ({"type": "nsexception", "nsexception": {"name": "NSRangeException"}, "reason": "beyond"}, "NSRangeException",
         "beyond", "nsexception"),
        ({"type": "cpp_exception", "cpp_exception": {"name": "std::runtime_error"}, "reason": "no"},
         "std::runtime_error", "no", "cpp_exception"),
        ({"type": "user", "user_reported": {"name": "MyError", "line_of_code": "7"}, "reason": "so"}, "MyError", "so",
         "user"),
        ({"type": "deadlock"}, "Deadlock", "the main thread did not respond", "deadlock"),
        ({"type": "mach", "mach": {"exception": 10, "exception_name": "EXC_CRASH", "code": 9}, "signal": {"signal": 9},
          "exit_reason": {"code": 2343432205}, "address": 0}, "EXC_CRASH",
         "SIGKILL; 0x8badf00d: the watchdog ended the app because it did not respond in time", "mach"),
        ({}, "Crash", None, "mach"),
    ],
)  # fmt: skip
def test_what_went_wrong(error: dict[str, Any], kind: str, value: str | None, mechanism: str) -> None:
    """Each way of noticing a crash has its own part of the report, and one of them names the cause."""
    exception = read(report(error)).exceptions[0]
    assert (exception.type, exception.value) == (kind, value)
    assert exception.mechanism is not None
    assert exception.mechanism.type == mechanism


@pytest.mark.parametrize(
    ("kind", "adjustment"),
    [
        ("mach", "all_but_first"),
        ("signal", "all_but_first"),
        ("nsexception", "all"),
        ("cpp_exception", "all"),
        ("user", "all"),
    ],
)
def test_which_addresses_are_return_addresses(kind: str, adjustment: str) -> None:
    """The stack of an exception begins with a call too: taken as exact it resolves to the line behind."""
    event = read(report({"type": kind, kind: {"name": "X"}}))
    assert stack(event).instruction_addr_adjustment == adjustment
    assert stack(event, 1).instruction_addr_adjustment == "all_but_first"


def test_registers() -> None:
    """KSCrash writes them as signed numbers, and ARM's by other names than Sentry."""
    basic = {"x0": -1, "x29": 5, "pc": 7, "lr": 8, "bad": "x"}
    told = report()
    told["crash"]["threads"][0]["registers"] = {"basic": basic, "exception": {"far": 16}}
    event = read(told)
    assert stack(event).registers == {"x0": 2**64 - 1, "fp": 5, "pc": 7, "lr": 8}
    assert event.thread_list[0].extra["exception_registers"] == {"far": 16}


@pytest.mark.parametrize(
    ("addresses", "marked"),
    [
        ((0x1000, 0x2000, 0x2000, 0x3000), [1]),
        ((0x1000, 0x2000, 0x2000), [1]),
        ((0x1000, 0x2000, 0x3000), []),
        ((0x1000, 0x2000, 0x2000, 0x2000), []),
        ((0x1000, 0x4000, 0x4000), []),
        ((0x1000,), []),
    ],
)
def test_the_link_register_is_no_second_call(addresses: tuple[int, ...], marked: list[int]) -> None:
    """Where it was saved already it comes twice; a function that calls itself comes many times and is left alone."""
    told = report()
    told["crash"]["threads"] = [thread(0, *addresses, crashed=True, registers={"basic": {"lr": 0x2000}})]
    found = [frame.data.machinery if frame.data else None for frame in reversed(stack(read(told)).frames)]
    assert [index for index, label in enumerate(found) if label == LINK_REGISTER] == marked


@pytest.mark.parametrize("between", [0xFFFF_FFFF_FFFF_FB2D, 0xFFFF_FB2D])
def test_what_had_scheduled_the_work_is_another_stack(between: int) -> None:
    """Sentry's reporter puts an address that is none between the two: a frame in no image that nobody could resolve."""
    told = report()
    told["crash"]["threads"] = [thread(0, 0x1010, 0x1020, between, 0x1030, 0x1040, crashed=True)]
    found = reversed(stack(read(told)).frames)
    calls = [(f.instruction_addr, f.data.async_call.label if f.data and f.data.async_call else None) for f in found]
    assert calls == [(0x1010, None), (0x1020, None), (0x1030, "scheduled by"), (0x1040, None)]


def test_what_the_app_gave_along() -> None:
    """`user` is the app's own: the stack of its JavaScript may be in there."""
    told = report(user={"event_extra": {"__sentry_stack": [{"methodName": "f"}]}}, debug={"console_log": ["a", "b\nc"]})
    event = read(told)
    assert event.extra["extra"] == {"event_extra": {"__sentry_stack": [{"methodName": "f"}]}}
    assert event.breadcrumbs is not None
    assert [crumb.message for crumb in event.breadcrumbs.values] == ["a", "b", "c"]


def test_stack_and_notable_addresses() -> None:
    """They are of a thread: the strings in its registers are often the message."""
    told = report()
    notable = {"x21": {"address": 16, "type": "string", "value": "fatal error"}}
    told["crash"]["threads"][0] |= {"notable_addresses": notable, "stack": {"contents": "00"}}
    told["crash"]["threads"][0]["backtrace"]["skipped"] = 7
    extra = read(told).thread_list[0].extra
    assert (extra["notable_addresses"], extra["stack"], extra["skipped_frames"]) == (notable, {"contents": "00"}, 7)


def test_a_diagnosis_is_said() -> None:
    """KSCrash's own reading of the crash is a sentence that a person wants."""
    told = report()
    told["crash"]["diagnosis"] = "Attempted to dereference null pointer."
    assert read(told).exceptions[0].value == "KERN_INVALID_ADDRESS at 0x10\nAttempted to dereference null pointer."


def minimal(**fields: Any) -> dict[str, Any]:
    crash = {
        "error": {"type": "mach", "mach": {"exception": 2}},
        "crashed_thread": thread(7, 0x104E35030, crashed=True),
    }
    return {"report": {"id": "x", "type": "minimal"}, "crash": crash, **fields}


APPS = report(user={"a": 1})


@pytest.mark.parametrize("told", [minimal(recrash_report=APPS), {**APPS, "recrash_report": minimal()}])
def test_a_crash_in_the_crash_handler(told: dict[str, Any]) -> None:
    """The app's crash is the event, whichever of the two reports is the outer one; that there was another is said."""
    event = read(told)
    assert (event.exceptions[0].type, len(event.thread_list)) == ("EXC_BAD_ACCESS", 2)
    assert [problem.type for problem in event.errors] == ["crash_in_crash_handler"]
    assert (event.extra["extra"], event.images[0].arch) == ({"a": 1}, "arm64")
    assert isinstance(event.extra["recrash_report"], dict)


def test_a_minimal_report_alone() -> None:
    """When nothing else could be written, the handler's own stack is all there is."""
    event = read(minimal(recrash_report={"report": {"type": "standard"}}))
    assert [(one.id, one.crashed) for one in event.thread_list] == [(7, True)]
    assert event.exceptions[0].type == "EXC_BAD_INSTRUCTION"
    assert "its own stack" in (event.errors[0].message or "")


@pytest.mark.parametrize(
    ("told", "timestamp"),
    [
        (1486375290, "2017-02-06T10:01:30Z"),
        (1764974406392959, "2025-12-05T22:40:06.392959Z"),
        ("2011-12-05T22:40:06Z", "2011-12-05T22:40:06Z"),
        (-5, None),
        (2**63, None),
        ([], None),
    ],
)
def test_time_stamps(told: object, timestamp: str | None) -> None:
    """Versions write seconds, microseconds or text."""
    assert read(report(report={"id": "x", "timestamp": told})).timestamp == timestamp


def test_no_crash_in_it() -> None:
    """The error says what was looked for."""
    with pytest.raises(UnreadableInput, match=r"no report of KSCrash.*Pass the whole report"):
        READER.read(b'{"report": {}}')
    with pytest.raises(UnreadableInput):
        READER.read(b"no json")


def test_a_report_that_breaks_off() -> None:
    """The threads before the cut are read."""
    data = json.dumps(report()).encode()
    event = READER.read(data[: data.index(b'"oven"')])
    assert [problem.type for problem in event.errors] == ["incomplete_report"]
    assert len(event.thread_list) == 2


@pytest.mark.skipif(not CONFORMANCE, reason="SYMBOLICATOR_CONFORMANCE does not name the folder with react-native-ios")
def test_a_real_report() -> None:
    """A React Native app on a simulator: 27 threads, 239 images, the stack of its JavaScript given along."""
    event = READER.read((Path(CONFORMANCE) / "react-native-ios" / "report.json").read_bytes())
    assert (len(event.thread_list), len(event.images), event.exceptions[0].type) == (27, 239, "EXC_BAD_INSTRUCTION")
    assert [thread.id for thread in event.thread_list if thread.crashed] == [0]
    names = [thread.name for thread in event.thread_list]
    assert names[:2] == ["com.apple.main-thread", "com.apple.libdispatch-manager"]
    assert "com.facebook.react.JavaScript" in names
    crashed = stack(event)
    assert len(crashed.frames) == 20
    assert (crashed.frames[-1].instruction_addr, crashed.registers and crashed.registers["rip"]) == (
        4628686032, 4628686032,
    )  # fmt: skip
    assert crashed.registers is not None
    assert crashed.registers["r9"] == 2**64 - 4294967296
    assert [frame.symbol or frame.function for frame in crashed.frames[-3:]] == [
        "-[RNSentry crash]",
        "_TToFC6Sentry12SentryClient5crashfT_T_",
        "_TFs16_assertionFailedFTVs12StaticStringSSS_Su5flagsVs6UInt32_Os5Never",
    ]
    assert all(frame.image_addr for frame in crashed.frames)
    user = event.extra["extra"]
    assert isinstance(user, dict)
    extra = user["event_extra"]
    assert isinstance(extra, dict)
    assert isinstance(extra["__sentry_stack"], list)
    assert len(extra["__sentry_stack"]) == 10
    assert (event.contexts or {})["os"] == {
        "name": "iOS", "version": "10.2", "build": "16D32", "kernel_version": (
            "Darwin Kernel Version 16.4.0: Thu Dec 22 22:53:21 PST 2016; root:xnu-3789.41.3~3/RELEASE_X86_64"
        ),
    }  # fmt: skip
