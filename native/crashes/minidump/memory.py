"""The memory lists of a minidump: which bytes of the process are where in the file.

The core copies one stack of each thread. Another one is looked up here, in ``MemoryListStream`` (5) and, of a full
dump, ``Memory64ListStream`` (9), whose regions lie one behind the other (Microsoft's minidumpapiset.h). What is cut off
or damaged is left out. Little-endian dumps only.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Final

from native.crashes.elfcore.memory import SEGMENT_WRITABLE, Memory
from native.elf.layout import SEGMENT_LOAD, Segment
from symbolicator.protocols import Buffer

_MAGIC: Final = b"MDMP"
_HEADER: Final = struct.Struct("<4xIII")
_STREAM: Final = struct.Struct("<III")
_REGION: Final = struct.Struct("<QII")
_REGION_64: Final = struct.Struct("<QQ")
_LIST, _LIST_64 = 5, 9
_MAX_STREAMS: Final = 4096
MAX_REGIONS: Final = 200_000


def memory_of(data: Buffer) -> Memory:
    """The memory in a dump, all of which counts as writable: minidumps do not say."""
    view = memoryview(data)
    regions = islice(_regions(view), MAX_REGIONS) if bytes(view[:4]) == _MAGIC else iter(())
    return Memory(view, (_segment(*region) for region in regions))


def _segment(address: int, offset: int, size: int) -> Segment:
    return Segment(SEGMENT_LOAD, SEGMENT_WRITABLE, offset, address, size, size)


def _regions(view: memoryview) -> Iterator[tuple[int, int, int]]:
    """Address, offset in the file, and size of each region."""
    for kind, stream in _streams(view):
        if kind == _LIST:
            for address, size, offset in _records(_REGION, stream[4:], _count(stream, 4)):
                yield address, offset, size
        elif kind == _LIST_64:
            yield from _full(stream)


def _streams(view: memoryview) -> Iterator[tuple[int, memoryview]]:
    if len(view) < _HEADER.size:
        return
    _, count, start = _HEADER.unpack_from(view)
    for kind, size, offset in _records(_STREAM, view[start:], min(count, _MAX_STREAMS)):
        yield kind, view[offset : offset + size]


def _full(stream: memoryview) -> Iterator[tuple[int, int, int]]:
    offset = int.from_bytes(stream[8:16], "little")
    for address, size in _records(_REGION_64, stream[16:], _count(stream, 8)):
        yield address, offset, size
        offset += size


def _count(stream: memoryview, width: int) -> int:
    return int.from_bytes(stream[:width], "little")


def _records(record: struct.Struct, data: memoryview, count: int) -> Iterator[tuple[int, ...]]:
    """As many records as are announced and there."""
    whole = min(count, len(data) // record.size)
    return record.iter_unpack(data[: whole * record.size])
