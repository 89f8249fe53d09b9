"""Mapping files in archives: an app bundle (``.aab``) brings its own, and libraries may.

::

    for path in mapping_paths(data):
        text = read_member(data, path)
"""

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from symbolicator.enrich.zip_bytes import MAX_END, OpenedBytes, directory_size
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer

_MAGIC = b"PK\x03\x04"
_MAPPING = re.compile(
    r"BUNDLE-METADATA/com\.android\.tools\.build\.obfuscation/proguard\.map\Z|(?:.{0,400}/)?mapping\.txt\Z"
)
MAX_DIRECTORY = 64 * 1024 * 1024
MAX_SIZE = 1 << 29
"""Bytes of the archive's directory, and of a mapping file unpacked."""
MAX_RATIO = 128
"""Real mapping files shrink to a tenth or twentieth; beyond this it is a bomb."""
_RATIO_FREE = 1 << 20
_MAX_MEMBERS = 16
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, KeyError, IndexError),
    *(OverflowError, NotImplementedError, RuntimeError),
)


def mapping_paths(data: Buffer) -> tuple[str, ...]:
    """Paths of the mapping files in an archive, by their names; empty if it is none."""
    if bytes(data[:4]) != _MAGIC or not _may_have_one(data):
        return ()
    try:
        with zipfile.ZipFile(OpenedBytes(data)) as archive:
            entries = archive.infolist()
    except _BROKEN:
        return ()
    found = (entry.filename for entry in entries if _MAPPING.match(entry.filename) and _is_sane(entry))
    return tuple(path for path, _ in zip(found, range(_MAX_MEMBERS), strict=False))


def _is_sane(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size <= min(MAX_SIZE, max(entry.compress_size * MAX_RATIO, _RATIO_FREE))


def _may_have_one(data: Buffer) -> bool:
    """Whether the directory at the end names a file that may be one: most archives are looked at for nothing."""
    size = directory_size(data) or 0
    tail = bytes(data[-min(len(data), size + MAX_END) :]) if 0 < size <= MAX_DIRECTORY else b""
    return b"mapping.txt" in tail or b"proguard.map" in tail


def read_member(data: Buffer, path: str) -> bytes:
    """A file of an archive. Raises `MalformedArtifact`."""
    try:
        with zipfile.ZipFile(OpenedBytes(data)) as archive, archive.open(path) as file:
            content = file.read(MAX_SIZE + 1)
    except _BROKEN as error:
        raise MalformedArtifact(f"{path} cannot be read from its archive ({error}). Copy the archive again.") from error
    if len(content) > MAX_SIZE:
        raise MalformedArtifact(f"{path} has more than {MAX_SIZE} bytes. Pass the mapping file by itself.")
    return content


class MemberBlob:
    """A mapping file in an archive as an artifact of its own."""

    def __init__(self, archive: Blob, path: str) -> None:
        self._archive, self._path = archive, path
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
        with self._archive.open() as data:
            content = read_member(data, self._path)
        with memoryview(content) as whole:
            yield whole
