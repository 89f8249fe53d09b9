"""The files in a crash file of Unreal Engine: one stream of zlib.

::

    "CR1"                                   since 4.26; before, the header comes first as well, but says nothing
    header   directory, file name           texts: length (u32) and as many bytes, filled up with NULs
             size, number of files          i32 each
    files    number (i32), name, size (i32), bytes
    header   once more, without "CR1"       this one is true

Source: Sentry's ``symbolic-unreal``, which reads what the engine's ``CrashReportClient`` writes (its class
``FCompressedCrashFile``).
"""

import struct
from collections.abc import Iterator

from msgspec import Struct

from native.crashes.containers.inflate import ZLIB, head_of

MAGIC = b"CR1"
_MAX_FILES = 1_000
_MAX_NAME = 4096
_HEAD = 4096
_ENDINGS = (".uecrash", ".ue4crash")


class CrashFile(Struct, frozen=True):
    """One file; of one that is cut off, what is there."""

    name: str
    content: memoryview


class _Cursor:
    """Reads forward; what is not there is None."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self._data, self._at = data, at

    def number(self) -> int | None:
        field = self._data[self._at : self._at + 4]
        self._at += 4
        return int(struct.unpack("<i", field)[0]) if len(field) == 4 else None  # noqa: PLR2004 - an i32

    def text(self) -> str | None:
        size = self.number()
        if size is None or not 0 <= size <= _MAX_NAME or self._at + size > len(self._data):
            return None
        field = self._data[self._at : self._at + size]
        self._at += size
        return field.rstrip(b"\0").decode("utf-8", "replace")

    def content(self, size: int) -> memoryview:
        piece = memoryview(self._data)[self._at : self._at + size]
        self._at += size
        return piece

    @property
    def is_at_end(self) -> bool:
        return self._at >= len(self._data)


class Header(Struct, frozen=True):
    """What the file says about itself."""

    directory: str
    name: str
    files: int


def detects(head: bytes) -> bool:
    """Whether a stream of zlib begins with a header of Unreal's."""
    header = _header(_start(head_of(head, ZLIB, _HEAD)))
    return header is not None and header.name.lower().endswith(_ENDINGS)


def files_of(data: bytes) -> Iterator[CrashFile]:
    """The files in their order, from the inflated stream."""
    cursor = _start(data)
    header = _header(cursor)
    wanted = header.files if header and data.startswith(MAGIC) else _last_number(data)
    for _ in range(min(max(wanted, 0), _MAX_FILES)):
        _, name, size = cursor.number(), cursor.text(), cursor.number()
        if name is None or size is None or size < 0 or cursor.is_at_end:
            return
        yield CrashFile(name, cursor.content(size))


def _start(data: bytes) -> _Cursor:
    return _Cursor(data, len(MAGIC) if data.startswith(MAGIC) else 0)


def _header(cursor: _Cursor) -> Header | None:
    directory, name, size, files = cursor.text(), cursor.text(), cursor.number(), cursor.number()
    if directory is None or name is None or size is None or files is None:
        return None
    return Header(directory, name, files)


def _last_number(data: bytes) -> int:
    """How many files the header at the end counts; of a stream that is cut off, as many as there are."""
    count = int(struct.unpack("<i", data[-4:])[0]) if len(data) >= 4 else 0  # noqa: PLR2004 - an i32
    return count if 0 < count <= _MAX_FILES else _MAX_FILES
