"""Fingerprints: the same bug from another build is one group; two bugs are two."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from symbolicator import codec
from symbolicator.enrich import enrich
from symbolicator.enrich.cleaned import clean_file, clean_function, clean_message
from symbolicator.enrich.fingerprint import MAX_CALLS
from symbolicator.enrich.signatures import without_signature
from symbolicator.merge import merge
from symbolicator.model import (
    Event,
    ExceptionValue,
    Fingerprint,
    Frame,
    FrameData,
    FrameStatus,
    ReportedAddress,
    Stacktrace,
    Values,
)

Frames = tuple[Frame, ...]


def js(function: str, file: str, line: int = 1) -> Frame:
    return Frame(function=function, filename=file, lineno=line, platform="javascript", in_app=True)


def cpp(function: str | None, line: int | None = 1) -> Frame:
    address = ReportedAddress(0x1000)
    place = {"filename": "src/shop.cpp", "lineno": line} if line else {}
    return Frame(
        function=function, package="/srv/libshop.so", instruction_addr=address, platform="native", in_app=True, **place  # type: ignore[arg-type]  # of a dict
    )  # fmt: skip


MIXED = (js("render", "app.tsx"), js("pay", "cart.ts", 7), cpp("shop::charge(int)"), cpp("shop::total", 12))


def prints(frames: Frames, kind: str = "SIGSEGV", value: str = "at 0x8") -> dict[str, Fingerprint]:
    error = ExceptionValue(type=kind, value=value, stacktrace=Stacktrace(frames=frames))
    event = enrich(merge(Event(exception=Values(values=(error,)))))
    return {one.name: one for one in event.fingerprints}


def test_a_fingerprint_says_what_it_was_made_of() -> None:
    """Whoever wonders why two crashes are one group must be able to read it."""
    parts = prints(MIXED)["merged"].parts
    assert parts == ("invalid memory access", "shop::total", "shop::charge", "pay (cart.ts)", "render (app.tsx)")


@pytest.mark.parametrize(
    "same",
    [
        (js("render", "assets/app.3f9c2b1a.tsx", 90), *MIXED[1:]),
        (*MIXED[:2], cpp("shop::charge(int) [clone .isra.0]", 99), cpp("shop::total.part.3")),
        (*MIXED, replace(cpp("memcpy"), in_app=False)),
        (*MIXED, replace(cpp("handler"), data=FrameData(machinery="signal handling"))),
        (MIXED[0], *(MIXED[1],) * 9, *MIXED[2:]),
    ],
    ids=["file hash", "compiler's clones", "library below", "signal handler", "recursion"],
)
def test_another_build_of_the_same_bug_has_the_same_fingerprint(same: Frames) -> None:
    """Every release would open its groups anew, and nobody would see that the bug is old."""
    assert prints(same)["merged"].hash == prints(MIXED)["merged"].hash


@pytest.mark.parametrize(
    "other",
    [(*MIXED[:3], cpp("shop::refund")), MIXED[:3], (js("pay", "order.ts"), *MIXED[2:])],
    ids=["other function", "other depth", "other file"],
)
def test_another_bug_has_another_fingerprint(other: Frames) -> None:
    """Two bugs in one group: one is fixed, and the other is closed with it."""
    assert prints(other)["merged"].hash != prints(MIXED)["merged"].hash


def test_missing_symbols_of_one_language_leave_the_others_fingerprint() -> None:
    """A build whose debug files were lost would split the group, though its JavaScript says which bug it is."""
    lost = (*MIXED[:2], cpp(None, None), cpp(None, None))
    assert prints(lost)["javascript"].hash == prints(MIXED)["javascript"].hash
    assert prints(lost)["native"].hash != prints(MIXED)["native"].hash


def test_without_a_trace_the_message_counts_without_its_numbers() -> None:
    """Nothing else is known of such a crash; with its ids and times in it each would be a group of one."""
    one, other = (prints((), "OutOfMemory", f"heap of {size} MB at 0x{size:x}")["merged"] for size in (512, 511))
    assert one.hash == other.hash
    assert one.parts == ("OutOfMemory", "heap of … MB at …")


def test_a_long_stack_counts_from_the_crash_on() -> None:
    """How the program was started must not part crashes of the same bug."""
    deep = tuple(cpp(f"f{depth}") for depth in range(100))
    assert prints(deep)["merged"].parts == (
        "invalid memory access",
        *(f"f{depth}" for depth in range(99, 99 - MAX_CALLS, -1)),
    )


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        ("total.part.0.isra.1", "total"), ("core::ops::call::h0123456789abcdef", "core::ops::call"),
        ("shop::run::{{closure}}", "shop::run::{closure}"), ("shop::run::{closure#2}", "shop::run::{closure}"),
        ("run(int)::{lambda(int)#1}::operator()", "run(int)::{lambda}::operator()"),
        ("main.run.func1.2", "main.run.func"),
        ("lambda$onCreate$3", "lambda$onCreate"), ("Shop$$Lambda/0x00007f1c.run", "Shop$$Lambda.run"), ("a.b", "a.b"),
        ("__33-[Bridge handle:]_block_invoke.478", "__-[Bridge handle:]_block_invoke"), ("", ""),
    ],
)  # fmt: skip
def test_names_are_cleaned_of_what_builds_add(noisy: str, clean: str) -> None:
    """Counters and hashes in names change with every build."""
    assert clean_function(noisy) == clean
    assert clean_function(clean) == clean


@pytest.mark.parametrize(
    ("noisy", "clean"),
    [
        ("https://cdn.shop/app-3f9c2b1a.js?v=3#x", "app.js"), ("main.b8e1fe25.chunk.js", "main.chunk.js"),
        ("C:\\src\\cart.cpp", "cart.cpp"), ("feedback.js", "feedback.js"), ("index-DLQ2X7WA.js", "index.js"), ("", ""),
    ],
)  # fmt: skip
def test_files_are_cleaned_of_their_hashes(noisy: str, clean: str) -> None:
    """A bundle's name has the hash of its content."""
    assert clean_file(noisy) == clean


