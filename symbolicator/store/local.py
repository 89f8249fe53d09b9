"""A store in a folder: uploaded artifacts by content hash, and an SQLite index of the keys that they are found under.

::

    with LocalStore(Path("symbols"), identifiers(), FolderCache(), create=True) as store:
        store.add(Path("dist/app.js.map"), "dist/app.js.map")
        store.fetch(frozenset({Key("sourcemap", "url", "https://cdn.example/app.js.map")}))

Layout: ``blobs/<first two digits>/<SHA-256>`` and ``index.sqlite``. A blob is complete and on disk before the index
names it, so an upload that was confirmed is found, and one that was killed leaves nothing that is. Any number of
processes may upload and read at once. What is uploaded last wins under its URL, path or id, also when it was there
before: that is what a rollback needs.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.errors import StoreError
from symbolicator.protocols import Artifact, Blob, Identifier, Identity, IndexCache, Key, Missing
from symbolicator.store.blobs import BytesBlob, FileBlob
from symbolicator.store.database import Database
from symbolicator.store.folder import MAX_KEYS_PER_FILE, identify
from symbolicator.store.keys import Entry, Finder, is_storable, normalized
from symbolicator.store.names import MAX_NAME_CHARACTERS, storable
from symbolicator.store.opened import Opener
from symbolicator.store.origin import Origin
from symbolicator.store.stored_keys import StoredKeys, StoredUpload

_CHUNK = 1024 * 1024
_TEMPORARY = ".part-"
_STALE_SECONDS = 24 * 3600.0

NO_ORIGIN = Origin()
UNKNOWN_FILE = "no plug-in knows this kind of file"
"""`Upload.why` of a file that is simply no artifact."""

Outcome = Literal["added", "already there", "refused"]


class Upload(Struct, frozen=True):
    """What became of one file. ``why``: the reason if it was refused."""

    name: str
    outcome: Outcome
    content_hash: str = ""
    identities: tuple[Identity, ...] = ()
    why: str = ""


class LocalStore:
    """Keeps and finds artifacts. Thread-safe. Raises `StoreError` if the folder is no store or fails."""

    def __init__(
        self, folder: Path, identifiers: Sequence[Identifier], cache: IndexCache, *, create: bool = False
    ) -> None:
        self._blobs = folder / "blobs"
        self._identifiers = identifiers
        self._opener = Opener(identifiers, cache)
        if create:
            self._create()
        self._database = Database(folder, create=create)
        self._keys = StoredKeys(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the index. The store cannot be used afterwards."""
        self._database.close()

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """An answer for every key; what cannot be found or read is `Missing`. Raises `StoreError`."""
        finder = Finder(self._keys, keys)
        return {key: self._answer(key, finder.find(key)) for key in sorted(keys)}

    def _answer(self, key: Key, found: Entry | Missing) -> Artifact | Missing:
        if isinstance(found, Missing):
            return found
        path = self._path(found.target)
        if not path.is_file():
            return Missing(key, f"{found.name} was uploaded, but its file is gone from the store: upload it again.")
        opened = self._opener.open(key, found.target, FileBlob(path, found.name, content_hash=found.target))
        return replace(opened, headers=found.headers) if isinstance(opened, Artifact) else opened

    def add(self, source: Path | bytes, name: str, origin: Origin = NO_ORIGIN) -> Upload:
        """Keeps a file that an identifier knows. ``name``: URL, or path with forward slashes. Raises `StoreError`.

        Its names are found by events of the release and dist of ``origin``, or by any if it has none; its ids by all.
        """
        name = storable(name)
        if not 0 < len(name) <= MAX_NAME_CHARACTERS:
            return Upload(name[:100], "refused", why="its name is empty or too long")
        blob: Blob = BytesBlob(name, source) if isinstance(source, bytes) else FileBlob(source, name)
        before = _times(source)
        taken = self._take(blob)
        if _times(source) != before:
            raise StoreError(f"{name} changed while it was read: upload it again when nothing writes it any more.")
        return taken if isinstance(taken, Upload) else self._index(taken, origin)

    def _take(self, blob: Blob) -> "_Taken | Upload":
        notes: list[str] = []
        with blob.open() as data:
            identities = tuple(identify(blob.name, data, self._identifiers, notes.append))
            if not identities:
                return Upload(blob.name, "refused", why=" ".join(notes) or UNKNOWN_FILE)
            keys = _keys_of(identities)
            if not keys:
                return Upload(blob.name, "refused", why=f"of no use by itself: {_label_of(identities)}")
            return _Taken(blob.name, self._keep(data), len(data), identities, keys)

    def _index(self, taken: "_Taken", origin: Origin) -> Upload:
        row = StoredUpload(taken.content_hash, taken.name, _label_of(taken.identities), origin.headers)
        keys = [normalized(replace(key, release=origin.release, dist=origin.dist)) for key in taken.keys]
        is_new = not self._keys.lead_to(row, keys)
        if is_new:
            self._keys.add(row, keys, size=taken.size, added=int(time.time()))
        return Upload(taken.name, "added" if is_new else "already there", taken.content_hash, taken.identities)

    def _keep(self, data: memoryview) -> str:
        """Puts the bytes in their place, unless they are there undamaged. Returns their SHA-256."""
        content_hash = hashlib.sha256(data).hexdigest()
        path = self._path(content_hash)
        try:
            if not path.is_file() or FileBlob(path).content_hash != content_hash:
                path.parent.mkdir(exist_ok=True)
                _write_durably(path, data)
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error.strerror}): check the disk and its room.") from error
        return content_hash

    def _path(self, content_hash: str) -> Path:
        return self._blobs / content_hash[:2] / content_hash

    def _create(self) -> None:
        try:
            self._blobs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"No store can be made in {self._blobs.parent} ({error.strerror}): choose a folder that you may write."
            ) from error
        for left_behind in self._blobs.glob(f"*/{_TEMPORARY}*"):
            with suppress(OSError):
                if time.time() - left_behind.stat().st_mtime > _STALE_SECONDS:
                    left_behind.unlink()


class _Taken(Struct, frozen=True):
    """A file whose bytes are in the store and whose keys are not yet."""

    name: str
    content_hash: str
    size: int
    identities: tuple[Identity, ...]
    keys: frozenset[Key]


def _keys_of(identities: Sequence[Identity]) -> frozenset[Key]:
    return frozenset(
        normalized(Key(key.kind, key.by, key.value))
        for identity in identities
        for key in sorted(identity.keys)[:MAX_KEYS_PER_FILE]
        if is_storable(key)
    )


def _label_of(identities: Sequence[Identity]) -> str:
    return storable("; ".join(dict.fromkeys(identity.label for identity in identities)))


def _times(source: Path | bytes) -> tuple[int, int] | None:
    """What changes when a file does."""
    if isinstance(source, bytes):
        return None
    try:
        status = source.stat()
    except (OSError, ValueError):
        return None  # opening it says why
    return status.st_size, status.st_mtime_ns


def _write_durably(path: Path, data: memoryview) -> None:
    """Writes a file that others see whole or not at all, and that a power cut does not take. Raises OSError."""
    handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for at in range(0, len(data), _CHUNK):
                file.write(data[at : at + _CHUNK])
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - it is a name, not a Path
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - as above
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
