"""The images of an Android report: what its frames are in, and what its memory map has.

A library in a package is known by the package's path and where in it the library begins. Memory that is no file (what
the JIT compiled) is no image.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from native.crashes.android.frames import AndroidFrame
from native.crashes.android.memory_map import Mapping
from native.images import ARCHIVES, FILE_OFFSET
from symbolicator.model import AbsoluteAddress, DebugImage

MAX_IMAGES = 2_000
"""More files than any process maps."""
_IN_ARCHIVE = "!"
_MEMORY = ("/memfd:", "/dev/")


class _Key(Struct, frozen=True):
    path: str
    offset: int = 0


class _Range(Struct):
    begin: int
    end: int


class AndroidImages:
    """Numbers the images; those that frames name come first."""

    def __init__(
        self, frames: Iterable[AndroidFrame], mappings: Sequence[Mapping] = (), arch: str | None = None
    ) -> None:
        self._build_ids: dict[_Key, str | None] = {}
        self._arch = arch
        for frame in frames:
            if frame.java is None and not frame.is_of_runtime and is_file(frame.path):
                self._note(_key(frame.path or "", frame.map_offset), frame.build_id)
        for mapping in mappings:
            if mapping.offset == 0 and is_file(mapping.name) and not _is_archive(mapping.name):
                self._note_mapped(mapping)
        self._numbers = {key: number for number, key in enumerate(self._build_ids)}
        self._ranges = self._placed(mappings)

    def _note(self, key: _Key, build_id: str | None) -> None:
        if key in self._build_ids or len(self._build_ids) < MAX_IMAGES:
            self._build_ids[key] = self._build_ids.get(key) or build_id

    def _note_mapped(self, mapping: Mapping) -> None:
        """A file of the map is a library if its build id is known."""
        key = _Key(mapping.name)
        if key in self._build_ids or mapping.build_id:
            self._note(key, mapping.build_id)

    def number_of(self, frame: AndroidFrame) -> int | None:
        """Index of the frame's image in `images`; None if it is in none."""
        return self._numbers.get(_key(frame.path or "", frame.map_offset)) if is_file(frame.path) else None

    @property
    def images(self) -> tuple[DebugImage, ...]:
        """The images in the order of their numbers."""
        return tuple(self._image(key, build_id) for key, build_id in self._build_ids.items())

    def _image(self, key: _Key, build_id: str | None) -> DebugImage:
        place = self._ranges.get(key)
        return DebugImage(
            type="elf",
            code_file=key.path,
            code_id=build_id,
            arch=self._arch,
            image_addr=AbsoluteAddress(place.begin) if place else None,
            image_size=place.end - place.begin if place else None,
            extra={FILE_OFFSET: hex(key.offset)} if key.offset else {},
        )

    def _placed(self, mappings: Sequence[Mapping]) -> dict[_Key, _Range]:
        """Where each image begins and ends: from its first mapping on, up to where it is mapped once more."""
        starts: dict[str, list[_Key]] = {}
        for key in self._build_ids:
            starts.setdefault(_file(key.path), []).append(key)
        for keys in starts.values():
            keys.sort(key=lambda key: key.offset)
        places: dict[_Key, _Range] = {}
        for mapping, key in _of_images(mappings, starts):
            _extend(places, key, mapping)
        return places


def is_file(path: str | None) -> bool:
    """Whether what a frame is in can be an image: a file, or the kernel's library."""
    return path == "[vdso]" or (path is not None and path.startswith("/") and not path.startswith(_MEMORY))


def _is_archive(path: str) -> bool:
    return _IN_ARCHIVE in path or path.endswith(ARCHIVES)


def _file(path: str) -> str:
    return path.partition(_IN_ARCHIVE)[0]


def _key(path: str, offset: int) -> _Key:
    """Where in a plain file a frame's code is mapped from says nothing about which file it is."""
    return _Key(path, offset if _is_archive(path) else 0)


def _of_images(mappings: Sequence[Mapping], starts: dict[str, list[_Key]]) -> Iterator[tuple[Mapping, _Key]]:
    for mapping in mappings:
        keys = starts.get(_file(mapping.name), [])
        index = bisect_right(keys, mapping.offset, key=lambda key: key.offset) - 1
        if index >= 0:
            yield mapping, keys[index]


def _extend(places: dict[_Key, _Range], key: _Key, mapping: Mapping) -> None:
    place = places.get(key)
    if place is None:
        if mapping.offset == key.offset:
            places[key] = _Range(mapping.begin, mapping.end)
    elif mapping.offset > key.offset and mapping.begin >= place.end:
        place.end = mapping.end
