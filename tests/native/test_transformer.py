"""The native transformer over artifacts made by hand: every status, every text, and what is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from native.protocol import Companion, DebugFileSummary, SourceLocation
from native.transformer import TRANSFORMER
from symbolicator.model import (
    AbsoluteAddress,
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    FrameData,
    FrameStatus,
    LookupAddress,
    Problem,
    RelativeAddress,
    ReportedAddress,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.protocols import Artifact, Blob, Key, Missing, NearMiss, Transformer

BUILD_ID = "c93f807e1ddcfec105a7cbd7a12c6f280bdee617"
DEBUG_ID = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"
OTHER_ID = "ffff807e1ddcfec105a7cbd7a12c6f280bdee617"
BASE = 0x55E7BB245000
SHOP = DebugImage(
    type="elf",
    code_file="/srv/shop",
    code_id=BUILD_ID,
    image_addr=AbsoluteAddress(BASE),
    image_size=0x9000,
    arch="x86_64",
)
LIBC = DebugImage(
    type="elf",
    code_file="/lib/x86_64-linux-gnu/libc.so.6",
    code_id="93ac61ec5a8eb1396f9fbd350e3169a558528a40",
    image_addr=AbsoluteAddress(0x7F0000000000),
    image_size=0x200000,
)
NO_ID = DebugImage(type="elf", code_file="./shop", image_addr=AbsoluteAddress(BASE), image_size=0x9000)

Answers = Mapping[Key, Artifact | Missing]


class Run(Protocol):
    def __call__(
        self, transformer: Transformer, event: Event, answers: Answers, /
    ) -> tuple[Event, list[frozenset[Key]]]: ...


def location(function: str, line: int | None = 7, **changes: object) -> SourceLocation:
    values: dict[str, object] = {
        "function": function,
        "symbol": None,
        "file": "/src/./order.cpp",
        "line": line,
        "column": 3,
        "language": "cpp",
        "entry": RelativeAddress(0x1F00),
        "evidence": "debug info",
    }
    return SourceLocation(**(values | changes))  # type: ignore[arg-type]


@dataclass
class FakeSymCache:
    """Knows the chains that a test gives it, innermost first."""

    chains: dict[int, tuple[SourceLocation, ...]]
    symbols: dict[str, int] = field(default_factory=dict)
    load_address: int = 0
    arch: str = "x86_64"
    calls: int = 0
    crc32: int = 0
    missing_companions: tuple[Companion, ...] = ()
    companions: tuple[Blob, ...] = ()

    def lookup(self, addresses: Sequence[LookupAddress]) -> list[tuple[SourceLocation, ...]]:
        self.calls += 1
        return [self.chains.get(address, ()) for address in addresses]

    def symbol_address(self, name: str) -> RelativeAddress | None:
        found = self.symbols.get(name)
        return None if found is None else RelativeAddress(found)

    def with_companions(self, blobs: Sequence[Blob]) -> "FakeSymCache":
        return FakeSymCache(self.chains, self.symbols, companions=tuple(blobs))


def frame(address: int | None, function: str | None = None, **changes: object) -> Frame:
    reported = None if address is None else ReportedAddress(address)
    return replace(Frame(instruction_addr=reported, function=function), **changes)


def event(*frames: Frame, images: Sequence[DebugImage] = (SHOP, LIBC), platform: str | None = "native") -> Event:
    stack = Stacktrace(frames=frames)
    return Event(
        platform=platform,
        exception=Values(values=(ExceptionValue(type="SIGSEGV", stacktrace=stack),)),
        debug_meta=DebugMeta(images=tuple(images)) if images else None,
    )


def artifact(key: Key, content: object, name: str = "bin/shop.debug") -> dict[Key, Artifact | Missing]:
    return {key: Artifact(key, name, content)}


def debug(symcache: FakeSymCache, code_id: str = BUILD_ID) -> dict[Key, Artifact | Missing]:
    return artifact(Key("native-debug", "code_id", code_id), symcache)


def headers(code_id: str | None, link: str | None = None) -> DebugFileSummary:
    return DebugFileSummary(
        "elf", "x86_64", "executable", code_id, None, link, 0, has_debug_info=False, has_symbols=False
    )


def frames_of(result: Event) -> tuple[Frame, ...]:
    stack = result.exceptions[0].stacktrace
    return stack.frames if stack else ()


def statuses(result: Event) -> list[FrameStatus | None]:
    return [one.status for one in frames_of(result)]


def only_problem(result: Event) -> Problem:
    [problem] = result.errors
    assert {one.data.problem for one in frames_of(result) if one.data and one.data.problem} == {problem.id}
    return problem


def test_inlined_calls_become_frames_of_their_own(run: Run) -> None:
    """The point of it all: callers first, the failing call last, each with its own line."""
    chain = (
        location("shop::price(int)", 28, language="cpp"),
        location("int shop::sum<int>(std::vector<int> const&)", 42),
        location("shop::total()", 18, symbol="_ZN4shop5totalEv"),
    )
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), debug(FakeSymCache({0x2000: chain})))
    shown = [(one.function, one.lineno, one.colno, one.data and one.data.inlined) for one in frames_of(result)]
    assert shown == [("shop::total", 18, 3, False), ("shop::sum<T>", 42, 3, True), ("shop::price", 28, 3, True)]
    outer, _, inner = frames_of(result)
    assert (outer.abs_path, outer.filename, outer.package) == ("/src/order.cpp", "src/order.cpp", "/srv/shop")
    assert (outer.symbol_addr, inner.symbol_addr) == (BASE + 0x1F00, None)
    assert {one.instruction_addr for one in frames_of(result)} == {BASE + 0x2000}
    assert {one.image_addr for one in frames_of(result)} == {BASE}
    assert outer.symbol == "_ZN4shop5totalEv"
    assert outer.lang == "cpp"
    assert outer.data
    assert (outer.data.resolved_with, outer.data.evidence) == ("build-id", "debug info")
    assert [one.data and one.data.original_index for one in frames_of(result)] == [0, 0, 0]
    raw = result.exceptions[0].raw_stacktrace
    assert raw is not None
    assert len(raw.frames) == 1
    assert result.errors == ()
    assert [image.debug_status for image in result.images] == ["found", "unused"]


def test_each_debug_file_is_asked_once(run: Run) -> None:
    """A trace of a hundred frames must cost one lookup a file."""
    symcache = FakeSymCache({0x1FFF: (location("a"),), 0x2FFF: (location("b"),), 0x4000: (location("c"),)})
    stack = event(frame(BASE + 0x2000), frame(BASE + 0x3000), frame(BASE + 0x4000))
    result, rounds = run(TRANSFORMER, stack, debug(symcache))
    assert [one.function for one in frames_of(result)] == ["a", "b", "c"]
    assert symcache.calls == 1
    ids = {Key("native-debug", "code_id", BUILD_ID), Key("native-debug", "debug_id", DEBUG_ID)}
    assert rounds == [ids]


def test_symbols_serve_where_there_is_no_debug_information(run: Run) -> None:
    """A name is better than an address; the frame says that it is no more than that."""
    found = location("shop::total", None, file=None, column=None, evidence="symbol table")
    answers = artifact(Key("native-symbols", "code_id", BUILD_ID), FakeSymCache({0x2000: (found,)}))
    result, rounds = run(TRANSFORMER, event(frame(BASE + 0x2000)), answers)
    [shown] = frames_of(result)
    assert (shown.function, shown.lineno, shown.status) == ("shop::total", None, FrameStatus.SYMBOLICATED)
    assert shown.data
    assert shown.data.evidence == "symbol table"
    assert [{key.kind for key in wanted} for wanted in rounds] == [{"native-debug"}, {"native-symbols", "native"}]


def test_debug_ids_find_files_too(run: Run) -> None:
    """Sentry's payload of many SDKs has a debug id and no build id."""
    image = replace(SHOP, code_id=None, debug_id=DEBUG_ID.upper())
    answers = artifact(Key("native-debug", "debug_id", DEBUG_ID), FakeSymCache({0x2000: (location("a"),)}))
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000), images=[image]), answers)
    [shown] = frames_of(result)
    assert shown.data
    assert shown.data.resolved_with == "debug-id"


