"""Kinds of crashes: what happened is said in words, on proof, and nothing is claimed without."""

from pathlib import Path
from typing import Any

import pytest

from symbolicator import codec
from symbolicator.engine import Engine
from symbolicator.enrich import enrich
from symbolicator.enrich.kinds import kind_of
from symbolicator.enrich.kinds.table import KINDS
from symbolicator.merge import merge
from symbolicator.model import (
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    ReportedAddress,
    Stacktrace,
    Values,
)
from symbolicator.store import FolderCache, FolderStore

GOLDEN = Path(__file__).parents[2] / "golden"

REAL = {
    "cpp-abort": ("abort", "SIGABRT: Aborted", "shop::give_up"),
    "cpp-assertion": ("assertion", "Assertion failed: cents >= 0", "shop::check"),
    "cpp-division": ("arithmetic-error", "SIGFPE: Arithmetic exception", "shop::share_of"),
    "cpp-double-free": (
        "heap-corruption", "The heap was damaged: free(): double free detected in tcache 2", "shop::give_back_twice",
    ),
    "cpp-exception": ("uncaught-exception", "Uncaught C++ exception: std::out_of_range: no price for plum", "main"),
    "cpp-fortify": ("checked-overflow", "buffer overflow detected: terminated", "shop::copy_label"),
    "cpp-memory": ("out-of-memory", "Ran out of memory: std::bad_alloc", "shop::reserve"),
    "cpp-null": ("invalid-memory-access", "SIGSEGV: Segmentation fault", "shop::next_price"),
    "cpp-recursion": (
        "stack-overflow", "Stack overflow: recursion of shop::sum_of (1,812 frames) (SIGSEGV)", "shop::sum_of",
    ),
    "cpp-stack-smashing": ("stack-smashing", "stack smashing detected: terminated", "shop::write_label"),
    "cpp-trap": ("trap", "SIGILL: Illegal instruction", "shop::never"),
    "cpp-wild": ("invalid-memory-access", "SIGSEGV: Segmentation fault", "shop::beyond"),
    "go-deadlock": ("deadlock", "fatal error: all goroutines are asleep - deadlock!", "main"),
    "go-division": ("divide-by-zero", "panic: runtime error: integer divide by zero", "share"),
    "go-maps": ("data-race", "fatal error: concurrent map writes", "main.func1"),
    "go-null": (
        "null-pointer", "panic: runtime error: invalid memory address or nil pointer dereference", "nextPrice",
    ),
    "go-recursion": ("stack-overflow", "Stack overflow: recursion of total (fatal error)", "total"),
    "java-division": ("divide-by-zero", "ArithmeticException: / by zero", "share"),
    "java-memory": ("out-of-memory", "OutOfMemoryError: Java heap space", "hoard"),
    "java-null": (
        "null-pointer",
        'NullPointerException: Cannot invoke "String.length()" because "<parameter1>" is null',
        "cents",
    ),
    "java-recursion": ("stack-overflow", "Stack overflow: recursion of total (StackOverflowError)", "total"),
    "js-memory": (
        "out-of-memory", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", None,
    ),
    "js-null": ("null-pointer", "TypeError: Cannot read properties of undefined (reading 'cents')", None),
    "js-recursion": ("stack-overflow", "Stack overflow: recursion of total (RangeError)", None),
    "python-division": ("divide-by-zero", "ZeroDivisionError: division by zero", "share"),
    "python-memory": ("out-of-memory", "MemoryError", "hoard"),
    "python-recursion": ("stack-overflow", "Stack overflow: recursion of total (998 frames) (RecursionError)", "total"),
    "rust-division": ("divide-by-zero", "panic: attempt to divide by zero", "faults::share"),
    "rust-panic": ("panic", "panic: no price", "faults::price"),
}  # fmt: skip
"""What programs that were made to fail so are called: kind, title, culprit's function."""

GOLDENS = {
    "android-anr": ("not-responding", "did not respond for 5 s"),
    "android-tombstone-heap": ("use-after-free", "use of memory after it was freed"),
    "android-tombstone": ("null-pointer", "null pointer dereference"),
    "apple-crash-text": ("uncaught-exception", None),
    "apple-jetsam": ("out-of-memory", "ran out of memory"),
    "apple-watchdog": ("watchdog", "watchdog: did not respond for 10 s"),
    "core-small": ("null-pointer", "null pointer dereference"),
    "java-deadlock": ("deadlock", "deadlock"),
    "merge-node": ("fatal-error", None),
    "minidump-windows-arm64": ("unreadable-file", "a mapped file could not be read"),
    "san-asan-stack": ("buffer-overflow", "buffer overflow"),
    "san-lsan": ("memory-leak", "memory leak"),
    "san-msan": ("uninitialized-memory", "use of memory that was never written"),
    "san-tsan": ("data-race", "data race"),
    "san-ubsan": ("undefined-behavior", None),
    "unity-windows": ("null-pointer", "null pointer dereference"),
}
"""Kinds of other fixtures' events."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(FolderStore([tmp_path_factory.mktemp("empty")], [], FolderCache()))


@pytest.mark.parametrize("case", REAL)
def test_a_program_that_failed_so_is_called_so(case: str, engine: Engine, fixtures: Path) -> None:
    """A title that names a signal, or glibc's way of raising it, tells a person nothing about what happened."""
    event = engine.resolve((fixtures / "crash-kinds" / f"{case}.txt").read_bytes())
    kind, title, culprit = REAL[case]
    assert (event.crash_kind and event.crash_kind.id, event.title) == (kind, title)
    assert (event.culprit or "").split(" (")[0] == (culprit or "")


