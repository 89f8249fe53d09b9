"""Source bundles as artifacts: the sources of a program in one file, found by the debug id of its image.

::

    bundle = IDENTIFIER.load("source-bundle", blob, cache)
    bundle.lines("/src/order.cpp")  # ("#include …", …)

A bundle (Sentry's, written by ``sentry-cli debug-files bundle-sources``) is a zip file, mostly behind the four letters
``SYSB`` and a version of 32 bits. Its ``manifest.json`` has the debug id, and for each file of the zip the path that
debug information has for it, or the URL that a bundle of JavaScript has it under. Sources of Java and Kotlin have a
URL only, their package as folders and the suffix ``.jvm``: ``com/shop/Cart.kt`` finds ``~/com/shop/Cart.jvm``.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import PurePosixPath

import msgspec
from msgspec import Struct

from symbolicator.enrich.source_files import MAX_SOURCE_BYTES, lines_of
from symbolicator.enrich.zip_bytes import MAX_END, OpenedBytes, directory_size
from symbolicator.errors import MalformedArtifact
from symbolicator.model.debug_ids import normal_debug_id
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

KIND = "source-bundle"
MAX_FILES = 1 << 18
"""Files in a bundle: Chromium has about a hundred thousand."""
MAX_DIRECTORY = 64 * 1024 * 1024
MAX_MANIFEST = 64 * 1024 * 1024
"""Bytes of the zip's directory, and of the manifest unpacked."""
_MAGIC = b"SYSB"
_ZIP = b"PK\x03\x04"
_LOCAL_HEADER, _LENGTHS = 30, 26
"""Length of what stands before a file's content, and where in it the lengths of its name and extra field stand."""
_MANIFEST = "manifest.json"
_KEPT = 16
"""Sources of one bundle that stay unpacked."""
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, msgspec.MsgspecError, OSError, EOFError, ValueError),
    *(KeyError, IndexError, OverflowError, NotImplementedError, RuntimeError),
)


_SOURCES = ("source", "")
_JVM_SUFFIXES = ("java", "kt", "kts", "scala", "groovy")
_JVM = ".jvm"
"""Suffix of Java's and Kotlin's sources in bundles: a class does not tell which of the two it was written in."""


class BundledFile(Struct, frozen=True):
    """What the manifest says about a file. ``type``: ``source``, ``minified_source``, ``source_map`` or another."""

    type: str = ""
    path: str = ""
    url: str = ""


class Manifest(Struct, frozen=True):
    """The manifest of a bundle; ``files`` by their names in the zip."""

    files: dict[str, BundledFile] = {}
    debug_id: str = ""
    code_id: str = ""
    object_name: str = ""
    arch: str = ""

    @property
    def sources(self) -> Iterator[tuple[str, str]]:
        """Path of each source file, and its name in the zip."""
        known = ((file.path or _jvm_path(file), name) for name, file in self.files.items() if file.type in _SOURCES)
        return ((path, name) for path, name in known if path)


class _Place(Struct, frozen=True):
    """Where a file lies in the bundle, in bytes, how it is packed, and the CRC-32 of its content."""

    offset: int
    size: int
    method: int
    checksum: int


class SourceBundle:
    """The sources of a program by the paths that debug information has for them, each unpacked when it is asked for."""

    def __init__(self, blob: Blob, places: Mapping[str, _Place]) -> None:
        self._blob, self._places = blob, places
        self._read = lru_cache(_KEPT)(self._lines)

    def lines(self, path: str) -> tuple[str, ...] | None:
        """Lines of a source file; None if it is not there or damaged."""
        return self._read(_normal(path))

    def _lines(self, path: str) -> tuple[str, ...] | None:
        place = self._places.get(path) or self._places.get(_as_jvm(path))
        if place is None:
            return None
        with self._blob.open() as data:
            try:
                return lines_of(_content(data, place, MAX_SOURCE_BYTES))
            except (ValueError, struct.error, zlib.error):
                return None


def _jvm_path(file: BundledFile) -> str:
    """Path below the folder of the sources of a file that has only a URL: ``~/com/shop/Cart.jvm``."""
    return file.url.removeprefix("~/") if file.url.startswith("~/") and file.url.endswith(_JVM) else ""


def _as_jvm(path: str) -> str:
    """The path that a bundle has a source file of Java or Kotlin under; empty if it is of another language."""
    stem, _, suffix = path.rpartition(".")
    return f"{stem}{_JVM}" if suffix in _JVM_SUFFIXES else ""


def _content(data: Buffer, place: _Place, limit: int) -> bytes:
    """The bytes of a file, if they are no more than ``limit``. Raises ValueError, struct.error, zlib.error."""
    if bytes(data[place.offset : place.offset + 4]) != _ZIP:
        raise ValueError("no file begins there")
    name, extra = struct.unpack_from("<HH", data, place.offset + _LENGTHS)
    start = place.offset + _LOCAL_HEADER + name + extra
    packed = bytes(data[start : start + place.size])
    is_deflated = place.method == zipfile.ZIP_DEFLATED
    content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, limit + 1) if is_deflated else packed
    if len(content) > limit or zlib.crc32(content) != place.checksum:
        raise ValueError("it is too long, or not what was packed")
    return content


