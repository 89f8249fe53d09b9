"""Where an image's file lies in memory, by everything that reports say about it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from native.addresses import locate
from native.debug_files import DebugFile
from native.elf.summary import summarize
from native.images import Images
from native.placement import Base, image_relative, stated_base
from native.protocol import DebugFileSummary, Segment
from symbolicator.model import AbsoluteAddress, DebugImage, DebugMeta, Event, Frame, ReportedAddress, Stacktrace

BASE = 0x55E7_BB24_5000
TEXT = Segment(0x1D50, 0x4000, 0x2D50, is_code=True)
LAYOUT = (Segment(0, 0x1D50, 0, is_code=False), TEXT, Segment(0x5D50, 0x200, 0x7D50, is_code=False))
"""As lld lays a library out: each segment a page further from its place in the file, sharing pages with the next."""


class Opened:
    """A debug file of which only the headers matter."""

    def __init__(self, load_address: int = 0, arch: str = "x86_64") -> None:
        self.load_address = load_address
        self.arch = arch

    def lookup(self, addresses: object) -> list[object]:
        raise NotImplementedError

    def symbol_address(self, name: str) -> None:
        raise NotImplementedError


def file(load_address: int = 0, segments: tuple[Segment, ...] = (), arch: str = "x86_64") -> DebugFile:
    headers = DebugFileSummary("elf", arch, "", None, None, None, load_address, False, False, segments=segments)  # noqa: FBT003 - as in the headers
    return DebugFile(Opened(load_address, arch), headers=headers)  # type: ignore[arg-type]


def asked(image: DebugImage, address: int, known: DebugFile | None = None, mode: str | None = None) -> int | None:
    """What the image's file is asked for an exact address."""
    event = Event(debug_meta=DebugMeta(images=(image,)))
    frame = Frame(instruction_addr=ReportedAddress(address), package=image.code_file, addr_mode=mode)
    found = locate(Images.of(event), event, Stacktrace(frames=(frame,)), 0)
    base = stated_base(found.image, known) if found else None
    return image_relative(found, known, base.address if base else None) if found else None


def image(at: int | None = BASE, **fields: object) -> DebugImage:
    listed = {"type": "elf", "code_file": "/srv/libshop.so", "image_size": 0x9000} | fields
    return DebugImage(image_addr=None if at is None else AbsoluteAddress(at), **listed)  # type: ignore[arg-type]


KERNEL, SLID = 0xFFFF_FFFF_8100_0000, 0xFFFF_FFFF_9A00_0000


@pytest.mark.parametrize(
    ("listed", "address", "known", "expected"),
    [
        pytest.param(image(), BASE + 0x1234, None, 0x1234, id="absolute"),
        pytest.param(image(), BASE + 0x1234, file(0x400000), 0x1234, id="first segment not at 0"),
        pytest.param(
            image(BASE + 0x400000, extra={"load_bias": BASE}), BASE + 0x401234, file(0x400000), 0x1234, id="load bias"
        ),
        pytest.param(image(0, image_size=None), 0x401234, file(0x400000), 0x1234, id="where its headers say"),
        pytest.param(image(None, extra={"load_bias": 0}), 0x401234, file(0x400000), 0x1234, id="bias of 0"),
        pytest.param(image(SLID), SLID + 0x1234, file(KERNEL), 0x1234, id="kernel"),
        pytest.param(
            image(None, extra={"load_bias": SLID - KERNEL}), SLID + 0x1234, file(KERNEL), 0x1234, id="KASLR offset"
        ),
        pytest.param(image(image_vmaddr=0x400000), BASE + 0x1234, file(0x400000), 0x1234, id="preferred address"),
        pytest.param(
            image(BASE + 0x1000, image_vmaddr=0x401000), BASE + 0x1234, file(0x400000), 0x1234, id="mapping of the code"
        ),
        pytest.param(image(image_vmaddr=0x3A_0000_0000), BASE + 0x1234, file(0), 0x1234, id="prelinked"),
        pytest.param(
            image(BASE + 0x2000, extra={"offset": 0x1000}), BASE + 0x2D54, file(0, LAYOUT), 0x2D54, id="file offset"
        ),
        pytest.param(
            image(BASE + 0x2000, extra={"offset": "00001000"}), BASE + 0x2D54, file(0, LAYOUT), 0x2D54, id="in hex"
        ),
        pytest.param(image(extra={"offset": 0}), BASE + 0x2D54, file(0, LAYOUT), 0x2D54, id="offset of 0"),
        pytest.param(image(extra={"offset": 0x9000}), BASE + 0x2D54, file(0, LAYOUT), None, id="offset of no segment"),
        pytest.param(image(extra={"offset": 0x1000}), BASE + 0x2D54, file(0), None, id="headers without segments"),
        pytest.param(
            image(extra={"offset": 0x4000}, code_file="/app/base.apk!/lib/arm64-v8a/libshop.so"),
            *(BASE + 0x1234, file(0, LAYOUT), 0x1234),
            id="offset in an archive",
        ),
    ],
)
def test_every_way_to_say_where_an_image_lies(
    listed: DebugImage, address: int, known: DebugFile | None, expected: int | None
) -> None:
    """Each kind of report means the same byte of the same file."""
    assert asked(listed, address, known) == expected