@pytest.mark.parametrize("case", GOLDENS)
def test_kinds_of_recorded_events(case: str) -> None:
    """The rendering's heading and the groups' titles say it."""
    kind = kind_of(codec.decode((GOLDEN / f"{case}.json").read_bytes()))
    assert (kind and kind.id, kind and kind.words) == GOLDENS[case]


def crash(  # noqa: PLR0913 - one a thing that kinds are recognised by
    name: str = "SIGABRT",
    value: str = "",
    *,
    calls: tuple[str, ...] = (),
    code: str | None = None,
    mechanism: str = "signalhandler",
    stack_pointer: int | None = None,
) -> Event:
    """``calls``: those of libraries above the program's own, oldest first."""
    frames = (Frame(function="own", in_app=True), *(Frame(function=call, in_app=False) for call in calls))
    registers: dict[str, ReportedAddress | None] | None = None
    if stack_pointer is not None:
        registers = {"rsp": ReportedAddress(stack_pointer)}
    meta: dict[str, Any] = {"signal": {"name": name, "code_name": code}} if name.startswith("SIG") else {}
    error = ExceptionValue(
        type=name,
        value=value or None,
        mechanism=Mechanism(type=mechanism, handled=False, meta=meta),
        stacktrace=Stacktrace(frames=frames, registers=registers),
    )
    return enrich(merge(Event(exception=Values(values=(error,)))))


MADE_UP = {
    "lmkd": (crash("FATAL ERROR", "invalid table size Allocation failed"), "out-of-memory"),
    "oom killer": (crash("Kernel", "Out of memory: Killed process 812 (shop)"), "out-of-memory"),
    "rust oom": (crash(value="memory allocation of 12 bytes failed"), "out-of-memory"),
    "v8 oom": (crash(calls=("v8::internal::V8::FatalProcessOutOfMemory(v8::internal::Isolate*)",)), "out-of-memory"),
    "exc_resource": (crash("EXC_RESOURCE", "RESOURCE_TYPE_MEMORY (HIGH_WATERMARK)"), "out-of-memory"),
    "near the stack": (crash("SIGSEGV", "SEGV_ACCERR at 0x7ffc0ff8", stack_pointer=0x7FFC1000), "stack-overflow"),
    "windows stack": (crash("EXCEPTION_STACK_OVERFLOW"), "stack-overflow"),
    "tombstone's cause": (
        crash("SIGSEGV", "SEGV_ACCERR at 0x7f: stack pointer is in a non-existent map; likely due to stack overflow."),
        "stack-overflow",
    ),
    "soft lockup": (crash("soft lockup", "CPU#3 stuck for 26s! [deliver:4711]"), "watchdog"),
    "hung task": (crash("task", "deliver:4711 blocked for more than 120 seconds"), "watchdog"),
    "app hang": (crash("AppHang", "App hanging for at least 2000 ms."), "not-responding"),
    "cpu": (crash("EXC_RESOURCE", "RESOURCE_TYPE_CPU (CPU_MONITOR_FATAL)"), "cpu-limit"),
    "mte": (crash("SIGSEGV", "SEGV_MTESERR at 0xb400007b61e3fff0", code="SEGV_MTESERR"), "use-after-free"),
    "android's smashed stack": (
        crash(value="stack corruption detected (-fstack-protector)", calls=("__stack_chk_fail",)), "stack-smashing",
    ),
    "fortify": (crash(value="FORTIFY: strcpy: prevented 12-byte write into 8-byte buffer"), "checked-overflow"),
    "apple's heap": (
        crash(value="malloc: *** error for object 0x60: pointer being freed was not allocated"), "heap-corruption",
    ),
    "scudo": (crash(value="Scudo ERROR: corrupted chunk header at address 0x7f"), "heap-corruption"),
    "checkjni": (crash(value="JNI DETECTED ERROR IN APPLICATION: use of deleted local reference"), "jni-error"),
    "rust's panic in a core": (crash(calls=("core::panicking::panic_fmt", "abort")), "panic"),
    "assert in a core": (crash(value="shop: shop.c:7: f: Assertion `n' failed."), "assertion"),
    "assert by its calls": (crash(calls=("__assert_fail", "abort", "raise")), "assertion"),
    "java's assertion": (crash("AssertionError", mechanism="generic"), "assertion"),
    "swift": (crash("EXC_BREAKPOINT", "Shop/Cart.swift:12: Fatal error: no price"), "swift-runtime-failure"),
    "apple's c++": (
        crash("SIGABRT", "terminating due to uncaught exception of type shop::Error: no"), "uncaught-exception",
    ),
    "terminate": (crash(calls=("std::terminate()", "abort")), "terminate"),
    "pac": (crash("EXC_BAD_ACCESS", "EXC_ARM_PAC_FAIL at 0x20001"), "pointer-authentication"),
    "misaligned": (crash("SIGBUS", "BUS_ADRALN at 0x10003", code="BUS_ADRALN"), "misaligned-access"),
    "guard page": (crash("STATUS_GUARD_PAGE_VIOLATION"), "guard-page"),
    "integer division": (crash("SIGFPE", "FPE_INTDIV at 0x55d0", code="FPE_INTDIV"), "divide-by-zero"),
    "seccomp": (crash("SIGSYS", code="SYS_SECCOMP"), "forbidden-system-call"),
}  # fmt: skip