def test_without_an_id_the_name_has_to_do_and_the_frame_says_so(run: Run) -> None:
    """A name is a weaker claim than a build id: the file may be of another build."""
    answers = artifact(Key("native-debug", "name", "shop"), FakeSymCache({0x2000: (location("a"),)}), "bin/shop")
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000), images=[NO_ID]), answers)
    missed, _ = run(TRANSFORMER, event(frame(BASE + 0x3000), images=[NO_ID]), answers)
    assert [one.data.resolved_with for one in frames_of(result) if one.data] == ["name"]
    assert result.errors == ()
    problem = only_problem(missed)
    assert "found by its name alone" in (problem.message or "")


def test_a_stripped_binary_leads_to_its_debug_file(run: Run) -> None:
    """Its own build id, or its debug link, says which file it was split from, whatever that one is called."""
    symcache = FakeSymCache({0x2000: (location("a"),)})
    binary = artifact(Key("native", "name", "shop"), headers(BUILD_ID, "other.debug"), "bin/shop")
    stack = event(frame(BASE + 0x2000), images=[NO_ID])
    by_id, _ = run(TRANSFORMER, stack, binary | debug(symcache))
    by_link, _ = run(TRANSFORMER, stack, binary | artifact(Key("native-debug", "name", "other.debug"), symcache))
    by_name, _ = run(TRANSFORMER, stack, artifact(Key("native-debug", "name", "shop.debug"), symcache))
    for result in (by_id, by_link, by_name):
        [shown] = frames_of(result)
        assert shown.data
        assert (shown.function, shown.data.resolved_with) == ("a", "name")