@pytest.mark.parametrize("listed", [image(), image(0x10000), image(extra={"load_bias": 0x5000})])
def test_image_relative_addresses_do_not_depend_on_it(listed: DebugImage) -> None:
    """They count from where the image begins, wherever that is."""
    assert asked(listed, 0x1234, file(0x400000), mode="rel:0") == 0x1234


def test_an_offset_of_the_file_that_no_header_explains_is_not_guessed() -> None:
    """A debug companion has lost what it was about: the problem asks for the binary."""
    [known] = Images.of(Event(debug_meta=DebugMeta(images=(image(extra={"offset": 0x1000}),)))).all
    assert stated_base(known, file(0)) == Base(None, unmapped=True)


def test_the_file_says_what_processor_it_is_for_where_the_report_does_not() -> None:
    """Apple's SDK does not; one byte back from a return address of ARM's Thumb code is the return address itself."""
    frames = (Frame(instruction_addr=ReportedAddress(BASE + 0x1003)), Frame(instruction_addr=ReportedAddress(BASE)))
    event = Event(debug_meta=DebugMeta(images=(image(),)))
    found = locate(Images.of(event), event, Stacktrace(frames=frames), 0)
    assert found is not None
    answers = [image_relative(found, file(arch=arch), AbsoluteAddress(BASE)) for arch in ("arm", "arm64", "x86_64")]
    assert answers == [0x1000, 0xFFC, 0x1002]


@pytest.mark.parametrize("name", ["native-cpp/bin/shop", "native-asan/bin/shift"])
def test_segments_of_real_files_map_every_byte_of_code_to_its_address(fixtures: Path, name: str) -> None:
    """Mapped by hand as the loader does, page by page, each byte of code is asked for under its own address."""
    headers = summarize((fixtures / name).read_bytes())
    [code] = [segment for segment in headers.segments if segment.is_code]
    page = code.offset & -0x1000
    mapped = BASE + (code.address & -0x1000)
    listed = image(mapped, extra={"offset": page}, image_size=0x100000)
    known = file(headers.load_address, headers.segments)
    for at in (0, 1, code.file_size // 2, code.file_size - 1):
        address = BASE + code.address + at
        assert asked(listed, address, known) == code.address + at - headers.load_address


@given(
    st.integers(0, 1 << 20), st.integers(0, 1 << 16), st.integers(1, 1 << 20), st.integers(0, 1 << 22), st.integers(0)
)
def test_any_layout_maps_a_byte_to_the_address_that_its_segment_gives_it(
    pages: int, skew: int, size: int, gap: int, pick: int
) -> None:
    """Offset and address of a segment differ by whole pages; which ones, only the header knows."""
    segment = Segment(pages * 16 + skew, size, pages * 16 + skew + gap * 0x1000, is_code=True)
    at = pick % size
    mapped = BASE + (segment.address & -0x1000)
    listed = image(mapped, extra={"offset": segment.offset & -0x1000}, image_size=1 << 30)
    if segment.offset & -0x1000:
        assert asked(listed, BASE + segment.address + at, file(0, (segment,))) == segment.address + at
