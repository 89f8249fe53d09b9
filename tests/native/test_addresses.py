"""From reported addresses to lookup addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.addresses import SIGNAL_FRAMES, inside_call, is_crash_signal, is_signal_frame, locate
from native.images import Image, Images
from native.placement import image_relative, stated_base
from symbolicator.model import (
    JSON,
    AbsoluteAddress,
    DebugImage,
    DebugMeta,
    Event,
    ExceptionValue,
    Frame,
    Mechanism,
    ReportedAddress,
    Stacktrace,
    Values,
)

BASE = 0x55E7BB245000
SEGFAULT = Mechanism(type="signalhandler", meta={"signal": {"number": 11, "name": "SIGSEGV"}})


def images(arch: str | None = "x86_64") -> Images:
    listed = (
        Image(0, "/srv/shop", address=AbsoluteAddress(BASE), size=0x9000, arch=arch),
        Image(1, "/lib/x86_64-linux-gnu/libc.so.6", address=AbsoluteAddress(0x7F0000000000), size=0x200000, arch=arch),
    )
    return Images(listed)


def at(address: int, function: str | None = None, *, adjust: bool | None = None, mode: str | None = None) -> Frame:
    return Frame(
        instruction_addr=ReportedAddress(address),
        function=function,
        adjust_instruction_addr=adjust,
        addr_mode=mode,
    )


def looked_up(stack: Stacktrace, event: Event | None = None, arch: str | None = "x86_64") -> list[int | None]:
    known = images(arch)
    return [relative(known, event or Event(), stack, index) for index in range(len(stack.frames))]


def relative(known: Images, event: Event, stack: Stacktrace, index: int) -> int | None:
    found = locate(known, event, stack, index)
    base = stated_base(found.image, None) if found else None
    return image_relative(found, None, base.address if base else None) if found else None


def test_all_but_the_crashing_frame_are_return_addresses() -> None:
    """A return address often belongs to the next line, or to the next function where the call never returns."""
    stack = Stacktrace(frames=(at(BASE + 0x1000), at(BASE + 0x2000), at(BASE + 0x3000)))
    assert looked_up(stack) == [0xFFF, 0x1FFF, 0x3000]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("auto", [0xFFF, 0x2000]),
        ("all", [0xFFF, 0x1FFF]),
        ("all_but_first", [0xFFF, 0x2000]),
        ("none", [0x1000, 0x2000]),
        (None, [0xFFF, 0x2000]),
    ],
)
def test_the_stack_says_which_addresses_are_return_addresses(rule: str | None, expected: list[int]) -> None:
    """Sanitizers print addresses that are already inside the call, glibc prints return addresses only."""
    frames = (at(BASE + 0x1000), at(BASE + 0x2000))
    stack = Stacktrace(frames=frames, instruction_addr_adjustment=rule)  # type: ignore[arg-type]
    assert looked_up(stack) == expected


def test_a_frame_says_it_for_itself() -> None:
    """What the frame says goes before what the stack says."""
    frames = (at(BASE + 0x1000, adjust=False), at(BASE + 0x2000), at(BASE + 0x3000, adjust=True))
    assert looked_up(Stacktrace(frames=frames, instruction_addr_adjustment="auto")) == [0x1000, 0x1FFF, 0x2FFF]


@pytest.mark.parametrize("rule", [None, "auto"])
def test_frames_that_speak_for_themselves_leave_no_exception_to_the_innermost(rule: str | None) -> None:
    """Sentry's SDKs mark the frames that differ; where they mark any, and no more is said, the rest is adjusted."""
    frames = (at(BASE + 0x1000, adjust=False), at(BASE + 0x2000))
    stack = Stacktrace(frames=frames, instruction_addr_adjustment=rule)  # type: ignore[arg-type]
    assert looked_up(stack) == [0x1000, 0x1FFF]


@pytest.mark.parametrize("name", sorted(SIGNAL_FRAMES))
def test_what_a_signal_interrupted_is_exact(name: str) -> None:
    """The interrupted frame is the crash site: one byte back can be the line before, or another function."""
    stack = Stacktrace(
        frames=(at(BASE + 0x1000), at(BASE + 0x2000), at(0x7F000003C050, name), at(BASE + 0x3000)),
        instruction_addr_adjustment="all",
    )
    assert looked_up(stack) == [0xFFF, 0x2000, 0x3C050, 0x2FFF]