class SourceBundleIdentifier:
    """Knows source bundles by their manifest."""

    name = "source bundles"
    kinds = frozenset({KIND})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """A bundle is found by the ids of the program that it is of; empty if it is none."""
        is_bundle = bytes(data[:4]) == _MAGIC
        if not is_bundle and (bytes(data[:4]) != _ZIP or not _has_manifest(data)):
            return ()
        try:
            manifest = read_manifest(data)
        except ValueError as error:
            return (_damaged(name, str(error)),) if is_bundle else ()
        if not is_bundle and not any(file.type for file in manifest.files.values()):
            return ()
        return (_identity(manifest),)

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> SourceBundle:  # noqa: ARG002 - needs no index
        """Reads the manifest. Raises `symbolicator.errors.MalformedArtifact`."""
        with blob.open() as data:
            try:
                return SourceBundle(blob, _places(data))
            except ValueError as error:
                raise MalformedArtifact(
                    f"The source bundle {blob.name} cannot be read: {error}. Make it again where the sources are."
                ) from error


def read_manifest(data: Buffer) -> Manifest:
    """The manifest of a bundle. Raises ValueError if there is none."""
    with _archive(data) as archive:
        return _manifest(archive)


def _places(data: Buffer) -> dict[str, _Place]:
    """Where the sources of a bundle lie, by their path. Raises ValueError."""
    with _archive(data) as archive:
        entries = {entry.filename: entry for entry in archive.infolist()}
        found = ((path, entries.get(name)) for path, name in _manifest(archive).sources)
        return {
            _normal(path): _Place(entry.header_offset, entry.compress_size, entry.compress_type, entry.CRC)
            for path, entry in found
            if entry
        }


def _archive(data: Buffer) -> zipfile.ZipFile:
    """The zip file, its directory read. Raises ValueError."""
    size = directory_size(data)
    if size is None:
        raise ValueError("it is no zip file, or broke off before its end")
    if size > MAX_DIRECTORY:
        raise ValueError(f"the list of its files has more than {MAX_DIRECTORY} bytes")
    try:
        return zipfile.ZipFile(OpenedBytes(data))
    except _BROKEN as error:
        raise ValueError(f"the list of its files is damaged ({type(error).__name__}: {error})") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(_MANIFEST) as file:
            text = file.read(MAX_MANIFEST + 1)
        if len(text) > MAX_MANIFEST:
            raise ValueError(f"it has more than {MAX_MANIFEST} bytes")
        manifest = msgspec.json.decode(text, type=Manifest, strict=False)
    except _BROKEN as error:
        raise ValueError(f"its {_MANIFEST} is missing or damaged ({type(error).__name__}: {error})") from error
    if len(manifest.files) > MAX_FILES:
        raise ValueError(f"it has more than {MAX_FILES} files")
    return manifest


def _has_manifest(data: Buffer) -> bool:
    """Whether the end of a zip file's directory names a manifest: it is the last or the first file of a bundle."""
    size = directory_size(data)
    if size is None or not 0 < size <= MAX_DIRECTORY:
        return False
    return _MANIFEST.encode() in bytes(data[-min(len(data), size + MAX_END) :])


def _normal(path: str) -> str:
    """A path as both sides have it: without ``.`` and ``..``, on Windows in lower case with slashes."""
    if _WINDOWS.match(path):
        path = path.replace("\\", "/").lower()
    return posixpath.normpath("/" + path.lstrip("/") if path.startswith("/") else path)


def _identity(manifest: Manifest) -> Identity:
    ids = {"debug_id": normal_debug_id(manifest.debug_id), "code_id": manifest.code_id.lower()}
    keys = frozenset(Key(KIND, by, value) for by, value in ids.items() if value)
    count = len(manifest.files)
    of = f" of {manifest.object_name}" if manifest.object_name else ""
    if not keys:
        label = f"artifact bundle, {count} files: unpack it and pass the folder"
        return Identity(KIND, keys, label, {"format": "artifact bundle"})
    known = {"debug id": ids["debug_id"], "code id": ids["code_id"], "architecture": manifest.arch}
    details = {"format": "source bundle"} | {name: value for name, value in known.items() if value}
    return Identity(KIND, keys, f"source bundle{of}, {count} files", details)


def _damaged(name: str, why: str) -> Identity:
    keys = frozenset({Key(KIND, "name", PurePosixPath(name).name)})
    return Identity(KIND, keys, "damaged source bundle", {"format": "source bundle", "damage": why})


IDENTIFIER = SourceBundleIdentifier()
