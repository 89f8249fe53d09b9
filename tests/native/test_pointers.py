"""What a pointer of a 64-bit ARM processor holds besides the address."""

from hypothesis import given
from hypothesis import strategies as st

from native.images import Image, Images
from native.pointers import Pointers
from symbolicator.model import AbsoluteAddress

ABOVE = 0xFFFF << 48
IOS = [(0x1_0000_0000, 0x20_0000), (0x1_9000_0000, 0x100_0000)]
ANDROID = [(0x7B_0C5A_4000, 0x9000)]
LINUX = [(0xAAAA_D000_0000, 0x9000), (0xFFFF_9000_0000, 0x200_0000)]


def images(places: list[tuple[int, int]], arch: str | None) -> Images:
    return Images(Image(None, f"/{at}", address=AbsoluteAddress(at), size=size, arch=arch) for at, size in places)


def test_a_signature_is_taken_off_down_to_the_width_of_the_processs_addresses() -> None:
    """Apple's phones sign with the bits from 39 up: a mask of 48 bits would leave half of the signature."""
    assert images(IOS, "arm64e").address_in(0x0071_5A81_0000_1004) == 0x1_0000_1004
    assert images(ANDROID, "arm64").address_in(0x002B_4A7B_0C5A_5000) == 0x7B_0C5A_5000
    assert images(LINUX, "arm64").address_in(0x0031_AAAA_D000_1000) == 0xAAAA_D000_1000


def test_a_tag_is_taken_off() -> None:
    """Android tags pointers in the top byte."""
    assert images(ANDROID, "arm64").address_in(0xB400_007B_0C5A_5000 & ~(1 << 55)) == 0x7B_0C5A_5000


def test_kernel_addresses_stay_and_get_their_upper_bits_back() -> None:
    """Bit 55 tells them; in their upper bits all are set."""
    kernel = images(LINUX, "arm64")
    assert kernel.address_in(0xFFFF_8000_1000_0000) == 0xFFFF_8000_1000_0000
    assert kernel.address_in(0x5AB9_8000_1000_0000) == 0xFFFF_8000_1000_0000


def test_no_other_processor_has_anything_there() -> None:
    """A jump to 0xdeadbeef… on Intel is just that; cut to 48 bits it may hit a library."""
    assert images([(0x5555_0000_0000, 0x9000)], "x86_64").address_in(0xDE0D_5555_0000_1000) == 0xDE0D_5555_0000_1000


def test_a_wild_address_does_not_become_one_into_an_image() -> None:
    """Nothing above bit 47 is no signature: a jump into the heap stays there."""
    assert images(IOS, "arm64").address_in(0x6001_0000_1000) == 0x6001_0000_1000


def test_where_the_processor_is_not_known_a_signature_has_to_lead_to_an_image() -> None:
    """Apple's SDK does not say what its images are for."""
    unknown = images(IOS, None)
    assert unknown.address_in(0x0071_5A81_0000_1004) == 0x1_0000_1004
    assert unknown.address_in(0x0071_5A81_7000_1004) == 0x0071_5A81_7000_1004


@given(
    st.sampled_from([IOS, ANDROID, LINUX]),
    st.integers(0, 0x8FFF),
    st.integers(0, (1 << 64) - 1),
    st.sampled_from(["arm64", "arm64e", None]),
)
def test_any_signature_leads_back(places: list[tuple[int, int]], inside: int, noise: int, arch: str | None) -> None:
    """Whatever is above the address of code, the address comes out."""
    known = images(places, arch)
    address = places[-1][0] + inside
    width = Pointers.of([arch], [begin + size for begin, size in places]).bits
    signed = address | (noise & ~((1 << width) - 1) & ~(1 << 55))
    if signed & ABOVE or signed == address:
        assert known.address_in(signed) == address


@given(st.integers(0, (1 << 64) - 1), st.sampled_from(["arm64", "x86_64", None]))
def test_doing_it_twice_changes_nothing(pointer: int, arch: str | None) -> None:
    """Readers may have done it already."""
    known = images(LINUX, arch)
    assert known.address_in(known.address_in(pointer)) == known.address_in(pointer)