def test_the_c_librarys_trampoline_without_a_name_is_known_by_its_place() -> None:
    """Programs print glibc's trampoline as libc.so.6(+0x3c050): without this the crash site is one instruction off."""
    stack = Stacktrace(
        frames=(at(BASE + 0x2000), at(0x7F000003C050), at(BASE + 0x3000)), instruction_addr_adjustment="all"
    )
    assert is_signal_frame(stack, 1, images())
    assert looked_up(stack) == [0x2000, 0x3C050, 0x2FFF]


def test_a_callback_out_of_the_c_library_is_no_signal() -> None:
    """Under qsort there is an unnamed frame of libc too, but its caller is libc, or it is not where code begins."""
    called_by_libc = Stacktrace(frames=(at(0x7F0000027300, "qsort"), at(0x7F0000027240), at(BASE + 0x3000)))
    unaligned = Stacktrace(frames=(at(BASE + 0x2000), at(0x7F000002724A), at(BASE + 0x3000)))
    assert not is_signal_frame(called_by_libc, 1, images())
    assert not is_signal_frame(unaligned, 1, images())


def test_a_reporter_that_cut_its_handler_off_left_a_return_address() -> None:
    """Then the registers disagree with the innermost frame, and the signal says that they are right."""
    event = Event(exception=Values(values=(ExceptionValue(mechanism=SEGFAULT),)))
    stack = Stacktrace(frames=(at(BASE + 0x1000), at(BASE + 0x2000)), registers={"rip": ReportedAddress(BASE + 0x4444)})
    assert is_crash_signal(event)
    assert looked_up(stack, event) == [0xFFF, 0x1FFF]
    assert looked_up(stack) == [0xFFF, 0x2000]


@pytest.mark.parametrize(
    ("signal", "is_one"),
    [
        *(({"number": number}, True) for number in (4, 7, 10, 11)),
        *(({"number": number}, False) for number in (0, 5, 6, 8, 9, 12)),
        ({"number": 10, "name": "SIGUSR1"}, False),
        ({"number": 7, "name": "SIGBUS"}, True),
        ({"number": "11"}, False),
        ({}, False),
        ("SIGSEGV", False),
    ],
)
@pytest.mark.parametrize("register", ["rip", "$rip", "EIP", "pc", "srr0"])
def test_only_signals_of_the_instruction_itself_tell_that_a_handler_was_cut_off(
    signal: dict[str, JSON], register: str, *, is_one: bool
) -> None:
    """After abort() the innermost frame is where the thread was told to stop; nothing was cut off there."""
    mechanism = Mechanism(meta={"signal": signal})
    event = Event(exception=Values(values=(ExceptionValue(mechanism=mechanism),)))
    stack = Stacktrace(frames=(at(BASE + 0x2000),), registers={register: ReportedAddress(BASE + 0x4444)})
    assert looked_up(stack, event) == [0x1FFF if is_one else 0x2000]


def test_registers_that_agree_leave_the_innermost_frame_exact() -> None:
    """The instruction register of an ARM thread has no Thumb bit, the frame's address may have one."""
    event = Event(exception=Values(values=(ExceptionValue(mechanism=SEGFAULT),)))
    frames = (at(BASE + 0x2001),)
    stack = Stacktrace(frames=frames, registers={"pc": ReportedAddress(BASE + 0x2000)})
    assert looked_up(stack, event, "arm") == [0x2000]
    assert looked_up(Stacktrace(frames=frames, registers={"pc": None, "lr": ReportedAddress(4)}), event) == [0x2001]


def test_a_call_that_never_returns_can_be_the_last_instruction_of_its_image() -> None:
    """Its return address lies behind the image, or in the next one: the call does not."""
    end = 0x9000
    behind = Image(2, "/srv/next", address=AbsoluteAddress(BASE + end), size=0x1000, arch="x86_64")
    for known in (images(), Images([*images().all, behind])):
        stack = Stacktrace(frames=(at(BASE + end), at(BASE + 0x10)))
        found = locate(known, Event(), stack, 0)
        assert found is not None
        assert (found.image.path, relative(known, Event(), stack, 0)) == ("/srv/shop", end - 1)


def test_a_return_address_at_the_start_of_an_image_stays_inside_it() -> None:
    """No call lies before it; one byte back would be asked of a file that has nothing there."""
    assert looked_up(Stacktrace(frames=(at(BASE), at(BASE + 0x10)))) == [0, 0x10]


