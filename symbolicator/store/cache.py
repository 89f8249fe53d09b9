"""Index files by content, on local disk under a size cap: each artifact is parsed once.

::

    cache = FolderCache()
    path = cache.get_or_build(blob, "srcidx-1", build_source_index)

Layout: ``<first two digits of the hash>/<SHA-256 of the artifact>.<index format>``, under ``hashes/`` what `FileBlob`
remembers, and under ``asked/`` which indexes were wanted once. A file is written under another name and renamed:
whoever sees it sees all of it, and it never changes afterwards. Any number of processes share a folder. The least
recently used files go first, but none that was used within the last minutes: a path that was handed out stays good
until it is opened.
"""

import hashlib
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from symbolicator.errors import StoreError
from symbolicator.protocols import Blob, Buffer

FOLDER_VARIABLE = "SYMBOLICATOR_CACHE_DIR"
SIZE_VARIABLE = "SYMBOLICATOR_CACHE_SIZE"
DEFAULT_BYTES = 2 * 1024**3
TOUCH_SECONDS = 60.0
"""How exactly the last use is known."""
SAFE_SECONDS = 600.0
"""How long a file stays after its last use, whatever the cap."""
STALE_SECONDS = 3600.0
"""Age at which a temporary file is what a killed process left behind."""
REMEMBER_BYTES = 1024 * 1024
"""From this size on the hash of a file is remembered: below, computing it is quicker."""
SETTLED_SECONDS = 2.0
"""A file changed less long ago may change again without its times showing it."""
_MB = 1024 * 1024
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_FORMAT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}\Z")
_TEMPORARY = ".part-"
_HASHES = "hashes"
_ASKED = "asked"
_LOCKS = 64


def default_folder() -> Path:
    """``$SYMBOLICATOR_CACHE_DIR``, else ``symbolicator`` in ``$XDG_CACHE_HOME``, else in ``~/.cache``."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    if base and Path(base).is_absolute():  # the XDG specification has relative paths ignored
        return Path(base) / "symbolicator"
    return Path(os.path.expanduser("~")) / ".cache" / "symbolicator"  # noqa: PTH111 - Path.expanduser raises without a home


def _say(text: str) -> None:
    sys.stderr.write(f"symbolicator: {text}\n")


class FolderCache:
    """Keeps index files in a folder. A folder that cannot be written costs speed, never an answer."""

    def __init__(
        self, folder: Path | None = None, max_bytes: int | None = None, warn: Callable[[str], None] = _say
    ) -> None:
        self._warn = warn
        self._folder = folder or default_folder()
        self._max_bytes = _cap_from_environment(warn) if max_bytes is None else max_bytes
        self._is_private = False
        self._moving = threading.Lock()
        self._building = tuple(threading.Lock() for _ in range(_LOCKS))
        self._written = self._max_bytes  # so that the first write looks at what earlier processes left

    @property
    def folder(self) -> Path:
        """Where the files are now."""
        return self._folder

    def size(self) -> int:
        """Bytes in all files of the folder."""
        return sum(file.size for file in _files(self._folder))

    def get_or_build(self, blob: Blob, index_format: str, build: Callable[[Buffer], bytes]) -> Path:
        """Path of the index of ``blob`` in ``index_format`` (name and version), built now if it is not there.

        Raises what ``build`` and `Blob.open` raise, and `StoreError` if not even a temporary folder can be written.
        """
        relative = _relative_path(blob.content_hash, index_format)
        with self._building[hash(relative) % _LOCKS]:
            path = self._folder / relative
            if _use(path):
                return path
            with blob.open() as data:
                index = build(data)
            return self._write(relative, index)

    def is_new(self, blob: Blob, index_format: str) -> bool:
        """Whether nobody wanted that index before, as far as is known without reading the blob; from now on one did."""
        relative = f"{_ASKED}/{_relative_path(blob.stamp, index_format)}"
        if _use(self._folder / relative):
            return False
        self._write(relative, b"")
        return True

    def discard(self, blob: Blob, index_format: str) -> None:
        """Forgets an index that turned out to be damaged."""
        path = self._folder / _relative_path(blob.content_hash, index_format)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._move(error)

    def remembered_hash(self, path: Path, status: os.stat_result, compute: Callable[[], str]) -> str:
        """The SHA-256 of a file, hex, computed again only if size, times or inode say that it changed."""
        if status.st_size < REMEMBER_BYTES or time.time() - status.st_mtime < SETTLED_SECONDS:
            return compute()
        stamp = f"{status.st_dev} {status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
        name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()
        relative = f"{_HASHES}/{name[:2]}/{name}"
        known = _recall(self._folder / relative, stamp)
        if known is None:
            known = compute()
            with suppress(StoreError):
                self._write(relative, f"{stamp}\n{known}".encode())
        return known

    def prune(self) -> None:
        """Deletes the least recently used files until four fifths of the cap are left."""
        files = sorted(_files(self._folder), key=lambda file: file.used)
        now, excess = time.time(), sum(file.size for file in files) - self._max_bytes
        target = excess + self._max_bytes // 5 if excess > 0 else 0
        for file in files:
            age = now - file.used
            if file.is_temporary and age > STALE_SECONDS:
                _delete(file.path)
            elif target > 0 and age > SAFE_SECONDS and not file.is_temporary and _delete(file.path):
                target -= file.size

    def _write(self, relative: str, data: bytes) -> Path:
        try:
            return self._written_to(self._folder / relative, data)
        except OSError as error:
            self._move(error)
        try:
            return self._written_to(self._folder / relative, data)
        except OSError as error:
            raise StoreError(f"No index can be kept ({error}): set {FOLDER_VARIABLE} to a folder with room.") from error

    def _written_to(self, path: Path, data: bytes) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._make_room(len(data))
        write_atomically(path, data)
        return path

    def _make_room(self, size: int) -> None:
        """Looks at the whole folder only when what this process wrote since may have changed the answer."""
        self._written += size
        if self._written > self._max_bytes // 20:
            self._written = 0
            self.prune()

    def _move(self, error: OSError) -> None:
        """Goes on in a folder of its own that ends with the process."""
        with self._moving:
            if self._is_private:
                return
            private = _temporary_folder()
            self._warn(
                f"the cache folder {self._folder} cannot be used ({error.strerror or error}): indexes are built "
                f"again each time. Make it writable or set {FOLDER_VARIABLE}."
            )
            self._folder, self._is_private = private, True


def _temporary_folder() -> Path:
    """A folder that goes when the process ends."""
    import atexit  # noqa: PLC0415 - these three cost start-up time, and are hardly ever needed
    import shutil  # noqa: PLC0415
    import tempfile  # noqa: PLC0415

    try:
        folder = tempfile.mkdtemp(prefix="symbolicator-")
    except OSError as error:
        raise StoreError(f"No cache folder can be written ({error}): set {FOLDER_VARIABLE}.") from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file that others see whole or not at all, mode 0644. Raises OSError."""
    import tempfile  # noqa: PLC0415 - a resolve with its indexes cached writes nothing

    handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o644)
        os.replace(temporary, path)  # noqa: PTH105 - it is a name, not a Path
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - as above
        raise


