"""Shared by the tests of JavaScript: blobs in memory, a cache in a folder, and a store that is a dictionary."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sourcemaps.backends.reference import BACKEND
from sourcemaps.javascript.identifier import IDENTIFIER
from sourcemaps.protocol import SourceIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Artifact, Buffer, Key, Missing
from symbolicator.store.names import match


@dataclass(frozen=True)
class MemoryBlob:
    """An artifact in memory."""

    name: str
    data: bytes

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @contextmanager
    def open(self) -> Iterator[memoryview]:
        with memoryview(self.data) as view:
            yield view


@dataclass(frozen=True)
class FolderCache:
    """Index files in a folder."""

    folder: Path

    def get_or_build(self, blob: MemoryBlob, index_format: str, build: Callable[[Buffer], bytes]) -> Path:
        path = self.folder / f"{blob.content_hash}.{index_format.replace('/', '-')}"
        if not path.exists():
            with blob.open() as data:
                path.write_bytes(build(data))
        return path

    def discard(self, blob: MemoryBlob, index_format: str) -> None:
        (self.folder / f"{blob.content_hash}.{index_format.replace('/', '-')}").unlink(missing_ok=True)


@dataclass
class DictionaryStore:
    """Finds what `IDENTIFIER` says about the files it was given. ``asked``: every key, in the order of asking."""

    cache: FolderCache
    files: dict[Key, MemoryBlob] = field(default_factory=dict)
    asked: list[Key] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> None:
        for identity in IDENTIFIER.identify(name, data):
            self.files |= dict.fromkeys(identity.keys, MemoryBlob(name, data))

    def add_folder(self, folder: Path) -> None:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.add(path.relative_to(folder).as_posix(), path.read_bytes())

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        self.asked.extend(sorted(keys))
        return {key: self._answer(key) for key in keys}

    def _answer(self, key: Key) -> Artifact | Missing:
        values = [known.value for known in self.files if (known.kind, known.by) == (key.kind, key.by)]
        value = key.value if key.by == "debug_id" else match(key.value, values)
        blob = self.files.get(Key(key.kind, key.by, value or ""))
        if blob is None:
            return Missing(key, "It is not there.")
        try:
            return Artifact(key, blob.name, IDENTIFIER.load(key.kind, blob, self.cache))
        except MalformedArtifact as error:
            return Missing(key, str(error), malformed=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DictionaryStore:
    """An empty store; maps are read by the reference backend, whatever is installed."""
    monkeypatch.setattr("sourcemaps.backends.select", lambda: BACKEND)
    return DictionaryStore(FolderCache(tmp_path))


LoadMap = Callable[..., SourceIndex]


@pytest.fixture
def load_map(tmp_path: Path) -> LoadMap:
    """Loads a source map through the reference backend: bytes, or the fields of the JSON object."""

    def load(data: bytes | None = None, /, **fields: object) -> SourceIndex:
        text = json.dumps({"version": 3, "sources": [], "names": [], "mappings": ""} | fields).encode()
        return BACKEND.load(MemoryBlob("test.map", text if data is None else data), FolderCache(tmp_path))

    return load


@pytest.fixture
def make_blob() -> Callable[[str, bytes], MemoryBlob]:
    """Makes an artifact in memory."""
    return MemoryBlob