@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        *(
            ("x86_64", 0x1002),
            ("x86", 0x1002),
            ("arm64", 0xFFC),
            ("arm64e", 0xFFC),
            ("aarch64", 0xFFC),
            ("arm", 0x1000),
        ),
        *(("armv7", 0x1000), ("mips", 0xFF8), ("mips64", 0xFF8), ("riscv64", 0x1000), ("ppc64", 0xFFC)),
        *(("s390x", 0x1000), ("sparc64", 0xFF8), ("loongarch64", 0xFFC), ("wasm32", 0x1003), (None, 0x1002)),
    ],
)
def test_the_way_back_into_the_call_depends_on_the_processor(arch: str, expected: int) -> None:
    """ARM marks Thumb code in bit 0; on MIPS the instruction behind the call belongs to it."""
    assert inside_call(0x1003, arch, is_return_address=True) == expected


def test_exact_addresses_lose_the_thumb_bit_only() -> None:
    """The bit is no part of the address: with it every symbol would be missed by one."""
    assert inside_call(0x1003, "arm", is_return_address=False) == 0x1002
    assert inside_call(0x1003, "x86_64", is_return_address=False) == 0x1003


def test_image_relative_addresses_need_no_load_address() -> None:
    """WebAssembly and address-stripped reports count from the image."""
    stack = Stacktrace(frames=(at(0x1000, mode="rel:0"), at(0x2000, mode="rel:7"), at(0x3000, mode="rel:1")))
    assert looked_up(stack) == [0xFFF, None, 0x3000]


def test_an_address_in_no_image_is_located_nowhere() -> None:
    """A jump to NULL, or compiled code: no image may be guessed for it."""
    assert looked_up(Stacktrace(frames=(at(0), at(0x1234), Frame(function="f")))) == [None, None, None]


def test_an_image_without_an_address_is_found_by_the_name_that_the_frame_has_for_it() -> None:
    """Its load address is worked out later; until then the frame has an image and no relative address."""
    event = Event(debug_meta=DebugMeta(images=(DebugImage(code_file="./shop"),)))
    frame = Frame(instruction_addr=ReportedAddress(BASE + 0x1000), package="./shop")
    found = locate(Images.of(event), event, Stacktrace(frames=(frame,)), 0)
    assert found is not None
    assert (stated_base(found.image, None), found.inside_call()) == (None, BASE + 0x1000)


@given(st.integers(0, (1 << 64) - 1), st.sampled_from(["x86_64", "arm64", "arm", "mips", None]), st.booleans())
def test_lookups_never_leave_the_call(address: int, arch: str | None, is_return: bool) -> None:  # noqa: FBT001 - drawn
    """Adjusted addresses are at most eight bytes before what was reported, and never negative."""
    exact = inside_call(address, arch, is_return_address=False)
    adjusted = inside_call(address, arch, is_return_address=is_return)
    assert 0 <= adjusted <= exact <= address
    assert exact - adjusted <= 8


@given(st.integers(0x1000, 0x8FFF), st.integers(0, 1 << 47))
def test_the_load_address_does_not_matter(offset: int, base: int) -> None:
    """The same crash under another address-space layout resolves to the same lines."""
    page = (base & ~0xFFF) or 0x1000
    known = Images([Image(0, "/srv/shop", address=AbsoluteAddress(page), size=0x9000)])
    assert relative(known, Event(), Stacktrace(frames=(at(page + offset),)), 0) == offset


@given(
    st.lists(st.tuples(st.integers(1, 1 << 48), st.integers(0, 1 << 24)), max_size=6),
    st.lists(st.integers(0, (1 << 64) - 1), min_size=1, max_size=4),
    st.sampled_from(["x86_64", "arm64", "arm", "mips", None]),
    st.data(),
)
def test_no_address_is_looked_up_outside_its_image(
    places: list[tuple[int, int]], wild: list[int], arch: str | None, data: st.DataObject
) -> None:
    """Whatever the report says, a file is asked about bytes of its own only, and about a call that ends there."""
    listed = [
        Image(i, f"/{i}", address=AbsoluteAddress(at), size=size, arch=arch) for i, (at, size) in enumerate(places)
    ]
    known = Images(listed)
    edges = [
        one for begin, size in places for one in (begin, begin + size - 1, begin + size, begin + size // 2) if one > 0
    ]
    chosen = data.draw(st.lists(st.sampled_from([*edges, *wild]), min_size=1, max_size=5))
    stack = Stacktrace(frames=tuple(at(address) for address in chosen))
    for index, address in enumerate(chosen):
        found = locate(known, Event(), stack, index)
        asked = relative(known, Event(), stack, index)
        if found is None or asked is None or found.image.address is None:
            continue
        assert asked >= 0
        assert asked < (found.image.size or 1 << 30)
        if not address >> 48:
            assert address - 8 - 3 <= asked + found.image.address <= max(address, found.image.address)