def test_another_builds_file_is_never_used(run: Run) -> None:
    """Its lines would be plausible and wrong. The problem names both ids."""
    wrong = artifact(Key("native-debug", "name", "shop"), FakeSymCache({0x2000: (location("a"),)}))
    seen = artifact(Key("native", "name", "shop"), headers(OTHER_ID), "bin/shop")
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), wrong | seen)
    problem = only_problem(result)
    assert statuses(result) == [FrameStatus.MISSING]
    assert problem.type == "native_missing_dsym"
    assert problem.message == (
        f"bin/shop is of another build than the shop that crashed: build id {OTHER_ID}, wanted {BUILD_ID}."
    )
    assert problem.remedy == (
        "Build with -g and pass the unstripped binary or its .debug file with --artifacts; its build id must be "
        f"{BUILD_ID}."
    )
    assert (problem.image_path, problem.image_uuid, problem.image_arch) == ("/srv/shop", BUILD_ID, "x86_64")
    assert [image.debug_status for image in result.images] == ["wrong_id", "unused"]


def test_a_missing_file_is_described_with_what_is_near(run: Run) -> None:
    """The user has to know which file to fetch, and sees the one that was nearly it."""
    key = Key("native-debug", "code_id", BUILD_ID)
    near = (NearMiss("bin/shop-old.debug", f"has build id {OTHER_ID}, wanted {BUILD_ID}"),)
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), {key: Missing(key, "No file.", near)})
    problem = only_problem(result)
    assert problem.message == (
        f"No debug file for /srv/shop (build id {BUILD_ID}) was found (near: bin/shop-old.debug, has build id "
        f"{OTHER_ID}, wanted {BUILD_ID})."
    )
    [shown] = frames_of(result)
    assert (shown.status, shown.package) == (FrameStatus.MISSING, "/srv/shop")
    assert [image.debug_status for image in result.images] == ["missing", "unused"]


def test_a_stripped_binary_is_named_as_such(run: Run) -> None:
    """The commonest mistake: passing the deployed binary and not the one with the debug information."""
    binary = artifact(Key("native", "code_id", BUILD_ID), headers(BUILD_ID), "bin/shop")
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), binary)
    assert "bin/shop is that binary, stripped of debug information and symbols" in (only_problem(result).message or "")
    assert [image.debug_status for image in result.images] == ["stripped", "unused"]


