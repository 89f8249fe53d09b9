"""Crash texts of macOS and iOS as events."""

import pytest

from native.crashes.apple.text import READER
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Stacktrace

IMAGES = """\
Binary Images:
0x104e34000 - 0x104e3ffff Cart arm64  <2f3a4b5c6d7e8f90a1b2c3d4e5f60718> /var/containers/Cart.app/Cart
0x1a0000000 - 0x1a00fffff libsystem_kernel.dylib arm64e  <3f3a4b5c6d7e8f90a1b2c3d4e5f60718> /usr/lib/system/libk.dylib
"""
FRAMES = """\
0   libsystem_kernel.dylib        \t0x00000001a0001000 __pthread_kill + 8
1   Cart                          \t0x0000000104e3c2c8 0x104e34000 + 33480
"""


def report(*parts: str, kind: str = "EXC_CRASH (SIGABRT)") -> Event:
    header = f"Incident Identifier: 3E5B0A1D-8C3E-4C51-9B7F-6B1F0C2D4E5F\nProcess: Cart [1]\nException Type:  {kind}\n"
    return READER.read("\n".join([header, *parts, IMAGES]).encode())


def stack(event: Event, number: int) -> Stacktrace:
    found = event.thread_list[number].stacktrace
    assert found is not None
    return found


def addresses(trace: Stacktrace | None) -> list[int]:
    """Newest first."""
    assert trace is not None
    return [int(frame.instruction_addr or 0) for frame in reversed(trace.frames)]


def test_threads_names_and_queues() -> None:
    """A thread without its name is one of thirty that look the same."""
    event = report(
        f"Thread 0 name:   Dispatch queue: com.apple.main-thread\nThread 0 Crashed:\n{FRAMES}",
        f"Thread 1 name:  oven\nThread 1:\n{FRAMES}",
        f"Thread 2:: com.apple.NSEventThread\n{FRAMES}",
        f"Thread 3:: worker  Dispatch queue: com.example.queue\n{FRAMES}",
        f"Thread 7:\n{FRAMES}",
    )
    told = [(thread.id, thread.name, thread.extra.get("dispatch_queue")) for thread in event.thread_list]
    assert told == [
        (0, "com.apple.main-thread", "com.apple.main-thread"),
        (1, "oven", None),
        (2, "com.apple.NSEventThread", None),
        (3, "worker", "com.example.queue"),
        (7, None, None),
    ]
    assert [thread.id for thread in event.thread_list if thread.crashed] == [0]
    assert [thread.id for thread in event.thread_list if thread.main] == [0]
    assert event.exceptions[0].thread_id == 0
    assert event.exceptions[0].stacktrace is None


def test_frames_lie_in_the_images_of_the_report() -> None:
    """The image's path and start are what the dSYM and the offset in it are found by."""
    event = report(f"Thread 0 Crashed:: Dispatch queue: com.apple.main-thread\n{FRAMES}")
    own, system = stack(event, 0).frames
    assert (own.package, own.instruction_addr, own.image_addr) == (
        "/var/containers/Cart.app/Cart", 0x104E3C2C8, 0x104E34000,
    )  # fmt: skip
    assert (system.function, system.package, system.symbol_addr) == (
        "__pthread_kill", "/usr/lib/system/libk.dylib", 0x1A0000FF8,
    )  # fmt: skip
    assert stack(event, 0).instruction_addr_adjustment == "all_but_first"


def test_the_body_says_which_thread_crashed() -> None:
    """The header counts threads as they were; shown is the stack that the report marks, and the doubt is said."""
    event = report(
        "Triggered by Thread:  5\n", f"Thread 0:\n{FRAMES}", f"Thread 1 Crashed:\n{FRAMES}", f"Thread 5:\n{FRAMES}"
    )
    assert [thread.id for thread in event.thread_list if thread.crashed] == [1]
    assert [problem.type for problem in event.errors] == ["crashed_thread_ambiguous"]
    assert "names thread 5 as the one that crashed, and marks thread 1" in (event.errors[0].message or "")
    mechanism = event.exceptions[0].mechanism
    assert mechanism is not None
    assert (mechanism.data or {})["thread_named_by_header"] == 5


def test_the_header_says_it_where_the_body_does_not() -> None:
    """Texts that were edited lose the mark, and a report without a crashed thread answers nothing."""
    event = report("Crashed Thread:        1  Dispatch queue: x\n", f"Thread 0:\n{FRAMES}", f"Thread 1:\n{FRAMES}")
    assert [thread.id for thread in event.thread_list if thread.crashed] == [1]
    assert event.errors == ()
    assert not any(thread.crashed for thread in report(f"Thread 0:\n{FRAMES}").thread_list)


