"""The version id of a module (MVID): which build of an assembly it is, as mono's stack traces name it.

Source: ECMA-335, partition II, 24.2 (metadata root, streams, tables) and 22.30 (Module), 25.3.3 (CLI header).
"""

import struct
import uuid

from symbolicator.protocols import Buffer

MVID = "mvid"
"""Field of an image that readers add (``extra``), and what an assembly's file is found by: the id in 32 hex digits."""
_PE_OFFSET, _OPTIONAL = 0x3C, 24
_PE32 = 0x10B
_DIRECTORIES = {_PE32: 96, 0x20B: 112}
_CLI_HEADER = 14
_SECTION, _MAX_SECTIONS = 40, 96
_MAX_STREAMS = 16
_GUID = 16
_LARGE_STRINGS, _LARGE_GUIDS = 0x01, 0x02


def mvid_of(data: Buffer) -> str | None:
    """The id in 32 hex digits as mono prints it; None if the file is no assembly or is damaged."""
    try:
        metadata = _metadata(data)
        return _mvid(data, metadata, dict(_streams(data, metadata))) if metadata is not None else None
    except (struct.error, IndexError, KeyError, ValueError):
        return None


def _metadata(data: Buffer) -> int | None:
    """File offset of the metadata root."""
    header = _u32(data, _PE_OFFSET)
    optional = header + _OPTIONAL
    directory = optional + _DIRECTORIES[_u16(data, optional)] + 8 * _CLI_HEADER
    cli = _offset(data, header, _u32(data, directory))
    return None if cli is None else _offset(data, header, _u32(data, cli + 8))


def _offset(data: Buffer, header: int, address: int) -> int | None:
    """File offset of a relative virtual address."""
    table = header + _OPTIONAL + _u16(data, header + 20)
    for number in range(min(_u16(data, header + 6), _MAX_SECTIONS)):
        size, start, raw_size, raw = struct.unpack_from("<IIII", data, table + number * _SECTION + 8)
        if start <= address < start + max(size, raw_size):
            return int(raw + address - start)
    return None


def _streams(data: Buffer, root: int) -> list[tuple[bytes, int]]:
    """Names of the streams and where they lie in the file."""
    at = root + 16 + _u32(data, root + 12)
    streams = []
    count, at = _u16(data, at + 2), at + 4
    for _ in range(min(count, _MAX_STREAMS)):
        name = bytes(data[at + 8 : at + 40]).partition(b"\0")[0]
        streams.append((name, root + _u32(data, at)))
        at += 8 + (len(name) // 4 + 1) * 4
    return streams


def _mvid(data: Buffer, root: int, streams: dict[bytes, int]) -> str | None:
    """The first row of the first table names the module; its number counts GUIDs from 1."""
    tables, guids = streams[b"#~"], streams[b"#GUID"]
    if bytes(data[root : root + 4]) != b"BSJB":
        return None
    heaps, present = data[tables + 6], struct.unpack_from("<Q", data, tables + 8)[0]
    row = tables + 24 + 4 * int(present).bit_count() + 2 + (4 if heaps & _LARGE_STRINGS else 2)
    number = _u32(data, row) if heaps & _LARGE_GUIDS else _u16(data, row)
    start = guids + (number - 1) * _GUID
    return uuid.UUID(bytes_le=bytes(data[start : start + _GUID])).hex if number and present & 1 else None


def _u16(data: Buffer, at: int) -> int:
    return int(struct.unpack_from("<H", data, at)[0])


def _u32(data: Buffer, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])