@pytest.mark.parametrize("case", MADE_UP)
def test_texts_and_codes_of_systems_that_no_fixture_comes_from(case: str) -> None:
    """Made up after the sources that the table names: on those systems the kind would be missed."""
    event, expected = MADE_UP[case]
    assert event.crash_kind
    assert event.crash_kind.id == expected


def test_every_kind_has_a_test() -> None:
    """A rule that nobody ever saw fire may never do so."""
    tested = {one[0] for one in (*REAL.values(), *GOLDENS.values())} | {one[1] for one in MADE_UP.values()}
    assert {kind.id for kind in KINDS} <= tested


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (crash("SIGSEGV", "SI_KERNEL at 0x0", code="SI_KERNEL"), "invalid-memory-access"),
        (crash("SIGSEGV", "SEGV_MAPERR at 0x7f0000001000"), "invalid-memory-access"),
        (crash("SIGSEGV", "SEGV_MAPERR at 0x7f00001000", calls=("operator new(size_t)",)), "invalid-memory-access"),
        (crash("SIGSEGV", "SEGV_MAPERR at 0x7f00001000", calls=("__cxa_throw",)), "invalid-memory-access"),
        (crash("CheckoutError", "the cart is empty", mechanism="generic"), None),
    ],
    ids=["address unknown", "far from null", "in the allocator", "while throwing", "an error of the program's own"],
)  # fmt: skip
def test_without_proof_no_kind_is_claimed(event: Event, expected: str | None) -> None:
    """An engineer would look for a null pointer, or for a leak, that is not there."""
    assert (event.crash_kind and event.crash_kind.id) == expected


def test_a_dive_into_recursion_that_ended_otherwise_is_no_stack_overflow() -> None:
    """A tree of a hundred levels with a bad leaf is no endless recursion."""
    frames = (Frame(function="walk", in_app=True),) * 100
    error = ExceptionValue(type="SIGSEGV", value="SEGV_MAPERR at 0x7f0000001000", stacktrace=Stacktrace(frames=frames))
    found = kind_of(merge(Event(exception=Values(values=(error,)))))
    assert found
    assert found.id == "invalid-memory-access"


def test_a_report_that_says_it_itself_is_not_told_again() -> None:
    """The heading would say everything twice."""
    told = crash("SIGSEGV", "SEGV_MAPERR at 0x8: null pointer dereference").crash_kind
    untold = crash("SIGSEGV", "SEGV_MAPERR at 0x8").crash_kind
    assert told
    assert untold
    assert (told.is_told, untold.is_told) == (True, False)
    assert told.words == untold.words == "null pointer dereference"


def test_the_title_quotes_what_a_program_said_before_it_ended_itself() -> None:
    """That SIGABRT came is less than what the assertion was."""
    title = crash(value="shop: shop.c:7: f: Assertion `n' failed.").title
    assert title == "Assertion failed: shop: shop.c:7: f: Assertion `n' failed. (SIGABRT)"


def test_an_event_that_names_its_title_keeps_it() -> None:
    """A backend that calls it something else knows why."""
    event = enrich(merge(Event(title="Mine", exception=Values(values=(ExceptionValue(type="MemoryError"),)))))
    assert event.title == "Mine"
    assert event.crash_kind
    assert event.crash_kind.id == "out-of-memory"
