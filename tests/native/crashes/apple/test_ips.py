"""The system's reports in JSON as events."""

import json
from typing import Any

import pytest

from native.crashes.apple.ips import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Stacktrace

HEADER = {"app_name": "Cart", "bug_type": "309", "os_version": "iPhone OS 17.1.2 (21B101)", "app_version": "2.4",
          "bundleID": "com.example.cart", "incident_id": "F71CCC53-3A83-4BA7-88A4-09303932E28A",
          "timestamp": "2024-01-25 19:25:26.00 -0500", "build_version": "87"}  # fmt: skip
IMAGES = [
    {"source": "P", "arch": "arm64", "base": 0x104E34000, "size": 0xC000, "name": "Cart", "path": "/var/Cart.app/Cart",
     "uuid": "2f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718"},
    {"source": "S", "arch": "arm64e", "base": 0x1A0000000, "size": 0x100000, "name": "libsystem_kernel.dylib",
     "path": "/usr/lib/system/libsystem_kernel.dylib", "uuid": "3f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718"},
    {"size": 0, "source": "A", "base": 0, "uuid": "00000000-0000-0000-0000-000000000000"},
]  # fmt: skip
CRASHED = {"triggered": True, "id": 36849, "queue": "com.apple.main-thread", "frames": [
    {"imageOffset": 0x1000, "symbol": "__pthread_kill", "symbolLocation": 8, "imageIndex": 1},
    {"imageOffset": 0x82C8, "imageIndex": 0},
]}  # fmt: skip


def read(*documents: object) -> Event:
    return READER.read("\n".join(json.dumps(document) for document in documents).encode())


def body(**fields: object) -> dict[str, Any]:
    exception = {"type": "EXC_CRASH", "signal": "SIGABRT", "rawCodes": [0, 0]}
    return {"exception": exception, "threads": [CRASHED], "usedImages": IMAGES, "faultingThread": 0, **fields}


def stack(event: Event, number: int = 0) -> Stacktrace:
    found = event.thread_list[number].stacktrace
    assert found is not None
    return found


def test_frames_by_image_and_offset() -> None:
    """Images slide; the frame's address is where its own one was loaded, plus the offset."""
    own, system = stack(read(HEADER, body())).frames
    assert (own.instruction_addr, own.image_addr, own.package) == (0x104E3C2C8, 0x104E34000, "/var/Cart.app/Cart")
    assert (system.function, system.instruction_addr, system.symbol_addr) == (
        "__pthread_kill",
        0x1A0001000,
        0x1A0000FF8,
    )


def test_images_of_the_report() -> None:
    """The image that stands for "no image" lies at 0 and would cover every wild address."""
    images = read(HEADER, body()).images
    assert [(image.code_file, image.debug_id, image.arch) for image in images] == [
        ("/var/Cart.app/Cart", "2f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718", "arm64"),
        ("/usr/lib/system/libsystem_kernel.dylib", "3f3a4b5c-6d7e-8f90-a1b2-c3d4e5f60718", "arm64e"),
    ]


def test_a_frame_in_no_image() -> None:
    """A jump to a wild address: the address itself is the finding."""
    frames = [{"imageOffset": 0xDEADBEEF, "imageIndex": 2}, {"imageOffset": 16, "imageIndex": 77}, {}]
    wild, lost = reversed(stack(read(HEADER, body(threads=[{**CRASHED, "frames": frames}]))).frames)
    assert wild.instruction_addr == 0xDEADBEEF
    assert lost.instruction_addr is None
    assert lost.data is not None
    assert lost.data.extra == {"image_offset": 16}


def test_symbolicated_and_inlined_frames() -> None:
    """What Xcode resolved stays, and is not resolved a second time into twice the calls."""
    frames = [
        {"imageOffset": 0x82C8, "imageIndex": 0, "symbol": "inner()", "symbolLocation": 0, "sourceFile": "C.swift",
         "sourceLine": 9, "inline": True},
        {"imageOffset": 0x82C8, "imageIndex": 0, "symbol": "outer()", "symbolLocation": 8, "sourceFile": "C.swift",
         "sourceLine": 20},
        {"imageOffset": 0x82D8, "imageIndex": 0, "symbol": "thunk", "sourceFile": "/<compiler-generated>",
         "sourceLine": 0},
    ]  # fmt: skip
    thunk, outer, inner = stack(read(HEADER, body(threads=[{**CRASHED, "frames": frames}]))).frames
    assert [(frame.filename, frame.lineno, frame.status) for frame in (inner, outer, thunk)] == [
        ("C.swift", 9, "as_is"), ("C.swift", 20, "as_is"), (None, None, None),
    ]  # fmt: skip
    assert inner.data is not None
    assert inner.data.inlined