def test_two_marked_threads() -> None:
    """Exactly one thread crashed: of two marked ones that which the header names."""
    event = report("Triggered by Thread: 2\n", f"Thread 1 Crashed:\n{FRAMES}", f"Thread 2 Crashed:\n{FRAMES}")
    assert [thread.id for thread in event.thread_list if thread.crashed] == [2]
    assert event.errors[0].type == "crashed_thread_ambiguous"


def test_the_last_exceptions_own_stack() -> None:
    """The crashed thread shows abort; where the exception came from is in its own backtrace, all return addresses."""
    event = report(
        "Application Specific Information:\nabort() called\n"
        "*** Terminating app due to uncaught exception 'NSRangeException', reason: 'it's beyond'\n",
        "Last Exception Backtrace:\n0   Cart  0x104e35010 0x104e34000 + 4112\n1   Cart  0x104e35020 main + 32\n",
        f"Thread 0 Crashed:\n{FRAMES}",
    )
    exception = event.exceptions[0]
    assert (exception.type, exception.value) == ("NSRangeException", "it's beyond\nabort() called")
    assert exception.mechanism is not None
    assert exception.mechanism.type == "nsexception"
    assert addresses(exception.stacktrace) == [0x104E35010, 0x104E35020]
    assert exception.stacktrace is not None
    assert exception.stacktrace.instruction_addr_adjustment == "all"
    assert event.thread_list[0].crashed
    assert len(stack(event, 0).frames) == 2


def test_the_last_exception_as_bare_addresses() -> None:
    """What a device writes before anybody resolved it: addresses alone, in parentheses."""
    event = report(
        "Last Exception Backtrace:\n(0x104e35010 0x104e35020\t0x1a0001000)\n", f"Thread 0 Crashed:\n{FRAMES}"
    )
    exception = event.exceptions[0]
    assert addresses(exception.stacktrace) == [0x104E35010, 0x104E35020, 0x1A0001000]
    assert exception.stacktrace is not None
    assert exception.stacktrace.frames[-1].package == "/var/containers/Cart.app/Cart"
    assert (exception.type, exception.value) == ("EXC_CRASH", "SIGABRT")


def test_the_applications_own_backtrace() -> None:
    """MacOS has the exception's stack under another heading."""
    event = report(
        "Application Specific Backtrace 1:\n0   Cart   0x104e35010 -[Cart sum] + 16\n", f"Thread 0 Crashed:\n{FRAMES}"
    )
    assert addresses(event.exceptions[0].stacktrace) == [0x104E35010]


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (
            (
                "Thread 1 crashed with ARM Thread State (64-bit):\n"
                "    x0: 0x0000000000000001   x1: 0x2\n  x28: 0x3  fp: 0x4  lr: 0x5\n   sp: 0x6  pc: 0x7 cpsr: 0x8\n"
                "   far: 0x9  esr: 0x92000046 (Data Abort) byte write Translation fault\n"
            ),
            {"x0": 1, "x1": 2, "x28": 3, "fp": 4, "lr": 5, "sp": 6, "pc": 7, "cpsr": 8, "far": 9, "esr": 0x92000046},
        ),
        (
            (
                "Thread 1 crashed with X86 Thread State (64-bit):\n  rax: 0x1  r10: 0x2  rip: 0x3  rfl: 0x4\n"
                "  cr2: 0x5\n  \nLogical CPU:     0\nError Code:      0x00000006\n"
            ),
            {"rax": 1, "r10": 2, "rip": 3, "rflags": 4, "cr2": 5},
        ),
        (
            (
                "Thread 1 crashed with ARM Thread State:\n    r0: 0x1  r7: 0x2  r11: 0x3\n"
                "    ip: 0x4    sp: 0x5    lr: 0x6    pc: 0x7\n  cpsr: 0x8\n"
            ),
            {"r0": 1, "r7": 2, "r11": 3, "r12": 4, "sp": 5, "lr": 6, "pc": 7, "cpsr": 8},
        ),
    ],
)
def test_registers(state: str, names: dict[str, int]) -> None:
    """Registers belong to the thread that the heading names, under the names that Sentry has for them."""
    event = report(f"Thread 0:\n{FRAMES}", f"Thread 1 Crashed:\n{FRAMES}", state, kind="EXC_BAD_ACCESS (SIGSEGV)")
    assert stack(event, 1).registers == names
    assert stack(event, 0).registers is None


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ("Exception Codes: 0x1, 0x10\nException Subtype: KERN_INVALID_ADDRESS at 0x10", "KERN_INVALID_ADDRESS at 0x10"),
        ("Exception Codes: KERN_INVALID_ADDRESS at 0x0000000000000010", "KERN_INVALID_ADDRESS at 0x0000000000000010"),
        ("Exception Codes: 0x0000000000000002, 0x0000000000000010", "KERN_PROTECTION_FAILURE at 0x10"),
        ("Exception Codes: 0x000000000000000d, 0x0", "EXC_I386_GPFLT at 0x0"),
    ],
)
def test_what_a_bad_access_was(fields: str, value: str) -> None:
    """The address tells a null pointer from a freed one."""
    event = report(f"{fields}\nThread 0 Crashed:\n{FRAMES}", kind="EXC_BAD_ACCESS (SIGSEGV)")
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("EXC_BAD_ACCESS", value)


