"""The images of a crashed process: which one covers an address, which one a frame names.

>>> images = Images.of(event)
>>> images.at(AbsoluteAddress(0x55E7BB248578)).name
'shop'
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

from native.ids import code_id_of, debug_id_of, debug_ids_of_build_id, swapped
from native.pointers import Pointers
from symbolicator.model import AbsoluteAddress, DebugImage, Event

MAX_UNSIZED = 1 << 30
"""Bytes that an image without a size may reach, where no other one follows sooner."""
MAX_ENCLOSING = 64
"""How many images may lie around one another."""
LOAD_BIAS = "load_bias"
"""Field of an image that readers add (``extra``): what was added to the file's own addresses, in bytes."""
FILE_OFFSET = "offset"
"""Field of an image that readers add (``extra``): where in the file that lies which is mapped at ``image_addr``."""
FORMATS = frozenset({None, "elf", "macho", "apple", "pe", "wasm"})
"""Types of images whose debug files are read here; None is a report that does not say."""
APPLE = frozenset({"macho", "apple"})
"""Types of Mach-O images."""
ARCHIVES = (".apk", ".aar", ".aab", ".jar", ".zip")
"""Endings of archives that libraries are loaded from."""
_UUID_DIGITS = 32
_DERIVED = frozenset({None, "elf", "macho", "apple", "wasm"})
"""Types of images whose code id holds their debug id."""
_LITTLE_ENDIAN = ("x86", "arm", "aarch64", "riscv", "loongarch", "amd64", "i386", "i686")
_SWAPPED = frozenset({None, "elf"})
"""Types of images whose debug ids are found in either byte order."""


class Image(Struct, frozen=True):
    """A loaded file. ``index``: its place in the event's images, None if only frames name it. Ids: see `native.ids`."""

    index: int | None
    path: str | None
    code_id: str | None = None
    debug_id: str | None = None
    arch: str | None = None
    address: AbsoluteAddress | None = None
    size: int | None = None
    type: str | None = None
    """Format as in Sentry's payload: ``elf``, ``macho``, ``pe``, ``wasm``, …"""
    load_bias: int | None = None
    """Added to the file's own virtual addresses, where that is known. 0: loaded where its headers say."""
    vmaddr: int | None = None
    """The file's own virtual address of what lies at ``address``, where the report says so."""
    file_offset: int | None = None
    """Where in the file that lies which is mapped at ``address``, for reports with plain mappings; in bytes."""

    @property
    def name(self) -> str | None:
        """File name without folders; of a library in an archive (``base.apk!/lib/arm64-v8a/libfoo.so``) its own.

        One of which only the place in the archive is known is called by that.
        """
        name = base_name(self.path) if self.path else None
        is_nameless = name and self.file_offset and name.endswith(ARCHIVES)
        return in_archive(str(name), self.file_offset or 0) if is_nameless else name

    @property
    def is_supported(self) -> bool:
        """Whether debug files of its format are read here."""
        return self.type in FORMATS

    @property
    def has_id(self) -> bool:
        """Whether the report says which build it was."""
        return bool(self.code_id or self.debug_id)

    @property
    def is_in_archive(self) -> bool:
        """Whether it was loaded out of an Android package, so that ``file_offset`` counts from that one's start."""
        return bool(self.path and ("!" in self.path or self.path.endswith(ARCHIVES)))

    @property
    def debug_ids(self) -> tuple[str, ...]:
        """Every debug id that its file can have: the one that the report says, and those that follow from its ids."""
        if self.code_id:
            may_be_derived = self.type in _DERIVED
            derived = debug_ids_of_build_id(self.code_id, little_endian=self._is_elf_of_little_endian)
            known = (self.debug_id, *derived) if may_be_derived else (self.debug_id,)
        else:
            known = (self.debug_id, swapped(self.debug_id) if self.debug_id and self.type in _SWAPPED else None)
        return tuple(dict.fromkeys(one for one in known if one))

    @property
    def _is_elf_of_little_endian(self) -> bool:
        return self.type == "elf" and (self.arch or "").startswith(_LITTLE_ENDIAN)


def base_name(path: str) -> str:
    """The last component of a path of any system, or of a path in an archive behind its ``!``."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2].rpartition("!")[2]


def companion_names(name: str) -> tuple[str, ...]:
    """What debug files of a binary are called: by distributions, and by Android's build."""
    return tuple(f"{name}{ending}" for ending in (".debug", ".dbg", ".sym"))


def in_archive(archive: str, offset: int) -> str:
    """What a library is called that lies as it is at an offset of an archive, in bytes."""
    return f"{archive}+{offset:#x}"


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
        self._pointers = Pointers.of((image.arch for image in self.all), (span.end for span in self._spans))
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

    def address_in(self, pointer: int) -> int:
        """The address that a pointer of the process holds: without a signature or tag in its upper bits."""
        address = self._pointers.address_in(pointer)
        return address if self._pointers.are_signed or self.at(address) else pointer

    def referred_to(self, reference: str) -> Image | None:
        """The image that a frame's ``addr_mode`` names: ``rel:<index>`` or ``rel:<debug id>``."""
        wanted = reference.removeprefix("rel:")
        if wanted.isascii() and wanted.isdecimal() and len(wanted) < _UUID_DIGITS:
            return next((image for image in self.all if image.index == int(wanted)), None)
        debug_id = debug_id_of(wanted)
        return next((image for image in self.all if debug_id in image.debug_ids), None)

    def of_package(self, package: str) -> Image | None:
        """The image of exactly that path."""
        return self._by_path.get(package)


def _read(index: int, image: DebugImage) -> Image:
    debug_id = image.debug_id or image.uuid
    return Image(
        index=index,
        path=image.code_file or image.debug_file,
        code_id=code_id_of(image.code_id) if image.code_id else None,
        debug_id=debug_id_of(debug_id) if debug_id else None,
        arch=image.arch or ("wasm32" if image.type == "wasm" else None),
        address=image.image_addr or None,
        size=image.image_size,
        type=image.type,
        load_bias=0 if image.image_addr == 0 else _number(image, LOAD_BIAS),
        vmaddr=image.image_vmaddr or None,
        file_offset=_number(image, FILE_OFFSET),
    )


def _number(image: DebugImage, field: str) -> int | None:
    """A number in a field that readers add, plain or in hex as ``/proc/PID/maps`` has it."""
    value = image.extra.get(field)
    if isinstance(value, str):
        try:
            return int(value, 16)
        except ValueError:
            return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


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