def test_registers() -> None:
    """`x` is an array without names; the others have theirs."""
    state = {"x": [{"value": 1}, {"value": 2**64 - 1}], "flavor": "ARM_THREAD_STATE64", "lr": {"value": 3},
             "pc": {"value": 4, "matchesCrashFrame": 1},
             "esr": {"value": 5, "description": " Address size fault"}}  # fmt: skip
    event = read(HEADER, body(threads=[{**CRASHED, "threadState": state}]))
    assert stack(event).registers == {"x0": 1, "x1": 2**64 - 1, "lr": 3, "pc": 4, "esr": 5}


def test_threads() -> None:
    """Threads are counted as the report counts them; the system's own id stays beside."""
    other = {"id": 36864, "name": "oven", "frames": [], "threadState": {"rax": {"value": 7}}}
    event = read(HEADER, body(threads=[CRASHED, other]))
    told = [(thread.id, thread.name, thread.crashed, thread.extra.get("system_id")) for thread in event.thread_list]
    assert told == [(0, "com.apple.main-thread", True, 36849), (1, "oven", None, 36864)]
    assert stack(event, 1).registers == {"rax": 7}


def test_the_marked_thread_counts() -> None:
    """`faultingThread` and `triggered` may disagree: shown is the stack with the mark, and the doubt is said."""
    event = read(HEADER, body(faultingThread=1, threads=[CRASHED, {"id": 2, "frames": CRASHED["frames"]}]))
    assert [thread.crashed for thread in event.thread_list] == [True, None]
    assert [problem.type for problem in event.errors] == ["crashed_thread_ambiguous"]
    unmarked = {name: value for name, value in CRASHED.items() if name != "triggered"}
    assert read(HEADER, body(threads=[unmarked])).thread_list[0].crashed
    without = body(threads=[unmarked], legacyInfo={"threadHighlighted": 0})
    del without["faultingThread"]
    assert read(HEADER, without).thread_list[0].crashed


def test_the_last_exception() -> None:
    """Where the exception was raised, not where the runtime aborted."""
    said = {
        "libsystem_c.dylib": ["abort() called"],
        "CoreFoundation": ["*** Terminating app due to uncaught exception 'NSRangeException', reason: 'beyond'"],
    }
    event = read(HEADER, body(asi=said, lastExceptionBacktrace=CRASHED["frames"]))
    exception = event.exceptions[0]
    assert (exception.type, exception.value) == ("NSRangeException", "beyond\nabort() called")
    assert exception.stacktrace is not None
    assert len(exception.stacktrace.frames) == 2
    assert exception.stacktrace.instruction_addr_adjustment == "all"
    assert exception.thread_id == 0


def test_the_backtrace_that_a_library_left() -> None:
    """Without the last exception's own stack there is the one that its library wrote as text."""
    text = "0   Cart  0x0000000104e35010 -[Cart sum] + 16\n1   Cart  0x0000000104e35020 main + 32"
    event = read(HEADER, body(asiBacktraces=[text]))
    trace = event.exceptions[0].stacktrace
    assert trace is not None
    assert [frame.function for frame in trace.frames] == ["main", "-[Cart sum]"]


def test_termination() -> None:
    """Numbers alone do not tell who ended the process, and why."""
    told = {"namespace": "FRONTBOARD", "code": 2343432205, "indicator": "x", "reasons": ["scene-create", "10 s"],
            "byProc": "SpringBoard"}  # fmt: skip
    exception = read(HEADER, body(termination=told)).exceptions[0]
    assert exception.value == (
        "SIGABRT; FRONTBOARD 0x8badf00d: the watchdog ended the app because it did not respond in time\n"
        "x\nscene-create\n10 s"
    )
    assert exception.mechanism is not None
    assert (exception.mechanism.data or {})["terminating_process"] == "SpringBoard"


def test_where_it_ran() -> None:
    """The body says it better than the line above it; what only that has is kept."""
    event = read(
        HEADER,
        body(
            osVersion={"train": "iPhone OS 17.1.2", "build": "21B101"}, modelCode="iPhone11,8", cpuType="ARM-64",
            procName="Cart", captureTime="2024-01-25 19:25:25.7990 -0500",
        ),
    )  # fmt: skip
    assert event.contexts is not None
    assert event.contexts["os"] == {"name": "iOS", "version": "17.1.2", "build": "21B101"}
    assert event.contexts["device"] == {"model": "iPhone11,8", "arch": "arm64"}
    assert event.contexts["app"] == {"app_name": "Cart"}
    assert (event.timestamp, event.event_id) == ("2024-01-25T19:25:25.7990-05:00", "f71ccc533a834ba788a409303932e28a")
    assert read(HEADER, body()).contexts == {
        "os": {"name": "iOS", "version": "17.1.2", "build": "21B101"},
        "app": {"app_name": "Cart", "app_identifier": "com.example.cart", "app_version": "2.4", "app_build": "87"},
    }