def test_without_an_id_the_remedy_names_the_file(run: Run) -> None:
    """There is no id to ask for; the file name is all that the report has."""
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000), images=[NO_ID]), {})
    assert (only_problem(result).remedy or "").endswith(
        "it must be called shop or shop.debug, as the report has no build id."
    )


def test_a_missing_system_library_is_milder(run: Run) -> None:
    """Nobody built the C library: the text must not tell them to build it with -g."""
    result, _ = run(TRANSFORMER, event(frame(0x7F000003C051)), {})
    problem = only_problem(result)
    assert problem.type == "native_missing_system_dsym"
    assert "your own code does not need them" in (problem.message or "")
    assert f"buildid/{LIBC.code_id}/debuginfo" in (problem.remedy or "")


def test_an_address_that_the_file_does_not_know(run: Run) -> None:
    """Found and silent is not the same as missing: another file would not help."""
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), debug(FakeSymCache({})))
    problem = only_problem(result)
    assert statuses(result) == [FrameStatus.MISSING_SYMBOL]
    assert problem.type == "native_missing_symbol"
    assert problem.message == f"bin/shop.debug was found for shop and has no function at {BASE + 0x2000:#x}."
    assert [image.debug_status for image in result.images] == ["found", "unused"]


def test_a_file_that_cannot_be_read(run: Run) -> None:
    """It is there: whoever looks for it must hear what is wrong with it."""
    key = Key("native-debug", "code_id", BUILD_ID)
    damaged = {key: Missing(key, "The ELF file is cut off.", malformed=True)}
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), damaged)
    problem = only_problem(result)
    assert statuses(result) == [FrameStatus.MALFORMED]
    assert (problem.type, problem.message) == (
        "native_bad_dsym",
        f"The debug file for /srv/shop (build id {BUILD_ID}) cannot be read: The ELF file is cut off.",
    )
    assert [image.debug_status for image in result.images] == ["malformed", "unused"]


def test_addresses_in_no_image(run: Run) -> None:
    """A jump into nowhere is told once, with the addresses, and asks for nothing but maps of compiled code."""
    result, rounds = run(TRANSFORMER, event(frame(0x1234), frame(0)), {})
    problem = only_problem(result)
    assert statuses(result) == [FrameStatus.UNKNOWN_IMAGE] * 2
    assert problem.message == "No loaded image of the report covers 2 addresses (0x0, 0x1234)."
    assert {key.kind for keys in rounds for key in keys} == {"native-map"}


def test_a_report_without_images_asks_for_one_that_has_them(run: Run) -> None:
    """Go's tracebacks and pasted stacks list none: "all images" would send their reader searching."""
    result, _ = run(TRANSFORMER, event(frame(0x1234), images=()), {})
    problem = only_problem(result)
    assert problem.message == "The report lists no images, so nothing says what lies at one address (0x1234)."
    assert "core file" in (problem.remedy or "")


def test_a_format_that_is_not_read_is_said_to_be_so(run: Run) -> None:
    """An image of .NET must not send the user looking for an ELF file."""
    result, rounds = run(TRANSFORMER, event(frame(BASE + 0x2000), images=[replace(SHOP, type="pe_dotnet")]), {})
    assert (only_problem(result).type, rounds) == ("native_unsupported_dsym", [])
    assert [image.debug_status for image in result.images] == ["unsupported"]


def test_frames_that_came_readable_stay_as_they_are(run: Run) -> None:
    """What gdb or the C library already named needs no file, and none is asked for."""
    came = event(
        frame(0x7F0000027300, "abort", package="/lib/x86_64-linux-gnu/libc.so.6"),
        frame(BASE + 0x2000, "shop::total", filename="order.cpp", lineno=18),
        frame(None, "<signal handler called>"),
        frame(None, "shop::price", package="./shop"),
    )
    result, rounds = run(TRANSFORMER, came, {})
    assert rounds == []
    assert statuses(result) == [FrameStatus.AS_IS] * 4
    assert result.exceptions[0].raw_stacktrace is None
    assert result.errors == ()


