"""The bytes of artifacts: in a file (mapped, never copied) or in memory.

::

    blob = FileBlob(Path("dist/app.js.map"))
    with blob.open() as view:
        summary = summarize(view)

What is no regular file is never opened for reading: a FIFO would block, a device would answer.
"""

import hashlib
import mmap
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from symbolicator.errors import StoreError

SMALL_BYTES = 64 * 1024
"""Up to here a file is read: faster than mapping it."""
_CHUNK = 1024 * 1024

HashLookup = Callable[[Path, os.stat_result, Callable[[], str]], str]
"""Given a file, its status and how to compute its SHA-256: the SHA-256, remembered or computed."""


class BytesBlob:
    """An artifact in memory."""

    def __init__(self, name: str, data: bytes) -> None:
        self._data = data
        self.name = name
        self.content_hash = hashlib.sha256(data).hexdigest()
        self.stamp = self.content_hash

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        """The bytes."""
        with memoryview(self._data) as view:
            yield view


class FileBlob:
    """An artifact in a file. Raises `StoreError` when the file cannot be read (any more)."""

    def __init__(
        self,
        path: Path,
        name: str | None = None,
        *,
        content_hash: str | None = None,
        remembered: HashLookup | None = None,
    ) -> None:
        self.path = path
        self.name = str(path) if name is None else name
        self._hash = content_hash
        self._remembered = remembered or _computed
        self._lock = threading.Lock()

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes, hex; computed once."""
        with self._lock:
            if self._hash is None:
                with _opened(self.path, self.name) as file:
                    status = os.fstat(file)
                    self._hash = self._remembered(self.path, status, lambda: _hash_of(file))
            return self._hash

    @property
    def stamp(self) -> str:
        """The SHA-256, hex: of the bytes where it is known, else of the path with size, times and inode."""
        if self._hash is not None:
            return self._hash
        with _opened(self.path, self.name) as file:
            return stamp_of(self.path, os.fstat(file))

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        """The bytes. They are gone when the context is left."""
        with _opened(self.path, self.name) as file:
            size = os.fstat(file).st_size
            data = os.pread(file, size, 0) if size <= SMALL_BYTES else _mapped(file)
        view = memoryview(data)
        try:
            yield view
        finally:
            _let_go(view, data)


def _let_go(view: memoryview, data: bytes | mmap.mmap) -> None:
    """Unmaps now, or when the last slice that somebody kept is gone."""
    try:
        view.release()
        if isinstance(data, mmap.mmap):
            data.close()
    except BufferError:
        return


@contextmanager
def _opened(path: Path, name: str) -> Iterator[int]:
    try:
        _refuse_special(os.stat(path), name)  # noqa: PTH116 - before opening: opening a device can have effects
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise StoreError(f"{name} cannot be read ({_reason(error)}): check that it is still there.") from error
    try:
        _refuse_special(os.fstat(file), name)
        yield file
    except (OSError, ValueError) as error:
        raise StoreError(f"{name} cannot be read ({_reason(error)}): check the disk it is on.") from error
    finally:
        os.close(file)


def _refuse_special(status: os.stat_result, name: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{name} is no regular file: name the file or folder that holds the artifacts.")


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _mapped(file: int) -> mmap.mmap:
    return mmap.mmap(file, 0, access=mmap.ACCESS_READ)


def _hash_of(file: int) -> str:
    digest, at = hashlib.sha256(), 0
    while chunk := os.pread(file, _CHUNK, at):
        digest.update(chunk)
        at += len(chunk)
    return digest.hexdigest()


def stamp_of(path: Path, status: os.stat_result) -> str:
    """SHA-256, hex, of what changes when a file does."""
    changing = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return hashlib.sha256(os.fsencode(path.absolute()) + repr(changing).encode()).hexdigest()


def _computed(path: Path, status: os.stat_result, compute: Callable[[], str]) -> str:  # noqa: ARG001 - remembers nothing
    return compute()
