"""The notes of a core: what the kernel tells beside the memory.

Source: elf(5), core(5), and the kernel's include/uapi/linux/elf.h for the types.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from native.elf.layout import SEGMENT_NOTE, ElfFile

PRSTATUS, FLOATS, PRPSINFO, AUXV = 1, 2, 3, 6
SIGINFO, FILES = 0x53494749, 0x46494C45
"""``SIGI`` and ``FILE``."""
BUILD_ID = 3
"""Of the owner ``GNU``, in an image that the process had loaded."""
MAX_NOTES = 200_000
"""A thread has about eight."""
_HEAD = 12
_KERNEL = (b"CORE", b"LINUX")


class Note(NamedTuple):
    """One note; ``content`` is a slice of the core, cut off where the file ends."""

    type: int
    content: memoryview


def notes_of(elf: ElfFile, owners: Sequence[bytes] = _KERNEL) -> Iterator[Note]:
    """The notes of these owners in their order; of the kernel's own where nothing else is asked for."""
    left = MAX_NOTES
    for part in elf.segments:
        if part.type != SEGMENT_NOTE:
            continue
        for note in _notes_in(elf.data[part.offset : part.offset + part.file_size], elf.order, owners):
            left -= 1
            if left < 0:
                return
            yield note


def _notes_in(data: memoryview, order: str, owners: Sequence[bytes]) -> Iterator[Note]:
    at = 0
    while at + _HEAD <= len(data):
        name_size, size, kind = struct.unpack_from(order + "III", data, at)
        start = at + _HEAD + _aligned(name_size)
        owner = bytes(data[at + _HEAD : at + _HEAD + min(name_size, _HEAD)]).rstrip(b"\0")
        if owner in owners:
            yield Note(kind, data[start : start + size])
        at = start + _aligned(size)


def _aligned(size: int) -> int:
    return (size + 3) & ~3