@pytest.mark.parametrize("platform", ["javascript", "node", "python", "java", "other"])
def test_frames_of_other_languages_are_left_alone(run: Run, platform: str) -> None:
    """They may have addresses too; they are not ours."""
    mixed = event(frame(BASE + 0x2000, platform=platform), platform="native")
    result, rounds = run(TRANSFORMER, mixed, debug(FakeSymCache({0x2000: (location("a"),)})))
    assert (result, rounds) == (mixed, [])


def test_native_frames_of_another_languages_event_are_resolved(run: Run) -> None:
    """A tombstone or a Node addon: the frame's platform counts, not the event's."""
    mixed = event(frame(BASE + 0x3000, platform="java"), frame(BASE + 0x2000, platform="native"), platform="java")
    result, _ = run(TRANSFORMER, mixed, debug(FakeSymCache({0x2000: (location("a"),)})))
    assert [one.function for one in frames_of(result)] == [None, "a"]


def test_what_the_report_says_about_own_code_is_kept(run: Run) -> None:
    """SDKs mark in-app frames by the user's configuration."""
    chain = (location("std::sort", 3, file="/usr/include/c++/12/bits/stl_algo.h"), location("total"))
    came = event(frame(BASE + 0x2000, in_app=False))
    result, _ = run(TRANSFORMER, came, debug(FakeSymCache({0x2000: chain})))
    assert [one.in_app for one in frames_of(result)] == [False, False]


def named(function: str, offset: int, address: int) -> Frame:
    return frame(address, function, package="./shop", data=FrameData(function_offset=offset))


UNPLACED = DebugImage(type="elf", code_file="./shop")


def test_a_load_address_is_worked_out_from_named_frames(run: Run) -> None:
    """Backtraces print prog(func+0x12) [0x…] and not where prog was loaded."""
    symcache = FakeSymCache(
        {0x2011: (location("total"),), 0x3100: (location("main"),)}, symbols={"_Z5totalv": 0x2000, "main": 0x3000}
    )
    answers = artifact(Key("native-debug", "name", "shop"), symcache)
    came = event(
        named("_Z5totalv", 0x12, BASE + 0x2012),
        named("main", 0x100, BASE + 0x3100),
        images=[UNPLACED],
    )
    result, _ = run(TRANSFORMER, came, answers)
    assert [one.function for one in frames_of(result)] == ["total", "main"]
    assert {one.image_addr for one in frames_of(result)} == {BASE}


def test_frames_that_contradict_each_other_are_not_guessed_at(run: Run) -> None:
    """Then the file is of another build: any load address would give wrong lines."""
    symcache = FakeSymCache({}, symbols={"_Z5totalv": 0x2000, "main": 0x3040})
    answers = artifact(Key("native-debug", "name", "shop"), symcache)
    came = event(named("_Z5totalv", 0x12, BASE + 0x2012), named("main", 0x100, BASE + 0x3100), images=[UNPLACED])
    result, _ = run(TRANSFORMER, came, answers)
    problem = only_problem(result)
    assert problem.type == "native_unknown_load_address"
    assert "another build" in (problem.message or "")
    assert [one.function for one in frames_of(result)] == ["_Z5totalv", "main"]


def test_an_image_that_nobody_can_place(run: Run) -> None:
    """Without a name to hold on to an absolute address says nothing."""
    answers = artifact(Key("native-debug", "name", "shop"), FakeSymCache({}))
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000, package="./shop"), images=[]), answers)
    problem = only_problem(result)
    assert "does not say where shop was loaded" in (problem.message or "")
    assert statuses(result) == [FrameStatus.UNKNOWN_IMAGE]


def test_a_program_at_a_fixed_address_needs_no_load_address(run: Run) -> None:
    """Its addresses are those of the file; readers say so by a load bias of 0."""
    symcache = FakeSymCache({0x1136: (location("main"),)}, load_address=0x400000)
    answers = artifact(Key("native-debug", "name", "shop"), symcache)
    fixed = replace(UNPLACED, extra={"load_bias": 0})
    result, _ = run(TRANSFORMER, event(frame(0x401136, package="./shop"), images=[fixed]), answers)
    assert [(one.function, one.image_addr) for one in frames_of(result)] == [("main", 0x400000)]


