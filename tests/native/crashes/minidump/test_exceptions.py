"""Why a dump was written, in the words of the system that it comes from."""

import pytest

from native.crashes.minidump.reader import READER
from tests.native.crashes.minidump.dumps import Fault, crash, md, raised

WINDOWS = [
    (0xC0000005, (0, 0x8), "EXCEPTION_ACCESS_VIOLATION", "reading address 0x8 (a null pointer)"),
    (0xC0000005, (1, 0x7FF600000000), "EXCEPTION_ACCESS_VIOLATION", "writing address 0x7ff600000000"),
    (0xC0000005, (8, 0x12345678), "EXCEPTION_ACCESS_VIOLATION", "executing address 0x12345678"),
    (
        0xC0000005, (0, 0xFFFFFFFFFFFFFFFF), "EXCEPTION_ACCESS_VIOLATION",
        "reading an address that the processor does not tell, as it is none (not canonical)",
    ),
    (0xC0000005, (), "EXCEPTION_ACCESS_VIOLATION", "at address 0x401000"),
    (
        0xC0000006, (0, 0x20000, 0xC000009C), "EXCEPTION_IN_PAGE_ERROR",
        "reading address 0x20000, which cannot be loaded: STATUS_DEVICE_DATA_ERROR",
    ),
    (
        0xC0000006, (0, 0x20000, 0xFFFFFFFFC0001234), "EXCEPTION_IN_PAGE_ERROR",
        "reading address 0x20000, which cannot be loaded: NTSTATUS 0xc0001234",
    ),
    (0xC00000FD, (1, 0x7000), "EXCEPTION_STACK_OVERFLOW", "the thread used up its stack"),
    (
        0xC0000409, (8,), "STATUS_STACK_BUFFER_OVERRUN", "FAST_FAIL_RANGE_CHECK_FAILURE: an index was out of range",
    ),
    (0xC0000409, (15,), "STATUS_STACK_BUFFER_OVERRUN", "fast fail code 15"),
    (
        0xE06D7363, (0x19930520, 0xCFF7B0, 0x7FF612345678, 0x7FF600000000), "CPP_EXCEPTION",
        "an exception of C++ that nobody caught, object at 0xcff7b0",
    ),
    (0xE0434352, (0x80131509,), "CLR_EXCEPTION", "an exception of .NET that nobody caught, HRESULT 0x80131509"),
    (0xE0000008, (4096,), "OUT_OF_MEMORY", "there is no more memory: 4,096 bytes were wanted"),
    (0xC0000094, (), "EXCEPTION_INT_DIVIDE_BY_ZERO", "integer division by zero"),
    (0xC0000374, (), "STATUS_HEAP_CORRUPTION", "the heap found its own data overwritten"),
    (0x12345678, (), "EXCEPTION 0x12345678", "at address 0x401000"),
]  # fmt: skip
LINUX = [
    (11, 1, 0x8, "SIGSEGV", "SEGV_MAPERR at 0x8: nothing is mapped there"),
    (11, 0x80, 0, "SIGSEGV", "SI_KERNEL: raised by the kernel, which tells no address"),
    (6, 0xFFFFFFFA, 0x3E800000FFF, "SIGABRT", "SI_TKILL: sent to one thread, as abort(3) and raise(3) do"),
    (7, 2, 0x7F0000001000, "SIGBUS", "BUS_ADRERR at 0x7f0000001000: there is no memory behind the address"),
    (8, 1, 0x401000, "SIGFPE", "FPE_INTDIV at 0x401000: integer division by zero"),
    (99, 1, 0x8, "signal 99", "si_code 1 at 0x8"),
]
APPLE = [
    (md.X86_64, Fault(1, flags=1, address=0x74), "EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS at 0x74"),
    (md.ARM64, Fault(1, flags=0x105, address=0x74), "EXC_BAD_ACCESS", "EXC_ARM_PAC_FAIL at 0x74"),
    (
        md.X86_64,
        Fault(1, parameters=(1, 2, 0x1_0000_0074)),
        "EXC_BAD_ACCESS",
        "KERN_PROTECTION_FAILURE at 0x100000074",
    ),
    (md.X86_64, Fault(6, flags=2), "EXC_BREAKPOINT", "EXC_I386_BPT"),
    (md.X86_64, Fault(5, flags=0x10003, address=6), "EXC_SOFTWARE", "SIGABRT"),
    (md.ARM64, Fault(10, parameters=(10, 0x6000000, 0)), "EXC_CRASH", "SIGABRT"),
    (md.ARM64, Fault(10, parameters=(10, 0xB100001, 0x74)), "EXC_BAD_ACCESS", "KERN_INVALID_ADDRESS at 0x74"),
    (md.ARM64, Fault(77, flags=3), "Mach exception 0x4d", "code 0x3"),
]


