"""Debug files in archives: Android packages (APK, AAR, AAB) and other zip files, read in place.

::

    for member in members(data):
        with opened(member, data) as library:
            print(member.path, len(library))

What lies in the archive as it is, as libraries do that Android loads from there, is not copied. An archive in an
archive is not looked into. Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from msgspec import Struct

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer

MAGIC = b"PK\x03\x04"
MAX_ENTRIES = 1 << 17
MAX_MEMBERS = 2_000
"""Debug files in one archive."""
MAX_SIZE = 1 << 30
"""Bytes of one debug file."""
MAX_TOTAL = 4 << 30
"""Bytes of all debug files of an archive that have to be inflated."""
MAX_RATIO = 128
"""Real libraries shrink to a tenth; beyond this it is a bomb."""
_RATIO_FREE = 1 << 20
_END, _ENTRY, _LOCAL = b"PK\x05\x06", 0x0201_4B50, 0x0403_4B50
_END_FORM, _ENTRY_FORM, _LOCAL_FORM = "<I4H2IH", "<I6H3I5H2I", "<I5H3I2H"
_MAX_COMMENT = (1 << 16) - 1
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_MAY_BE_DEBUG_FILE = re.compile(
    r"\.(?:so(?:\.[\w.]+)?|debug|dbg|sym|dylib|dll|exe|pdb|wasm)\Z|/Resources/DWARF/[^/]+\Z"
)


class Member(Struct, frozen=True):
    """A file in an archive. ``offset`` and ``packed`` are in bytes of the archive, ``size`` as it is unpacked."""

    path: str
    offset: int
    packed: int
    size: int
    is_deflated: bool


def is_archive(data: Buffer) -> bool:
    """Whether the bytes begin as a zip file does."""
    return bytes(data[:4]) == MAGIC


def members(data: Buffer) -> tuple[Member, ...]:
    """The files in an archive that may be debug files by their names; those that make no sense are left out."""
    return tuple(_within_limits(_members(memoryview(data))))


def member_at(data: Buffer, path: str) -> Member:
    """The file in an archive with a path. Raises `MalformedArtifact` if there is none (any more)."""
    found = next((member for member in members(data) if member.path == path), None)
    if found is None:
        raise MalformedArtifact(f"The archive has no {path} that can be read. Copy it again.")
    return found


@contextmanager
def opened(member: Member, data: Buffer) -> Iterator[memoryview]:
    """The bytes of a member: a part of ``data``, or inflated. Raises `MalformedArtifact` if they are damaged."""
    view = memoryview(data)[member.offset : member.offset + member.packed]
    if not member.is_deflated:
        try:
            yield view
        finally:
            view.release()
        return
    content = _inflated(member, view)
    view.release()
    with memoryview(content) as whole:
        yield whole


class MemberBlob:
    """A file in an archive as an artifact of its own. Opening it raises `MalformedArtifact` if it is damaged."""

    def __init__(self, archive: Blob, path: str) -> None:
        self._archive = archive
        self._path = path
        self.name = f"{archive.name}!{path}"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of the unpacked bytes, hex."""
        with self.open() as data:
            return hashlib.sha256(data).hexdigest()

    @property
    def stamp(self) -> str:
        """Tells these bytes from others without reading them: of the archive's and the path there."""
        return hashlib.sha256(f"{self._archive.stamp}!{self._path}".encode()).hexdigest()

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        """The bytes, unpacked."""
        with self._archive.open() as data, opened(member_at(data, self._path), data) as content:
            yield content


def _inflated(member: Member, packed: memoryview) -> bytes:
    try:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, member.size)
    except zlib.error as error:
        raise MalformedArtifact(f"{member.path} is damaged in its archive: {error}. Copy it again.") from error
    if len(content) != member.size:
        raise MalformedArtifact(f"{member.path} is cut off in its archive. Copy it again.")
    return content


def _within_limits(found: Iterator[Member]) -> Iterator[Member]:
    left = MAX_TOTAL
    for member, _ in zip(found, range(MAX_MEMBERS), strict=False):
        left -= member.size if member.is_deflated else 0
        if left < 0:
            return
        yield member


def _members(data: memoryview) -> Iterator[Member]:
    for path, method, packed, size, local_at in _entries(data):
        if method not in (_STORED, _DEFLATED) or not 0 < size <= MAX_SIZE or not _MAY_BE_DEBUG_FILE.search(path):
            continue
        offset = _content_at(data, local_at)
        is_whole = offset is not None and offset + packed <= len(data)
        is_sane = packed == size if method == _STORED else size <= max(packed * MAX_RATIO, _RATIO_FREE)
        if offset is not None and is_whole and is_sane:
            yield Member(path, offset, packed, size, method == _DEFLATED)


def _entries(data: memoryview) -> Iterator[tuple[str, int, int, int, int]]:
    """Path, method, packed size, size, and place of the local header of every file in the central directory."""
    count, at = _directory(data)
    for _ in range(min(count, MAX_ENTRIES)):
        fields = _unpacked(_ENTRY_FORM, data, at)
        if fields is None or fields[0] != _ENTRY:
            return
        _, _, _, flags, method, _, _, _, packed, size, name, extra, comment, *_, local_at = fields
        start = at + struct.calcsize(_ENTRY_FORM)
        path = bytes(data[start : start + name]).decode("utf-8", "replace")
        at = start + name + extra + comment
        if not flags & _ENCRYPTED:
            yield path, method, packed, size, local_at


def _directory(data: memoryview) -> tuple[int, int]:
    """How many entries the central directory has, and where it begins."""
    size = struct.calcsize(_END_FORM)
    tail_at = max(0, len(data) - size - _MAX_COMMENT)
    found = bytes(data[tail_at:]).rfind(_END)
    fields = _unpacked(_END_FORM, data, tail_at + found) if found >= 0 else None
    return (fields[4], fields[6]) if fields else (0, 0)


def _content_at(data: memoryview, local_at: int) -> int | None:
    """Where a file's bytes begin: behind its local header, whose extra field pads it to a page in Android packages."""
    fields = _unpacked(_LOCAL_FORM, data, local_at)
    if fields is None or fields[0] != _LOCAL:
        return None
    return local_at + struct.calcsize(_LOCAL_FORM) + fields[-2] + fields[-1]


def _unpacked(form: str, data: memoryview, at: int) -> tuple[int, ...] | None:
    return struct.unpack_from(form, data, at) if 0 <= at <= len(data) - struct.calcsize(form) else None