def test_nothing_of_the_body_is_lost() -> None:
    """What no field fits is there as it came: memory, triage, notes."""
    event = read(HEADER, body(vmSummary="Writable", ktriageinfo="VM", isCorpse=1, reportNotes=["a"]))
    assert event.extra["ips"] == {"vmSummary": "Writable", "ktriageinfo": "VM", "isCorpse": 1, "reportNotes": ["a"]}
    assert event.extra["ips_header"] == HEADER


def test_the_body_alone() -> None:
    """People copy the report without its first line."""
    event = READER.read(json.dumps(body(bug_type="309"), indent=2).encode())
    assert len(stack(event).frames) == 2


def test_the_header_above_a_text() -> None:
    """Before iOS 15 the report below the line was a text."""
    text = "Process: Cart [1]\nException Type: EXC_CRASH (SIGABRT)\n\nThread 0 Crashed:\n0   Cart   0x1000 main + 8\n"
    event = READER.read(json.dumps({**HEADER, "bug_type": "109"}).encode() + b"\n" + text.encode())
    assert event.thread_list[0].crashed
    assert event.event_id == "f71ccc533a834ba788a409303932e28a"
    assert (event.contexts or {})["os"] == {"name": "iOS", "version": "17.1.2", "build": "21B101"}


def test_a_file_that_breaks_off() -> None:
    """The threads before the cut are read, and the event says that there was more."""
    data = (json.dumps(HEADER) + "\n" + json.dumps(body())).encode()
    event = READER.read(data[: data.index(b"usedImages")])
    assert [problem.type for problem in event.errors] == ["incomplete_report"]
    assert event.exceptions[0].type == "EXC_CRASH"
    assert [frame.function for frame in stack(event).frames] == [None, "__pthread_kill"]


def test_damage_in_the_middle() -> None:
    """What stands whole behind a damaged byte is read too."""
    data = (json.dumps(HEADER) + "\n" + json.dumps({"uptime": [1, 2], **body()})).encode()
    event = READER.read(data.replace(b"[1, 2]", b"[1; 2]"))
    assert [problem.type for problem in event.errors] == ["incomplete_report"]
    assert (event.exceptions[0].type, len(stack(event).frames), len(event.images)) == ("EXC_CRASH", 2, 2)


@pytest.mark.parametrize("first", ['{"app_name":"Cart","bug_ty\x00pe":"309"}', '{"app_name":"Ca', "x{}", "{"])
def test_a_damaged_header(first: str) -> None:
    """It costs what it says, and not the report below."""
    event = READER.read(f"{first}\n{json.dumps(body())}".encode())
    assert len(stack(event).frames) == 2
    text = "Exception Type: EXC_CRASH (SIGABRT)\n\nThread 0 Crashed:\n0   Cart   0x1000 main + 8\n"
    assert READER.read(f"{first}\n{text}".encode()).thread_list[0].crashed


def test_memory_pressure() -> None:
    """There is no stack: who was killed, why, and how large it was is the whole answer."""
    report = {"largestProcess": "Cart", "memoryStatus": {"pageSize": 16384}, "product": "iPhone14,5", "processes": [
        {"name": "Cart", "pid": 7, "rpages": 65536, "reason": "per-process-limit", "states": ["frontmost"]},
        {"name": "other", "pid": 8, "rpages": 10},
    ]}  # fmt: skip
    event = read({**HEADER, "bug_type": "298"}, report)
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "Jetsam",
        (
            "Cart (pid 7) was killed (per-process-limit: it used more memory than one process may; it had 1,024 MB; "
            "frontmost). The largest process was Cart with 1,024 MB."
        ),
    )
    assert event.thread_list == ()


@pytest.mark.parametrize("kind", ["210", "288", "202", "777"])
def test_other_kinds_are_refused(kind: str) -> None:
    """The error says what the file is, and which one is wanted."""
    with pytest.raises(UnreadableInput, match=rf"bug_type {kind}.*Pass a crash report"):
        read({"bug_type": kind}, {"panicString": "x"})
    with pytest.raises(UnreadableInput, match=r"Pass a crash report"):
        READER.read(json.dumps({"bug_type": kind}).encode() + b"\nPowerstats for Cart")


def test_fields_of_the_wrong_type() -> None:
    """Somebody else's converter wrote it: what can be read is read."""
    event = read(
        HEADER,
        body(
            threads=[None, 7, {"frames": "x", "threadState": [], "id": "y", "triggered": "no"}, CRASHED],
            usedImages=IMAGES, termination=[], asi=["x"], exception="EXC_CRASH", faultingThread="zero",
        ),
    )  # fmt: skip
    assert [thread.crashed for thread in event.thread_list] == [None, True]