@pytest.mark.parametrize(("code", "parameters", "kind", "text"), WINDOWS)
def test_exceptions_of_windows(code: int, parameters: tuple[int, ...], kind: str, text: str) -> None:
    """A number is no answer at 3 a.m., and the address that was read is half of one."""
    value = raised(crash(md.X86_64, md.WINDOWS, Fault(code, address=0x401000, parameters=parameters)))
    assert (value.type, value.value, value.thread_id) == (kind, text, 7)


@pytest.mark.parametrize(("code", "flags", "address", "kind", "text"), LINUX)
def test_signals_of_linux(code: int, flags: int, address: int, kind: str, text: str) -> None:
    """Who sent the signal, or what was accessed: the code says it, and has no sign in the file."""
    value = raised(crash(md.X86_64, md.LINUX, Fault(code, flags, address)))
    assert (value.type, value.value) == (kind, text)


@pytest.mark.parametrize(("arch", "fault", "kind", "text"), APPLE)
def test_mach_exceptions(arch: int, fault: Fault, kind: str, text: str) -> None:
    """Breakpad and Crashpad put code and subcode in different places; a packed EXC_CRASH hides what it was."""
    value = raised(crash(arch, md.MACOS, fault))
    assert (value.type, value.value) == (kind, text)


def test_the_mechanism_has_the_numbers() -> None:
    """Rules that look at signal and Mach exception by number would see nothing."""
    meta = raised(crash(md.X86_64, md.LINUX, Fault(11, 1, 8))).mechanism
    assert meta is not None
    assert meta.meta == {"signal": {"number": 11, "name": "SIGSEGV", "code": 1, "code_name": "SEGV_MAPERR"}}
    assert meta.data == {"relevant_address": "0x8"}
    mach = raised(crash(md.X86_64, md.MACOS, Fault(1, 2, 0x74))).mechanism
    assert mach is not None
    assert mach.meta == {
        "mach_exception": {"exception": 1, "name": "EXC_BAD_ACCESS", "code": 2, "subcode": 0x74},
        "signal": {"name": "SIGBUS"},
    }


@pytest.mark.parametrize("code", [0xFFFFFFFF, 0x0517A7ED, 0x43507378])
def test_a_dump_that_was_asked_for_is_no_crash(code: int) -> None:
    """A watchdog's dumps would be counted and shown as crashes."""
    event = READER.read(crash(md.X86_64, md.LINUX, Fault(code)))
    [value], [thread] = event.exceptions, event.thread_list
    assert (value.type, event.level) == ("DUMP_REQUESTED", "info")
    assert "Nothing crashed" in (value.value or "")
    assert (thread.crashed, thread.current, value.thread_id) == (False, True, 7)
    assert value.mechanism is not None
    assert value.mechanism.handled is True


def test_without_exception_breakpad_says_who_asked() -> None:
    """The thread of interest would be one of many."""
    dump = md.Writer()
    context = dump.place(md.context_x86_64({"rip": 0x401000, "rsp": 0x7000}))
    stack = dump.memory(0x7000, bytes(64))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, md.WINDOWS))
    dump.stream(md.THREADS, md.listed(md.thread(7, stack, context), md.thread(8, stack, context)))
    dump.stream(md.BREAKPAD_INFO, md.struct.pack("<III", 3, 8, 7))
    event = READER.read(dump.finish())
    assert [thread.current for thread in event.thread_list] == [True, None]
    assert [thread.state for thread in event.thread_list] == [None, "wrote the dump"]
    assert event.thread_list[1].stacktrace is None


def test_an_assertion_is_the_message() -> None:
    """The program said what was wrong: a signal's number says less."""
    fields = b"".join(text.encode("utf-16-le").ljust(256, b"\0") for text in ("x != 0", "init", "main.c"))
    assertion = fields + md.struct.pack("<II", 99, 0)
    value = raised(crash(md.X86_64, md.WINDOWS, Fault(0x80000003), (md.ASSERTION_INFO, assertion)))
    assert (value.value or "").splitlines()[0] == "main.c:99: init: Assertion `x != 0' failed."
    pure = bytes(768) + md.struct.pack("<II", 0, 2)
    value = raised(crash(md.X86_64, md.WINDOWS, Fault(0x80000003), (md.ASSERTION_INFO, pure)))
    assert (value.value or "").splitlines()[0] == "Pure virtual function call."


def test_a_lost_exception_is_not_taken_for_a_wish() -> None:
    """An upload that broke off would be filed as a dump that somebody asked for."""
    data = crash(md.X86_64, md.LINUX, Fault(11))
    directory = data.index(md.struct.pack("<II", md.EXCEPTION, 168))
    lost = data[:directory] + md.struct.pack("<III", md.EXCEPTION, 168, len(data) + 8) + data[directory + 12 :]
    event = READER.read(lost)
    assert (event.exceptions[-1].type, event.level) == ("UNKNOWN_EXCEPTION", "fatal")
