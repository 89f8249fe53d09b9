"""Shared by the tests of JavaScript: a store that is a dictionary, and maps loaded by the reference backend."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sourcemaps.backends.reference import BACKEND
from sourcemaps.javascript.identifier import IDENTIFIER
from sourcemaps.javascript.transformer import TRANSFORMER
from sourcemaps.protocol import SourceIndex
from symbolicator import plugins
from symbolicator.enrich import Rules, with_rules
from symbolicator.enrich.source_files import IDENTIFIER as SOURCE_FILES
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event
from symbolicator.protocols import Artifact, Key, Missing, NearMiss
from symbolicator.store import BytesBlob, FolderCache
from symbolicator.store.names import match


@dataclass
class DictionaryStore:
    """Finds what the identifiers say about the files it was given. ``asked``: the keys of the last event, in order."""

    cache: FolderCache
    files: dict[Key, BytesBlob] = field(default_factory=dict)
    asked: list[Key] = field(default_factory=list)
    near: tuple[NearMiss, ...] = ()
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, name: str, data: bytes) -> None:
        for identifier in (IDENTIFIER, SOURCE_FILES):
            for identity in identifier.identify(name, data):
                self.files |= dict.fromkeys(identity.keys, BytesBlob(name, data))

    def add_folder(self, folder: Path) -> None:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.add(path.relative_to(folder).as_posix(), path.read_bytes())

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        assert not keys & set(self.asked), "the same was asked for twice"
        self.asked.extend(sorted(keys))
        return {key: self._answer(key) for key in keys}

    def resolve(self, event: Event) -> Event:
        """What the pipeline does with one transformer, and whose code the frames are."""
        self.asked.clear()
        artifacts: dict[Key, Artifact | Missing] = {}
        for _ in range(16):
            wanted = TRANSFORMER.needs(event, artifacts) - artifacts.keys()
            if not wanted:
                resolved = TRANSFORMER.transform(event, artifacts)
                return with_rules(resolved, Rules(tables=plugins.frame_rules))
            artifacts |= self.fetch(wanted)
        raise AssertionError("it never has enough")

    def _answer(self, key: Key) -> Artifact | Missing:
        values = [known.value for known in self.files if (known.kind, known.by) == (key.kind, key.by)]
        value = key.value if key.by == "debug_id" else match(key.value, values)
        blob = self.files.get(Key(key.kind, key.by, value or ""))
        if blob is None:
            return Missing(key, "It is not there.", self.near)
        try:
            identifier = IDENTIFIER if key.kind in IDENTIFIER.kinds else SOURCE_FILES
            content = identifier.load(key.kind, blob, self.cache)
            return Artifact(key, blob.name, content, self.headers.get(blob.name, {}))
        except MalformedArtifact as error:
            return Missing(key, str(error), malformed=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DictionaryStore:
    """An empty store; maps are read by the reference backend, whatever is installed."""
    monkeypatch.setattr("sourcemaps.backends.select", lambda: BACKEND)
    return DictionaryStore(FolderCache(tmp_path))


@pytest.fixture
def load_map(tmp_path: Path) -> Callable[..., SourceIndex]:
    """Loads a source map through the reference backend: bytes, or the fields of the JSON object."""

    def load(data: bytes | None = None, /, **fields: object) -> SourceIndex:
        text = json.dumps({"version": 3, "sources": [], "names": [], "mappings": ""} | fields).encode()
        return BACKEND.load(BytesBlob("test.map", text if data is None else data), FolderCache(tmp_path))

    return load
