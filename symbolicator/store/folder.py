"""Artifacts in files and folders as they lie: no upload, no database.

::

    store = FolderStore([Path("dist")], identifiers(), FolderCache())
    store.fetch(frozenset({Key("sourcemap", "url", "https://cdn.example/app.js.map")}))
    print(store.notes)

The files are looked at on the first fetch, by content: every identifier may say what a file is and under which keys it
is found. Of several files with the same id the one changed last is used; of several that a name fits equally well none
is, unless they are copies of each other.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from symbolicator.errors import StoreError
from symbolicator.protocols import Artifact, Identifier, Identity, IndexCache, Key, Missing
from symbolicator.store.blobs import FileBlob, HashLookup
from symbolicator.store.cache import FolderCache
from symbolicator.store.keys import Entry, Finder, counted, is_name, is_storable, normalized
from symbolicator.store.names import MAX_CANDIDATES, file_name, storable
from symbolicator.store.opened import Opener
from symbolicator.store.releases import Scope
from symbolicator.store.walk import Found, Limits, Walk

Progress = Callable[[int, int | None, str], None]
"""Told for each file: how many were looked at, of how many (None: not known), and its name."""
MAX_KEYS_PER_FILE = 10_000
_MAX_NOTES = 20


class FolderStore:
    """Finds artifacts in files and folders. Thread-safe."""

    def __init__(  # noqa: PLR0913 - the last three are for tests and progress bars
        self,
        paths: Sequence[Path],
        identifiers: Sequence[Identifier],
        cache: IndexCache,
        *,
        progress: Progress | None = None,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._identifiers = identifiers
        self._remembered = cache.remembered_hash if isinstance(cache, FolderCache) else None
        self._opener = Opener(identifiers, cache)
        self._progress = progress
        self._walk = Walk(paths, limits, clock)
        self._index = _FolderIndex(paths, self._remembered)
        self._notes: list[str] = []
        self._scanned = False
        self._scanning = threading.Lock()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not looked at and why, a sentence each; empty before the first fetch."""
        return self._walk.notes + tuple(self._notes)

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """An answer for every key; what cannot be found or read is `Missing`."""
        self._scan()
        finder = Finder(self._index, keys)
        return {key: self._answer(key, finder.find(key)) for key in sorted(keys)}

    def _answer(self, key: Key, found: Entry | Missing) -> Artifact | Missing:
        if isinstance(found, Missing):
            return found
        blob = FileBlob(Path(found.target), found.name, remembered=self._remembered)
        return self._opener.open(key, found.target, blob)

    def _scan(self) -> None:
        with self._scanning:
            if self._scanned:
                return
            for found in self._walk.files():
                if self._progress:
                    self._progress(self._walk.count, None, found.name)
                self._look_at(found)
            self._index.count = self._walk.count
            self._scanned = True

    def _look_at(self, found: Found) -> None:
        try:
            with FileBlob(found.path, found.name).open() as data:
                identities = identify(found.name, data, self._identifiers, self._note)
        except StoreError as error:
            self._note(str(error))
            return
        for identity in identities:
            self._index.add(identity, found)

    def _note(self, text: str) -> None:
        if len(self._notes) < _MAX_NOTES:
            self._notes.append(text)


def identify(
    name: str, data: memoryview, identifiers: Iterable[Identifier], note: Callable[[str], None]
) -> list[Identity]:
    """What a file is, by all identifiers; one that fails is noted and costs only this file."""
    found: list[Identity] = []
    for identifier in identifiers:
        try:
            found.extend(_checked(identity) for identity in identifier.identify(name, data))
        except Exception as error:  # noqa: BLE001 - identifiers are plug-ins by strangers
            note(f"The plug-in {identifier.name} failed on {name} ({type(error).__name__}: {error}).")
    return found


def _checked(identity: Identity) -> Identity:
    """What a stranger's plug-in returned, or a TypeError that says what it should have."""
    texts = [identity.kind, identity.label, *(text for key in identity.keys for text in (key.kind, key.by, key.value))]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("kind, label and keys of an Identity must be text")
    return identity


class _FolderIndex:
    """The keys of a folder's files, in memory."""

    def __init__(self, paths: Sequence[Path], remembered: HashLookup | None) -> None:
        self._roots = ", ".join(storable(str(path)) for path in paths)
        self._remembered = remembered
        self._files: dict[str, Found] = {}
        self._hashes: dict[str, str] = {}
        self._equal: dict[Key, dict[str, Entry]] = {}
        self._by_file_name: dict[tuple[str, str, str], list[tuple[str, Entry]]] = {}
        self._by_use: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.count = 0

    @property
    def place(self) -> str:
        return f"{counted(self.count, 'file')} in {self._roots}"

    @property
    def knows_releases(self) -> bool:
        """A folder is of one build, and does not say which."""
        return False

    def add(self, identity: Identity, found: Found) -> None:
        """Adds the keys of one artifact."""
        entry = Entry(str(found.path), found.name)
        self._files[entry.target] = found
        for key in sorted(identity.keys)[:MAX_KEYS_PER_FILE]:
            if is_storable(key):
                self._add_key(normalized(Key(key.kind, key.by, key.value)), entry)

    def _add_key(self, key: Key, entry: Entry) -> None:
        self._equal.setdefault(key, {})[entry.target] = entry
        self._by_use.setdefault((key.kind, key.by), []).append((entry.name, key.value))
        if is_name(key.by):
            place = (key.kind, key.by, file_name(key.value))
            self._by_file_name.setdefault(place, []).append((key.value, entry))

    def equal(self, key: Key) -> Sequence[Entry]:
        found = self._equal.get(key, {}).values()
        return sorted(found, key=lambda entry: (-self._files[entry.target].changed_ns, entry.name))

    def with_file_name(self, key: Key, wanted: str) -> Sequence[tuple[str, Entry]]:
        return self._by_file_name.get((key.kind, key.by, wanted), [])

    def in_other_releases(self, key: Key, wanted: str) -> Sequence[tuple[str, Scope]]:  # noqa: ARG002 - as above
        return ()

    def values(self, kind: str, by: str) -> Iterable[str]:
        return (value for _, value in self._by_use.get((kind, by), []))

    def ids(self, kind: str, by: str) -> Iterable[tuple[str, str]]:
        return self._by_use.get((kind, by), [])

    def are_same(self, entries: Sequence[Entry]) -> bool:
        sizes = {self._files[entry.target].size for entry in entries}
        if len(entries) > MAX_CANDIDATES or len(sizes) > 1:
            return False
        try:
            return len({self._hash_of(entry.target) for entry in entries}) == 1
        except StoreError:
            return False

    def _hash_of(self, target: str) -> str:
        if target not in self._hashes:
            self._hashes[target] = FileBlob(Path(target), remembered=self._remembered).content_hash
        return self._hashes[target]
