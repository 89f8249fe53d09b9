"""From addresses of the process to addresses of a file: where an image's file lies in memory.

Debug files are asked with addresses relative to where the image begins: its lowest segment, rounded down to a page. A
report may say where that is (``image_addr``), what was added to the file's own addresses (the load bias: of a kernel
with KASLR, of an image at its preferred address), or which byte of the file is mapped where, as ``/proc/PID/maps``
does. The program headers turn the last into one of the others.

Source: System V ABI, chapter 5, "Program Loading"; ``image_vmaddr`` as in Sentry's payload.
"""

from msgspec import Struct

from native.addresses import Located
from native.debug_files import DebugFile
from native.images import MAX_UNSIZED, Image
from native.protocol import Segment
from symbolicator.model import AbsoluteAddress, LookupAddress

_PAGE = 4096
_WRAP = 1 << 64


class Base(Struct, frozen=True):
    """Where an image was loaded; ``address`` is None if that is not known.

    ``contradictory``: frames disagree about it, or the debug file knows none of their functions. ``unmapped``: the
    report says which byte of the file lay there, and no file says what that byte is.
    """

    address: AbsoluteAddress | None
    contradictory: bool = False
    unmapped: bool = False


def stated_base(image: Image, file: DebugFile | None) -> Base | None:
    """Where the image begins by what the report says; None if it says nothing about that."""
    load_address = file.symcache.load_address if file and file.symcache else None
    return base_by_headers(image, load_address, file.segments if file else ())


def base_by_headers(image: Image, load_address: int | None, segments: tuple[Segment, ...]) -> Base | None:
    """The same by what is known of a file: its load address, and what a loader maps of it."""
    if image.load_bias is not None and load_address is not None:
        return Base(AbsoluteAddress((image.load_bias + (image.vmaddr or load_address)) % _WRAP))
    if image.address is None:
        return None
    if image.file_offset and not image.is_in_archive:
        return _base_of_mapping(image, load_address, segments)
    return Base(AbsoluteAddress(image.address - _from_start(image, load_address or 0)))


def image_relative(located: Located, file: DebugFile | None, base: AbsoluteAddress | None) -> LookupAddress | None:
    """The address to ask the image's file with; None while nobody knows where the image begins."""
    address = located.inside_call(file.arch if file else None)
    if located.is_relative:
        return LookupAddress(address)
    if base is None:
        return None
    if located.image.address is not None:
        address = max(address, located.image.address)  # a return address at its very start has no call before it
    return LookupAddress(address - base) if address >= base else None


def _from_start(image: Image, load_address: int) -> int:
    """Bytes from where the file begins in memory to ``image.address``.

    That is 0, but for reports that list the mapping with the code and say with ``image_vmaddr`` what lies there. A
    ``image_vmaddr`` outside of the file is no such place: the file was relocated (prelinked, in a shared cache).
    """
    distance = (image.vmaddr or load_address) - load_address
    return distance if 0 < distance < (image.size or MAX_UNSIZED) else 0


def _base_of_mapping(image: Image, load_address: int | None, segments: tuple[Segment, ...]) -> Base:
    if load_address is None or image.address is None:
        return Base(None)
    virtual = _virtual_address(image.file_offset or 0, segments)
    if virtual is None:
        return Base(None, unmapped=True)
    base = image.address - (virtual - load_address)
    return Base(AbsoluteAddress(base)) if base >= 0 else Base(None, contradictory=True)


def _virtual_address(offset: int, segments: tuple[Segment, ...]) -> int | None:
    """Of the byte at an offset of the file. A page of the file can belong to two segments; code is what we look for."""
    around = [one for one in segments if one.offset & -_PAGE <= offset < one.offset + one.file_size]
    found = next((one for one in around if one.is_code), next(iter(around), None))
    return None if found is None else found.address + offset - found.offset