class _CachedFile(Struct, frozen=True):
    path: Path
    size: int
    used: float
    is_temporary: bool


def _files(folder: Path) -> Iterator[_CachedFile]:
    """All files of the cache. Others may delete some meanwhile."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            with suppress(OSError):
                status = path.lstat()
                yield _CachedFile(path, status.st_size, status.st_mtime, name.startswith(_TEMPORARY))


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True


def _use(path: Path) -> bool:
    """Whether the file is there; notes that it is used."""
    try:
        status = path.stat()
        if time.time() - status.st_mtime > TOUCH_SECONDS:
            os.utime(path)
    except FileNotFoundError:
        return False
    except OSError:  # a folder of somebody else's: good to read, not ours to touch
        return os.access(path, os.R_OK)
    return True


def _recall(path: Path, stamp: str) -> str | None:
    try:
        known_stamp, _, known = path.read_text("ascii").partition("\n")
    except (OSError, ValueError):
        return None
    if known_stamp != stamp or not _HASH.match(known):
        return None
    _use(path)
    return known


def _relative_path(content_hash: str, index_format: str) -> str:
    if not _HASH.match(content_hash) or not _FORMAT.match(index_format):
        raise ValueError(f"no cache file can be named {content_hash!r}.{index_format!r}")
    return f"{content_hash[:2]}/{content_hash}.{index_format}"


def _cap_from_environment(warn: Callable[[str], None]) -> int:
    text = os.environ.get(SIZE_VARIABLE, "")
    if not text:
        return DEFAULT_BYTES
    if text.isascii() and text.isdigit():
        return int(text[:12]) * _MB
    warn(f"{SIZE_VARIABLE}={text!r} is no number of megabytes: {DEFAULT_BYTES // _MB} is used.")
    return DEFAULT_BYTES
