"""How much DWARF a file holds: the sections ``.debug_*``, uncompressed, as GNU readelf lists them.

A compressed section begins with its uncompressed size (``Elf64_Chdr``: type, reserved, size; all files here have 64
bits and little endian).
"""

import re
import struct
from pathlib import Path

from tests.benchmarks.fresh import PeerMissing, run

SECTION = re.compile(
    r"^\s*\[ *\d+\] \.debug_\w+\s+\w+\s+[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) \d\d +([A-Z]*)", re.MULTILINE
)
COMPRESSION_HEADER = struct.Struct("<IIQ")


def dwarf_size(file: Path) -> int:
    """Bytes."""
    with file.open("rb") as stream:
        total = 0
        for at in SECTION.finditer(run(["readelf", "--sections", "--wide", str(file)]).output):
            offset, size = int(at[1], 16), int(at[2], 16)
            if "C" in at[3]:
                stream.seek(offset)
                size = COMPRESSION_HEADER.unpack(stream.read(COMPRESSION_HEADER.size))[2]
            total += size
    if not total:
        raise PeerMissing("it has no DWARF")
    return total