@pytest.mark.parametrize(
    ("kind", "fields", "value"),
    [
        (
            "EXC_CRASH (SIGKILL)",
            "Termination Reason: FRONTBOARD 2343432205 \n<RBSTerminateContext| domain:10 explanation:too slow>",
            (
                "SIGKILL; FRONTBOARD 0x8badf00d: the watchdog ended the app because it did not respond in time\n"
                "<RBSTerminateContext| domain:10 explanation:too slow>"
            ),
        ),
        (
            "EXC_CRASH (SIGKILL)",
            "Termination Reason: Namespace RUNNINGBOARD, Code 0xdead10cc",
            "SIGKILL; RUNNINGBOARD 0xdead10cc: the app was suspended while it held a file lock or a SQLite lock",
        ),
        (
            "EXC_CRASH (SIGABRT)",
            "Termination Reason: Namespace SIGNAL, Code 0x6\nTermination Signal: Abort trap: 6",
            "SIGABRT",
        ),
        (
            "EXC_CRASH (SIGABRT)",
            "Termination Reason: DYLD, [0x1] Library missing\n\nDyld Error Message:\n  Library not loaded: @rpath/Till",
            (
                "SIGABRT; DYLD 1: a library that the program needs was not found\nLibrary missing\n"
                "Library not loaded: @rpath/Till"
            ),
        ),
        (
            "EXC_BREAKPOINT (SIGTRAP)",
            "Application Specific Information:\nCart/Cart.swift:42: Fatal error: Index out of range",
            "Cart/Cart.swift:42: Fatal error: Index out of range",
        ),
        (
            "EXC_CRASH (SIGABRT)",
            "Termination Reason: TCC, This app has crashed because it attempted to access privacy-sensitive data.",
            "TCC: the app asked for private data without saying in its Info.plist what for\nThis app has crashed",
        ),
        ("00000020", "Exception Codes: 0x000000008badf00d", "the watchdog"),
    ],
)
def test_who_ended_the_process_and_why(kind: str, fields: str, value: str) -> None:
    """A process that was killed has no fault in its stack: the reason is the answer."""
    event = report(f"{fields}\n\nThread 0 Crashed:\n{FRAMES}", kind=kind)
    assert value in (event.exceptions[0].value or "")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            "Thread 0 crashed with ARM Thread State:\n esr: 0x92000046 (Data Abort) byte write\n",
            "(Data Abort) byte write",
        ),
        ("Error Code:      0x00000006 (no mapping for user data write)\n", "no mapping for user data write"),
        ("Error Code:      0x00000006\n", None),
    ],
)
def test_what_the_processor_said(state: str, words: str | None) -> None:
    """Whether it was a read or a write is half of the cause."""
    event = report(f"Thread 0 Crashed:\n{FRAMES}", state, kind="EXC_BAD_ACCESS (SIGSEGV)")
    assert event.exceptions[0].mechanism is not None
    assert (event.exceptions[0].mechanism.data or {}).get("exception_syndrome") == words


def test_an_exception_of_cpp() -> None:
    """The runtime names the type and what it says of itself."""
    event = report(
        "Application Specific Information:\n"
        "terminating with uncaught exception of type std::runtime_error: no such table\nabort() called\n",
        f"Thread 0 Crashed:\n{FRAMES}",
    )
    assert (event.exceptions[0].type, event.exceptions[0].value) == (
        "std::runtime_error", "no such table\nabort() called",
    )  # fmt: skip


