r"""The libraries of a fatal error log of the JVM, as each system prints them.

==========================================================================  =================================
``7f0100-7f0200 r-xp 00001000 08:01 131  /usr/lib/jvm/lib/libjvm.so``         Linux, /proc/PID/maps
``0x00007ffb10000000 - 0x00007ffb10100000 \tC:\jdk\bin\server\jvm.dll``      Windows: first byte, one past the last
``0x0000000102b1c000 \t/usr/lib/libSystem.B.dylib``                          macOS: first byte
==========================================================================  =================================

Source: HotSpot's os::print_dll_info of each system.
"""

import re
from collections.abc import Sequence

from native.crashes.mappings import MAX_IMAGES, mapped_images
from symbolicator.model import AbsoluteAddress, DebugImage

_ROW = re.compile(
    r"0x(?P<begin>[0-9a-f]{8,16}) (?:- 0x(?P<end>[0-9a-f]{8,16}) )?\t(?P<path>(?:/|[A-Za-z]:\\)[^\n]{1,1000})\Z"
)


def libraries(rows: Sequence[str], arch: str | None) -> list[DebugImage]:
    """The images, in the order of the log."""
    mapped = mapped_images(rows)
    if mapped:
        return [_image("elf", image.code_file or "", image.image_addr or 0, image.image_size, arch) for image in mapped]
    found = (match for match in map(_ROW.match, rows) if match)
    return [_listed(match, arch) for match, _ in zip(found, range(MAX_IMAGES), strict=False)]


def _listed(match: re.Match[str], arch: str | None) -> DebugImage:
    begin, end = int(match["begin"], 16), int(match["end"] or "0", 16)
    return _image("pe" if match["end"] else "macho", match["path"], begin, end - begin if end > begin else None, arch)


def _image(kind: str, path: str, begin: int, size: int | None, arch: str | None) -> DebugImage:
    return DebugImage(type=kind, code_file=path, image_addr=AbsoluteAddress(begin), image_size=size, arch=arch)
