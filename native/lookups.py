"""Looks all addresses of an event up, one call a debug file, before any frame is rewritten.

::

    lookups = Lookups.of(event, artifacts)
    answer = lookups.answer(stack, index)
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from native.addresses import image_of, locate
from native.debug_files import DebugFile, debug_file
from native.images import APPLE, Image, Images
from native.maps import Maps, in_no_image
from native.own_frames import is_own, is_readable
from native.placement import Base, image_relative, stated_base
from native.protocol import SourceLocation, SymCache
from native.symbol_maps import is_hidden
from symbolicator.model import AbsoluteAddress, Event, Frame, LookupAddress, Stacktrace
from symbolicator.model.edit import stacks_of
from symbolicator.protocols import Artifacts

_PAGE = 4096

Chain = tuple[SourceLocation, ...]


class Answer(Struct, frozen=True):
    """What is known about a frame. ``chain`` is innermost first; empty if nothing covers the address.

    ``address``: what was looked up. ``no_base``: why nothing could be.
    """

    image: Image | None
    file: DebugFile | None = None
    base: AbsoluteAddress | None = None
    address: LookupAddress | None = None
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
        base, file = self._base(located.image), self.files.get(located.image)
        relative = image_relative(located, file, base.address)
        if relative is None:
            return Answer(located.image, file, no_base=base)
        return Answer(located.image, file, base.address, relative, self._chains.get((located.image, relative), ()))

    @property
    def with_hidden_names(self) -> tuple[Image, ...]:
        """Apple's images of which a function or a source file came with a hidden name."""
        found = ((image, location) for (image, _), chain in self._chains.items() for location in chain)
        return tuple(dict.fromkeys(image for image, one in found if image.type in APPLE and _is_hidden(one)))

    def _base(self, image: Image) -> Base:
        return stated_base(image, self.files.get(image)) or self.bases.get(image) or Base(None)

    def _look_up(self) -> None:
        wanted: dict[Image, set[LookupAddress]] = {}
        for stack, index in own_places(self.event, self.images):
            located = locate(self.images, self.event, stack, index)
            if located is None:
                continue
            base = self._base(located.image)
            relative = image_relative(located, self.files.get(located.image), base.address)
            if relative is not None:
                wanted.setdefault(located.image, set()).add(relative)
        for image, addresses in wanted.items():
            file = self.files.get(image)
            if file and file.symcache:
                chains = _chains_at(file.symcache, sorted(addresses), image)
                self._chains.update({(image, address): chain for address, chain in chains.items()})


def _is_hidden(location: SourceLocation) -> bool:
    return is_hidden(location.function) or is_hidden(location.file)


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
    found = (locate(images, event, stack, index) for stack, index in own_places(event, images))
    return list(dict.fromkeys(located.image for located in found if located))


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
        file = files.get(image) if image else None
        if image is None or stated_base(image, file) or frame.addr_mode not in (None, "abs"):
            continue
        start = _start_of(frame, file.symcache) if file and file.symcache else None
        guesses.setdefault(image, set()).update(() if start is None else (start,))
    return {image: _agreed(starts) for image, starts in guesses.items()}


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