def test_messages_are_cleaned_of_values() -> None:
    """Addresses and counts differ from crash to crash."""
    assert clean_message("index 12 of 3.5, id 0x7f00\nmore") == "index … of …, id …"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("int shop::weigh<int (*)(Parcel const*)>(std::vector<Parcel> const&) const", "shop::weigh"),
        ("(anonymous namespace)::By<Price>::operator()(Line const&)", "(anonymous namespace)::By::operator()"),
        ("bool operator< <char>(std::string const&)", "operator<"), ("Foo::operator bool()", "Foo::operator bool"),
        ("T* Ptr<T>::operator->() const", "Ptr::operator->"), ("operator", "operator()"),
        ("std::string shop::name[abi:cxx11](int)", "shop::name"), ("-[Payments charge:]", "-[Payments charge:]"),
        ("PaymentQueue.add(_:)", "PaymentQueue.add(_:)"), ("f(", "f"), ("", ""), ("(((", "((("),
        ("<ledger::Cents as ledger::Amount>::total", "<ledger::Cents as ledger::Amount>::total"),
    ],
)  # fmt: skip
def test_native_names_lose_their_signatures(name: str, bare: str) -> None:
    """Debug information names a function without them, a symbol table with them: one group would be two."""
    assert without_signature(name) == bare
    assert without_signature(bare) == bare


GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize(
    "cases",
    [
        ("android-tombstone", "android-tombstone-pb", "android-logcat", "android-tombstone-heap"),
        ("lldb-threads", "lldb-stripped"),
        ("apple-ips", "minidump-macos", "minidump-upload"),
        ("minidump-android", "minidump-windows-arm64"),
        ("minidump-windows", "minidump-unreal"),
    ],
    ids=["tombstones", "debuggers", "on macOS", "on two systems", "a dump and its container"],
)
def test_one_bug_is_one_group_whatever_read_it(cases: tuple[str, ...]) -> None:
    """Each reader and system has its own name for the same error, and its own way to write a function."""
    events = [codec.decode((GOLDEN / f"{case}.json").read_bytes()) for case in cases]
    assert len({event.fingerprints[0].parts for event in events}) == 1


def test_the_same_script_has_the_same_fingerprint_under_a_native_crash() -> None:
    """A crash below JavaScript would have nothing in common with what JavaScript reports of it."""
    event, other = (
        codec.decode((GOLDEN / f"{case}.json").read_bytes()) for case in ("merge-hermes-crash", "hermes-rn")
    )
    below = next(one for one in event.fingerprints if one.name == "javascript")
    assert below.parts[1:] == other.fingerprints[0].parts[1:]


def test_calls_without_names_are_told_apart_by_their_place() -> None:
    """All crashes in a library without symbols would be one bug, and those of a recursion there a hundred calls."""
    frames = [replace(cpp(None, None), addr_mode="rel:0", instruction_addr=ReportedAddress(at)) for at in (16, 32, 32)]
    parts = prints(tuple(frames))["merged"].parts
    assert parts == ("invalid memory access", "? (libshop.so+0x20)", "? (libshop.so+0x10)")


def test_a_minified_name_without_its_mapping_says_so() -> None:
    """The next build calls another function ``t``."""
    lost = replace(js("t", "app.js"), data=FrameData(status=FrameStatus.MISSING))
    assert prints((lost,))["merged"].parts == ("invalid memory access", "? t (app.js)")