def test_image_relative_addresses(run: Run) -> None:
    """Sanitizers and WebAssembly count from the image; glibc from the load bias, which for fixed programs is 0."""
    symcache = FakeSymCache({0x2000: (location("a"),), 0x1136: (location("b"),)}, load_address=0x400000)
    image = replace(SHOP, image_addr=None)
    relative = frame(0x2000, addr_mode="rel:0")
    biased = frame(0x401136, addr_mode="rel:0")
    for came, function in ((relative, "a"), (biased, "b")):
        result, _ = run(TRANSFORMER, event(came, images=[image]), debug(symcache))
        assert [one.function for one in frames_of(result)] == [function]


def test_c_functions_keep_their_names(run: Run) -> None:
    """Only C++ and Rust names have arguments to drop; and no mangled name is made up for C."""
    found = location("operator", symbol="operator", language="c")
    result, _ = run(TRANSFORMER, event(frame(BASE + 0x2000)), debug(FakeSymCache({0x2000: (found,)})))
    [shown] = frames_of(result)
    assert (shown.function, shown.symbol, shown.lang) == ("operator", None, "c")


def test_threads_are_resolved_too(run: Run) -> None:
    """A deadlock is in the other threads."""
    stack = Stacktrace(frames=(frame(BASE + 0x2000),))
    came = replace(event(), exception=None, threads=Values(values=(Thread(id=1, stacktrace=stack),)))
    result, _ = run(TRANSFORMER, came, debug(FakeSymCache({0x2000: (location("a"),)})))
    resolved = result.thread_list[0].stacktrace
    assert resolved is not None
    assert [one.function for one in resolved.frames] == ["a"]


def test_doing_it_twice_changes_nothing(run: Run) -> None:
    """An event that was resolved before (a retry, a second pass) must not lose or double frames."""
    answers = debug(FakeSymCache({0x2000: (location("b"), location("a"))}))
    once, _ = run(TRANSFORMER, event(frame(0x1234), frame(BASE + 0x2000)), answers)
    twice, rounds = run(TRANSFORMER, once, answers)
    assert twice == once
    assert rounds == []


addresses = st.one_of(st.none(), st.integers(0, (1 << 64) - 1), st.integers(BASE - 16, BASE + 0x9010))
modes = st.sampled_from([None, "abs", "rel:0", "rel:1", "rel:99", f"rel:{DEBUG_ID}", "rel:", "nonsense"])
any_frame = st.builds(
    frame,
    addresses,
    st.sampled_from([None, "main", "<signal handler called>", "shop::total"]),
    addr_mode=modes,
    package=st.sampled_from([None, "/srv/shop", "./other", "/lib/libc.so.6"]),
    platform=st.sampled_from([None, "native", "java"]),
    adjust_instruction_addr=st.sampled_from([None, True, False]),
    data=st.sampled_from([None, FrameData(function_offset=3), FrameData(status=FrameStatus.AS_IS)]),
)


@given(st.lists(any_frame, max_size=6), st.booleans())
def test_any_frames_end_with_a_status(run: Run, frames: list[Frame], has_file: bool) -> None:  # noqa: FBT001 - drawn
    """Whatever a report claims: no exception, no frame lost, every native frame with an address settled."""
    symcache = FakeSymCache({0x2000: (location("b"), location("a"))}, symbols={"main": 0x1000})
    result, _ = run(TRANSFORMER, event(*frames), debug(symcache) if has_file else {})
    after = frames_of(result)
    assert len(after) >= len(frames)
    native = [one for one in after if one.platform != "java" and one.instruction_addr is not None]
    assert all(one.status is not None for one in native)
    known = {problem.id for problem in result.errors}
    assert all(one.data.problem in known for one in after if one.data and one.data.problem)
