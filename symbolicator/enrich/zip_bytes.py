"""Zip files in memory (PKWARE's APPNOTE): how much their directory takes, before `zipfile` makes anything of it."""

import io

from symbolicator.protocols import Buffer

_END = b"PK\x05\x06"
_END_SIZE = 22
MAX_END = _END_SIZE + 0xFFFF
"""Bytes of the record at the end of a zip file, with the longest comment."""
_END_64, _END_64_SIZE = b"PK\x06\x06", 56
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_UNKNOWN = 0xFFFF_FFFF
_SHIFTED = (0, 8)
"""What offsets are off by: they may count from behind the eight bytes in front of a source bundle."""


def directory_size(data: Buffer) -> int | None:
    """Bytes of the directory at the end of a zip: read before anything is made of it, as every entry costs memory.

    The most that any record says, as readers differ in which one they go by. None if there is no end of a zip file.
    """
    tail_start = max(0, len(data) - MAX_END)
    tail = bytes(data[tail_start:])
    at = tail.rfind(_END, 0, max(0, len(tail) - _END_SIZE + len(_END)))
    if at < 0:
        return None
    return max(int.from_bytes(tail[at + 12 : at + 16], "little") % _UNKNOWN, _size_64(data, tail_start + at))


def _size_64(data: Buffer, end: int) -> int:
    """What the second record says that zip files of more than 65,535 files have, and the locator between the two."""
    locator = end - _LOCATOR_SIZE
    if locator < 0 or bytes(data[locator : locator + 4]) != _LOCATOR:
        return 0
    second = int.from_bytes(bytes(data[locator + 8 : locator + 16]), "little")
    places = {max(0, locator - _END_64_SIZE), *(second + shift for shift in _SHIFTED)}
    found = (place for place in places if bytes(data[place : place + 4]) == _END_64)
    return max((int.from_bytes(bytes(data[place + 40 : place + 48]), "little") for place in found), default=0)


class OpenedBytes(io.RawIOBase):
    """Bytes in memory as a file, without a copy of them."""

    def __init__(self, data: Buffer) -> None:
        self._data, self._at = memoryview(data), 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = len(self._data) if size is None or size < 0 else self._at + size
        found = bytes(self._data[self._at : end])
        self._at += len(found)
        return found