def test_where_it_ran() -> None:
    """The same stack means something else on another system."""
    text = f"""\
Incident Identifier: 3E5B0A1D-8C3E-4C51-9B7F-6B1F0C2D4E5F
Hardware Model:      iPhone14,5
Process:             My Cart [1052]
Identifier:          com.example.cart
Version:             2.4 (87)
Code Type:           ARM-64 (Native)
Date/Time:           2023-04-06 18:06:51.4969 +0200
OS Version:          iPhone OS 16.4 (20E247)

Thread 0 Crashed:
{FRAMES}"""
    event = READER.read(text.encode())
    assert event.contexts == {
        "os": {"name": "iOS", "version": "16.4", "build": "20E247"},
        "device": {"model": "iPhone14,5", "arch": "arm64"},
        "app": {"app_name": "My Cart", "app_identifier": "com.example.cart", "app_version": "2.4 (87)"},
    }
    assert event.timestamp == "2023-04-06T18:06:51.4969+02:00"
    assert event.event_id == "3e5b0a1d8c3e4c519b7f6b1f0c2d4e5f"


def test_a_text_of_macos() -> None:
    """MacOS writes bundle ids, the mark for foreign code, and its model at the end."""
    text = """\
Process:               Cart [2131]
Path:                  /Applications/Cart.app/Contents/MacOS/Cart
Identifier:            com.example.Cart
Version:               1.0 (7)
Code Type:             X86-64 (Native)
OS Version:            Mac OS X 10.15.7 (19H2)
Report Version:        12
Crashed Thread:        0  Dispatch queue: com.apple.main-thread
Exception Type:        EXC_BAD_INSTRUCTION (SIGILL)
Exception Codes:       0x0000000000000001, 0x0000000000000000

Thread 0 Crashed:: Dispatch queue: com.apple.main-thread
0   com.example.Cart              \t0x000000010b1e9000 Cart.sum() + 16 (Cart.swift:9)
1   libdyld.dylib                 \t0x00007fff6e1c1cc9 start + 1

Backtrace not available

Binary Images:
       0x10b1e8000 -      0x10b1f7ff7 +com.example.Cart (1.0 - 7) <1B2C3D4E-5F60-3718-8293-A4B5C6D7E8F9> /Applications/C
    0x7fff6e1a7000 - 0x7fff6e1ddfff  libdyld.dylib (750.6) <2B2C3D4E-5F60-3718-8293-A4B5C6D7E8F9> /usr/lib/libdyld.dylib

Model: MacBookPro15,1, BootROM 1554.60.15.0.0, 6 processors
"""
    event = READER.read(text.encode())
    assert event.exceptions[0].value == "EXC_I386_INVOP"
    assert event.contexts is not None
    assert event.contexts["os"] == {"name": "macOS", "version": "10.15.7", "build": "19H2"}
    assert event.contexts["device"] == {"model": "MacBookPro15,1", "arch": "x86_64"}
    assert [(image.code_file, image.extra) for image in event.images] == [
        ("/Applications/C", {"is_own": True}),
        ("/usr/lib/libdyld.dylib", {}),
    ]
    start, own = stack(event, 0).frames
    assert (own.package, own.filename, own.lineno, own.status) == ("/Applications/C", "Cart.swift", 9, "as_is")
    assert start.package == "/usr/lib/libdyld.dylib"


def test_a_translated_report() -> None:
    """Console shows a text made of an .ips file, with that file below: one report, and its frames once."""
    line = "-------------------------------------"
    text = f"""\
{line}
Translated Report (Full Report Below)
{line}

Process:               Cart [2131]
Exception Type:        EXC_CRASH (SIGABRT)

Thread 0 Crashed::  Dispatch queue: com.apple.main-thread
{FRAMES}
{IMAGES}
-----------
Full Report
-----------

{{"app_name":"Cart","bug_type":"309"}}
{{
  "threads" : [{{"triggered":true,"id":7,"frames":[{{"imageOffset":1,"imageIndex":0}}]}}]
}}
"""
    event = READER.read(text.encode())
    assert [len(stack(event, 0).frames), len(event.thread_list), len(event.images)] == [2, 1, 2]
    assert event.exceptions[0].type == "EXC_CRASH"


