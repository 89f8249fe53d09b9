"""Looks all addresses of an event up, one call a debug file, before any frame is rewritten.

::

    lookups = Lookups.of(event, artifacts)
    answer = lookups.answer(stack, index)
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from native.addresses import Located, image_of, locate
from native.debug_files import DebugFile, debug_file
from native.images import Image, Images
from native.maps import Maps, in_no_image
from native.own_frames import is_own, is_readable
from native.protocol import SourceLocation, SymCache
from symbolicator.model import AbsoluteAddress, Event, Frame, LookupAddress, Stacktrace
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Artifacts

_PAGE = 4096

Chain = tuple[SourceLocation, ...]


class Base(Struct, frozen=True):
    """Where an image was loaded, worked out from frames that name a function and the bytes into it.

    ``address`` is None if they contradict each other or the debug file knows none of the functions.
    """

    address: AbsoluteAddress | None
    contradictory: bool = False


class Answer(Struct, frozen=True):
    """What is known about a frame. ``chain`` is innermost first; empty if nothing covers the address."""

    image: Image | None
    file: DebugFile | None = None
    base: AbsoluteAddress | None = None
    chain: Chain = ()
    no_base: Base | None = None


class Lookups(Struct, frozen=True):
    """Answers for the frames of one event."""

    event: Event
    images: Images
    files: Mapping[Image, DebugFile]
    bases: Mapping[Image, Base]
    maps: Maps
    _chains: dict[tuple[Image, LookupAddress], Chain] = field(default_factory=dict)

    @staticmethod
    def of(event: Event, artifacts: Artifacts) -> "Lookups":
        """Looks everything up that ``artifacts`` have an answer for."""
        images = images_of(event)
        files = {image: debug_file(image, artifacts) for image in used_images(event, images)}
        lookups = Lookups(event, images, files, _bases(event, images, files), Maps.of(artifacts))
        lookups._look_up()
        return lookups

    def answer(self, stack: Stacktrace, index: int) -> Answer:
        """What is known about the frame at ``index`` of a stack of the event."""
        located = locate(self.images, self.event, stack, index)
        if located is None:
            image = image_of(self.images, stack.frames[index])
            address = None if image else in_no_image(self.images, self.event, stack, index)
            mapped = self.maps.answer(address) if address is not None else None
            return Answer(None, mapped[0], chain=mapped[1]) if mapped else Answer(image)
        base = self._base(located)
        relative = _relative(located, base.address)
        file = self.files.get(located.image)
        if relative is None:
            return Answer(located.image, file, no_base=base)
        return Answer(located.image, file, base.address, self._chains.get((located.image, relative), ()))

    def _base(self, located: Located) -> Base:
        if located.image.address is not None:
            return Base(located.image.address)
        return self.bases.get(located.image, Base(None))

    def _look_up(self) -> None:
        wanted: dict[Image, set[LookupAddress]] = {}
        for stack, index in own_places(self.event, self.images):
            located = locate(self.images, self.event, stack, index)
            relative = _relative(located, self._base(located).address) if located else None
            if located and relative is not None:
                wanted.setdefault(located.image, set()).add(relative)
        for image, addresses in wanted.items():
            file = self.files.get(image)
            if file and file.symcache:
                chains = _chains_at(file.symcache, sorted(addresses), image)
                self._chains.update({(image, address): chain for address, chain in chains.items()})


def own_places(event: Event, images: Images) -> Iterable[tuple[Stacktrace, int]]:
    """Every native frame that needs looking up: its stack and its index there."""
    for _, stack in stacks_of(event):
        for index, frame in enumerate(stack.frames):
            if is_own(event, frame) and not is_readable(frame, image_of(images, frame)):
                yield stack, index


def images_of(event: Event) -> Images:
    """The event's images, and those that only its native frames name."""
    frames = (frame for _, stack in stacks_of(event) for frame in stack.frames)
    return Images.of(event, (frame.package for frame in frames if frame.package and is_own(event, frame)))


def used_images(event: Event, images: Images) -> list[Image]:
    """The images with frames that need looking up, each once."""
    found = (image_of(images, stack.frames[index]) for stack, index in own_places(event, images))
    return list(dict.fromkeys(image for image in found if image))


def _relative(located: Located, base: AbsoluteAddress | None) -> LookupAddress | None:
    if located.relative is not None:
        return located.relative
    if base is None or located.absolute is None or located.absolute < base:
        return None
    return LookupAddress(located.absolute - base)


def _chains_at(symcache: SymCache, addresses: list[LookupAddress], image: Image) -> dict[LookupAddress, Chain]:
    """The chain at each address.

    glibc counts from the load bias and not from where the image begins. The two differ only for a program that is not
    position independent: its bias is 0, its offsets are virtual addresses. So where nothing covers an address that is
    at least the file's own load address, it is taken for one of those.
    """
    found = dict(zip(addresses, symcache.lookup(addresses), strict=True))
    shift = symcache.load_address
    virtual = [address for address in addresses if shift and address >= shift and not found[address]]
    if virtual and not image.address:
        shifted = symcache.lookup([LookupAddress(address - shift) for address in virtual])
        found |= dict(zip(virtual, shifted, strict=True))
    return found


def _bases(event: Event, images: Images, files: Mapping[Image, DebugFile]) -> dict[Image, Base]:
    """Load addresses of the images whose place the report does not tell."""
    guesses: dict[Image, set[int]] = {}
    for stack, index in own_places(event, images):
        frame = stack.frames[index]
        image = image_of(images, frame)
        if image is None or image.address is not None or frame.addr_mode not in (None, "abs"):
            continue
        file = files.get(image)
        start = _start_of(frame, file.symcache) if file and file.symcache else None
        guesses.setdefault(image, set()).update(() if start is None else (start,))
    worked_out = {image: _agreed(starts) for image, starts in guesses.items()}
    return worked_out | {image: base for image, file in files.items() if (base := _fixed(image, file))}


def _fixed(image: Image, file: DebugFile) -> Base | None:
    """The base of an image that lies where its file says."""
    if not image.is_fixed or file.symcache is None:
        return None
    return Base(AbsoluteAddress(file.symcache.load_address))


def _start_of(frame: Frame, symcache: SymCache) -> int | None:
    """Where the image begins if ``instruction_addr`` lies ``function_offset`` bytes into ``function``."""
    offset = frame.data.function_offset if frame.data else None
    if offset is None or not frame.function or frame.instruction_addr is None:
        return None
    function = symcache.symbol_address(frame.function)
    return None if function is None else frame.instruction_addr - offset - function


def _agreed(starts: set[int]) -> Base:
    """One page-aligned start that all frames agree on. Anything else says that the file is not the one that crashed."""
    if len(starts) == 1 and (start := next(iter(starts))) >= 0 and start % _PAGE == 0:
        return Base(AbsoluteAddress(start))
    return Base(None, contradictory=bool(starts))
