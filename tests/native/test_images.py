"""Which image covers an address."""

from hypothesis import given
from hypothesis import strategies as st

from native.images import MAX_UNSIZED, Image, Images, base_name
from symbolicator.model import AbsoluteAddress, DebugImage, DebugMeta, Event


def image(path: str, address: int | None = None, size: int | None = None, index: int = 0) -> Image:
    return Image(index, path, address=None if address is None else AbsoluteAddress(address), size=size)


def name_at(images: Images, address: int) -> str | None:
    found = images.at(address)
    return found.path if found else None


def test_a_gap_between_images_belongs_to_none() -> None:
    """JIT code between two libraries would be shown as functions of the one below it."""
    images = Images([image("a", 0x1000, 0x500), image("b", 0x3000, 0x1000)])
    assert [name_at(images, at) for at in (0xFFF, 0x1000, 0x14FF, 0x1500, 0x2FFF, 0x3000, 0x4000)] == [
        *(None, "a", "a", None, None, "b", None)
    ]


def test_an_image_without_size_reaches_to_the_next_one_and_not_for_ever() -> None:
    """Old reports have no sizes; their last library must not swallow the heap and the stack."""
    images = Images([image("a", 0x1000), image("b", 0x9000)])
    assert name_at(images, 0x8FFF) == "a"
    assert name_at(images, 0x9000 + MAX_UNSIZED - 1) == "b"
    assert name_at(images, 0x9000 + MAX_UNSIZED) is None


def test_an_image_inside_another_one_is_the_nearer() -> None:
    """The vdso, or a library inside a reservation: behind its end the outer image goes on."""
    images = Images([image("outer", 0x1000, 0x9000), image("inner", 0x2000, 0x1000), image("late", 0x4000, 0x10)])
    assert [name_at(images, at) for at in (0x1FFF, 0x2000, 0x3000, 0x4008, 0x5000, 0xA000)] == [
        *("outer", "inner", "outer", "late", "outer", None)
    ]


def test_references_by_index_and_by_debug_id() -> None:
    """WebAssembly and stripped addresses name their image so."""
    debug_id = "7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28"
    listed = (DebugImage(code_file="a"), DebugImage(code_file="b", debug_id=debug_id.upper() + "-0"))
    images = Images.of(Event(debug_meta=DebugMeta(images=listed)), packages=["c"])
    assert [found.path for ref in ("rel:1", f"rel:{debug_id}") if (found := images.referred_to(ref))] == ["b", "b"]
    assert [images.referred_to(reference) for reference in ("rel:2", "rel:", "rel:x", "rel:-1")] == [None] * 4
    named = images.of_package("c")
    assert named is not None
    assert named.index is None


def test_file_names_of_any_system() -> None:
    """A Windows path in a report that is read on Linux has a file name too."""
    assert [base_name(path) for path in ("/a/b.so", "C:\\a\\b.dll", "b", "")] == ["b.so", "b.dll", "b", ""]


ranges = st.lists(st.tuples(st.integers(1, 1 << 20), st.integers(1, 1 << 12)), max_size=20)


@given(ranges, st.integers(0, 1 << 21))
def test_what_is_found_covers_the_address_and_nothing_covering_is_missed(
    places: list[tuple[int, int]], address: int
) -> None:
    """However the images overlap: an address in an image finds one that covers it, any other finds none."""
    images = Images([image(str(index), at, size, index) for index, (at, size) in enumerate(places)])
    found = images.at(address)
    covering = [(at, size) for at, size in places if at <= address < at + size]
    if found is None:
        assert not covering
    else:
        assert (found.address, found.size) in covering
        assert found.address == max(at for at, _ in covering)
