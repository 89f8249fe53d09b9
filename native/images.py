"""The images of a crashed process: which one covers an address, which one a frame names.

>>> images = Images.of(event)
>>> images.at(AbsoluteAddress(0x55E7BB248578)).name
'shop'
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from symbolicator.model import AbsoluteAddress, DebugImage, Event

MAX_UNSIZED = 1 << 30
"""Bytes that an image without a size may reach, where no other one follows sooner."""
MAX_ENCLOSING = 64
"""How many images may lie around one another."""
LOAD_BIAS = "load_bias"
"""Field of an image that readers add (``extra``): what was added to the file's own addresses, in bytes."""
FORMATS = frozenset({None, "elf", "macho", "apple", "pe", "wasm"})
"""Types of images whose debug files are read here; None is a report that does not say."""
_UUID_DIGITS = 32


class Image(Struct, frozen=True):
    """A loaded file. ``index``: its place in the event's images, None if only frames name it. Ids are in lower case."""

    index: int | None
    path: str | None
    code_id: str | None = None
    debug_id: str | None = None
    arch: str | None = None
    address: AbsoluteAddress | None = None
    size: int | None = None
    type: str | None = None
    """Format as in Sentry's payload: ``elf``, ``macho``, ``pe``, ``wasm``, …"""
    is_fixed: bool = False
    """Loaded where its headers say: its addresses are the file's own virtual ones, and ``address`` is not known."""

    @property
    def name(self) -> str | None:
        """File name without folders."""
        return base_name(self.path) if self.path else None

    @property
    def is_supported(self) -> bool:
        """Whether debug files of its format are read here."""
        return self.type in FORMATS

    @property
    def has_id(self) -> bool:
        """Whether the report says which build it was."""
        return bool(self.code_id or self.debug_id)


def base_name(path: str) -> str:
    """The last component of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


class _Span(Struct, frozen=True):
    begin: int
    end: int
    image: Image
    enclosing: int | None
    """Index of the span around this one."""


class Images:
    """All images of an event."""

    def __init__(self, images: Iterable[Image]) -> None:
        self.all = tuple(images)
        self._spans = _spans(self.all)
        self._begins = [span.begin for span in self._spans]
        self._by_path: dict[str, Image] = {}
        for image in self.all:
            if image.path:
                self._by_path.setdefault(image.path, image)

    @staticmethod
    def of(event: Event, packages: Iterable[str] = ()) -> "Images":
        """The event's images, and those that only frames name by ``packages``."""
        listed = [_read(index, image) for index, image in enumerate(event.images)]
        known = {image.path for image in listed}
        named = [Image(None, path) for path in sorted(set(packages) - known)]
        return Images([*listed, *named])

    def at(self, address: int) -> Image | None:
        """The innermost image that covers an absolute address; gaps between images belong to none."""
        index: int | None = bisect_right(self._begins, address) - 1
        for _ in range(MAX_ENCLOSING):
            if index is None or index < 0:
                return None
            span = self._spans[index]
            if address < span.end:
                return span.image
            index = span.enclosing
        return None

    def referred_to(self, reference: str) -> Image | None:
        """The image that a frame's ``addr_mode`` names: ``rel:<index>`` or ``rel:<debug id>``."""
        wanted = reference.removeprefix("rel:")
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < _UUID_DIGITS:
            return next((image for image in self.all if image.index == int(wanted)), None)
        debug_id = normal_debug_id(wanted)
        return next((image for image in self.all if image.debug_id and image.debug_id == debug_id), None)

    def of_package(self, package: str) -> Image | None:
        """The image of exactly that path."""
        return self._by_path.get(package)


def _read(index: int, image: DebugImage) -> Image:
    return Image(
        index=index,
        path=image.code_file or image.debug_file,
        code_id=image.code_id.lower() if image.code_id else None,
        debug_id=normal_debug_id(image.debug_id) if image.debug_id else None,
        arch=image.arch or ("wasm32" if image.type == "wasm" else None),
        address=image.image_addr or None,
        size=image.image_size,
        type=image.type,
        is_fixed=not image.image_addr and (image.image_addr == 0 or image.extra.get(LOAD_BIAS) == 0),
    )


def normal_debug_id(value: str) -> str:
    """A debug id in lower case with hyphens.

    An age of 0, which only PDB files have another than, is dropped, and so are zeros that a stamp is filled up with.
    """
    digits = value.lower().replace("-", "").strip("{}")
    uuid, age = digits[:_UUID_DIGITS], digits[_UUID_DIGITS:]
    try:
        hyphenated = str(UUID(uuid))
    except ValueError:
        return value.lower()
    age = age.lstrip("0")
    return f"{hyphenated}-{age}" if age else hyphenated


def _spans(images: Sequence[Image]) -> list[_Span]:
    placed = sorted(
        ((image.address, image) for image in images if image.address), key=lambda pair: (pair[0], -(pair[1].size or 0))
    )
    spans: list[_Span] = []
    for position, (begin, image) in enumerate(placed):
        following = next((start for start, _ in placed[position + 1 : position + 2]), begin + MAX_UNSIZED)
        end = begin + image.size if image.size else min(following, begin + MAX_UNSIZED)
        spans.append(_Span(begin, end, image, _enclosing(spans, begin)))
    return spans


def _enclosing(spans: list[_Span], begin: int) -> int | None:
    """The nearest earlier span that reaches past ``begin``."""
    index: int | None = len(spans) - 1 if spans else None
    for _ in range(MAX_ENCLOSING):
        if index is None or spans[index].end > begin:
            return index
        index = spans[index].enclosing
    return None