def test_the_text_of_plcrashreporter() -> None:
    """It has placeholders for what it does not know, and a signal instead of a Mach exception."""
    text = f"""\
Incident Identifier: [TODO]
CrashReporter Key:   [TODO]
Hardware Model:      iPad2,1
Process:         Cart [1]
Code Type:       ARM

Exception Type:  SIGSEGV
Exception Codes: SEGV_MAPERR at 0x10
Crashed Thread:  0

Thread 0 Crashed:
{FRAMES}
{IMAGES}"""
    event = READER.read(text.encode())
    assert (event.exceptions[0].type, event.exceptions[0].value) == ("SIGSEGV", "SEGV_MAPERR at 0x10")
    mechanism = event.exceptions[0].mechanism
    assert mechanism is not None
    assert (mechanism.type, mechanism.meta) == ("signal", {"signal": {"number": 11, "name": "SIGSEGV"}})
    assert event.event_id is None
    assert READER.read(text.replace("SEGV_MAPERR", "#0").encode()).exceptions[0].value == "at 0x10"


def test_images_that_only_frames_name() -> None:
    """An excerpt without its images still says where the program was loaded: its dSYM can be found by name."""
    text = f"Process: Cart [1]\nThread 0 Crashed:\n{FRAMES}"
    event = READER.read(text.encode())
    assert [(image.code_file, image.image_addr) for image in event.images] == [("Cart", 0x104E34000)]
    system = stack(event, 0).frames[1]
    assert (system.function, system.status) == ("__pthread_kill", "as_is")


def test_an_image_whose_name_stands_for_the_function() -> None:
    """`Cart + 33480` is an address that nobody resolved, and no function called Cart; `main + 52` in main is one."""
    event = report("Thread 0 Crashed:\n0   Cart   0x104e3c2c8 Cart + 33480\n1   Cart   0x104e3c2c8 Cart + 8\n")
    outer, inner = stack(event, 0).frames
    assert (inner.function, outer.function, outer.symbol_addr) == (None, "Cart", 0x104E3C2C0)


def test_calls_that_the_report_shows_inlined() -> None:
    """Looked up again, the frame around them would bring them a second time."""
    event = report(
        "Thread 0 Crashed:\n0   Cart   0x104e3c2c8 inner() + 0 (C.swift:9) [inlined]\n"
        "1   Cart   0x104e3c2c8 outer() + 8 (C.swift:20)\n2   Cart   0x104e3c2d8 main + 8\n"
    )
    main, outer, inner = stack(event, 0).frames
    assert [frame.status for frame in (inner, outer, main)] == ["as_is", "as_is", None]
    assert inner.data is not None
    assert inner.data.inlined


def test_the_log_becomes_breadcrumbs() -> None:
    """What the app logged last often says what it was doing."""
    event = report(f"Thread 0 Crashed:\n{FRAMES}", "Filtered syslog:\nCart: checking out\nCart: paying\n")
    assert event.breadcrumbs is not None
    assert [crumb.message for crumb in event.breadcrumbs.values] == ["Cart: checking out", "Cart: paying"]
    assert report(f"Thread 0 Crashed:\n{FRAMES}", "Filtered syslog:\nNone found\n").breadcrumbs is None


def test_only_the_first_report_of_a_text() -> None:
    """Two crashes in one file are two: threads of the second one must not fill up the first."""
    first = f"Incident Identifier: A\nException Type: EXC_CRASH (SIGABRT)\nThread 0 Crashed:\n{FRAMES}"
    event = READER.read((first + first.replace("Thread 0", "Thread 1")).encode())
    assert [thread.id for thread in event.thread_list] == [0]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_odd_encodings(encoding: str, newline: str) -> None:
    """Texts go through mail programs and editors on their way here."""
    text = f"Process: Café [1]\nException Type: EXC_CRASH (SIGABRT)\nThread 0 name: Öfen\nThread 0 Crashed:\n{FRAMES}"
    event = READER.read(text.replace("\n", newline).encode(encoding))
    assert len(stack(event, 0).frames) == 2
    assert (event.thread_list[0].name or "").endswith("fen")
    assert not (event.thread_list[0].name or "").endswith("\r")


@pytest.mark.parametrize(
    "text",
    [
        "Analysis of sampling Cart (pid 7) every 1 millisecond\nProcess: Cart [7]\nCall graph:\n    8 Thread_1\n",
        "Date/Time: x\nEvent:            hang\nProcess: Cart [7]\nThread 0x1  priority 4\n  8  start + 1\n",
    ],
)
def test_samples_and_hangs_are_refused(text: str) -> None:
    """They look alike and have no crash: shown as one they would blame an innocent thread."""
    assert READER.detect(text.encode()) == 0.0
    with pytest.raises(UnreadableInput, match="sample or hang report"):
        READER.read(text.encode())


def test_a_text_without_a_crash() -> None:
    """The error says what was looked for."""
    with pytest.raises(UnreadableInput, match="Thread 0 Crashed"):
        READER.read(b"Process: Cart [1]\n")
