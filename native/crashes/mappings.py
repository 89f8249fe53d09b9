"""Memory maps in a report: ``/proc/PID/maps`` (old glibc prints it) and gdb's ``info proc mappings``.

=====================================================================================  =================================
``55e7bb245000-55e7bb247000 r--p 00000000 08:01 131     /srv/shop``                    /proc/PID/maps, proc(5)
``0x555555554000  0x555555555000  0x1000  0x0  r--p  /srv/shop``                       info proc mappings
=====================================================================================  =================================

The address that an image is loaded at is that of its mapping at file offset 0. Loaders map privately (``p``): what is
shared (``s``) is a file that somebody reads, as Ruby reads libraries for the names of their functions.
"""

import re
from collections.abc import Iterable

from msgspec import Struct

from symbolicator.model import AbsoluteAddress, DebugImage

_MAPS = re.compile(
    r"(?P<start>[0-9a-f]{4,16})-(?P<end>[0-9a-f]{4,16}) [r-][w-][x-]p (?P<offset>[0-9a-f]{1,16}) "
    r"[0-9a-f]{1,4}:[0-9a-f]{1,4} [0-9]{1,20} +(?P<path>/.*)\Z"
)
_GDB = re.compile(
    r"0x(?P<start>[0-9a-f]{1,16}) +0x(?P<end>[0-9a-f]{1,16}) +0x[0-9a-f]{1,16} +0x(?P<offset>[0-9a-f]{1,16}) +"
    r"(?:[r-][w-][x-][ps-] +)?(?P<path>/.*)\Z"
)
MAX_IMAGES = 2_000
"""More files than any process maps."""


class Mapping(Struct, frozen=True):
    """Bytes ``start`` to ``end`` (absolute, one past the last) show the file ``path`` from byte ``offset`` on."""

    start: int
    end: int
    offset: int
    path: str


def parse_mapping(line: str) -> Mapping | None:
    """The mapping of one line, None if it is none."""
    text = line.strip()
    match = _GDB.match(text) if text.startswith("0x") else _MAPS.match(text)
    if match is None:
        return None
    path = match["path"].removesuffix(" (deleted)")
    return Mapping(int(match["start"], 16), int(match["end"], 16), int(match["offset"], 16), path)


def mapped_images(lines: Iterable[str]) -> list[DebugImage]:
    """One image a file that is mapped from its first byte on."""
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    for mapping in map(parse_mapping, lines):
        if mapping and mapping.offset == 0 and len(starts) < MAX_IMAGES:
            starts.setdefault(mapping.path, mapping.start)
        if mapping and mapping.path in starts:
            ends[mapping.path] = max(ends.get(mapping.path, 0), mapping.end)
    return [_image(path, start, ends[path]) for path, start in starts.items()]


def _image(path: str, start: int, end: int) -> DebugImage:
    return DebugImage(type="elf", code_file=path, image_addr=AbsoluteAddress(start), image_size=max(0, end - start))
