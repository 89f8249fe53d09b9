"""The keys of a local store, in its database: a `symbolicator.store.keys.KeyIndex` that can be added to."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from symbolicator.errors import StoreError
from symbolicator.protocols import Key
from symbolicator.store.database import Database
from symbolicator.store.keys import Entry, counted, is_name
from symbolicator.store.names import file_name
from symbolicator.store.releases import Scope

MAX_ROWS = 10_000
"""How many names with one file name are compared."""
MAX_NEAR_ROWS = 2_000
_MAX_COUNTED = 10_000

_NEWEST = """
    SELECT upload.hash, name, headers FROM key JOIN upload USING (sequence)
    WHERE kind = ? AND "by" = ? AND value = ? AND release = ? AND dist = ? ORDER BY sequence DESC LIMIT 1"""
_NEWEST_OF_EACH_VALUE = """
    SELECT value, upload.hash, name, headers, max(sequence) AS newest FROM key JOIN upload USING (sequence)
    WHERE kind = ? AND "by" = ? AND file_name = ? AND release = ? AND dist = ?
    GROUP BY value ORDER BY newest DESC LIMIT ?"""
_ALL_WITH_FILE_NAME = """
    SELECT value, upload.hash, name, headers, sequence FROM key JOIN upload USING (sequence)
    WHERE kind = ? AND "by" = ? AND file_name = ? AND release = ? AND dist = ? ORDER BY sequence DESC LIMIT ?"""
_OF_RELEASES = """
    SELECT value, release, dist FROM key
    WHERE kind = ? AND "by" = ? AND file_name = ? AND release > '' ORDER BY sequence DESC LIMIT ?"""
_RECENT = """
    SELECT name, value FROM key JOIN upload USING (sequence)
    WHERE kind = ? AND "by" = ? ORDER BY sequence DESC LIMIT ?"""
_PUT_BLOB = "INSERT INTO blob (hash, size, added) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING"
_PUT_UPLOAD = "INSERT INTO upload (sequence, hash, name, label, headers) VALUES (?, ?, ?, ?, ?)"
_PUT_KEY = """
    INSERT INTO key (kind, "by", value, release, dist, file_name, hash, sequence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, "by", value, release, dist, hash) DO UPDATE SET sequence = excluded.sequence"""
_FORGET_REPLACED = """
    DELETE FROM upload WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM key WHERE key.sequence = upload.sequence)"""


class StoredUpload(Struct, frozen=True):
    """A content as it was uploaded once. ``label``: what it is, for a person."""

    hash: str
    name: str
    label: str
    headers: Mapping[str, str] = {}


class StoredKeys:
    """What is stored under which keys. Every error is a `symbolicator.errors.StoreError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def place(self) -> str:
        query = "SELECT count(*) FROM (SELECT 1 FROM blob LIMIT ?)"
        [(count,)] = self._database.rows(query, (_MAX_COUNTED + 1,))
        shown = f"more than {_MAX_COUNTED} files" if int(count) > _MAX_COUNTED else counted(int(count), "file")
        return f"{shown} of the store in {self._database.folder}"

    @property
    def knows_releases(self) -> bool:
        return True

    def equal(self, key: Key) -> Sequence[Entry]:
        """The newest artifact with this key."""
        rows = self._database.rows(_NEWEST, (key.kind, key.by, key.value, key.release, key.dist))
        return [self._entry(*row) for row in rows]

    def with_file_name(self, key: Key, wanted: str) -> Sequence[tuple[str, Entry]]:
        """Of names uploaded several times the newest; of bare file names all, so that they are seen to differ."""
        query = _ALL_WITH_FILE_NAME if key.by == "name" else _NEWEST_OF_EACH_VALUE
        rows = self._database.rows(query, (key.kind, key.by, wanted, key.release, key.dist, MAX_ROWS))
        return [(value, self._entry(*rest)) for value, *rest, _ in rows]

    def in_other_releases(self, key: Key, wanted: str) -> Sequence[tuple[str, Scope]]:
        """Names uploaded for a release, the newest first."""
        rows = self._database.rows(_OF_RELEASES, (key.kind, key.by, wanted, MAX_NEAR_ROWS))
        return [(value, (release, dist)) for value, release, dist in rows]

    def values(self, kind: str, by: str) -> Iterable[str]:
        return (value for _, value in self.ids(kind, by))

    def ids(self, kind: str, by: str) -> Sequence[tuple[str, str]]:
        rows = self._database.rows(_RECENT, (kind, by, MAX_NEAR_ROWS))
        return [(name, value) for name, value in rows]

    def are_same(self, entries: Sequence[Entry]) -> bool:
        return len({entry.target for entry in entries}) == 1

    def lead_to(self, upload: StoredUpload, keys: Iterable[Key]) -> bool:
        """Whether these keys already lead to this content, under this name and label, with these headers."""
        entry = Entry(upload.hash, upload.name, upload.headers)
        labels = self._database.rows("SELECT DISTINCT label FROM upload WHERE hash = ?", (upload.hash,))
        return (upload.label,) in labels and all(self.equal(key) == [entry] for key in keys)

    def add(self, upload: StoredUpload, keys: Iterable[Key], *, size: int, added: int) -> None:
        """Adds a content of ``size`` bytes and its keys in one transaction; they are the newest from now on.

        ``added``: seconds since the epoch.
        """
        headers = msgspec.json.encode(upload.headers, order="sorted").decode()
        with self._database.writing() as connection:
            connection.execute(_PUT_BLOB, (upload.hash, size, added))
            sequence = _next_sequence(connection)
            connection.execute(_PUT_UPLOAD, (sequence, upload.hash, upload.name, upload.label, headers))
            connection.executemany(_PUT_KEY, (_row(key, upload.hash, sequence) for key in keys))
            connection.execute(_FORGET_REPLACED, (upload.hash,))

    def _entry(self, content_hash: str, name: str, headers: str) -> Entry:
        try:
            return Entry(content_hash, name, msgspec.json.decode(headers, type=dict[str, str]))
        except msgspec.MsgspecError as error:
            where = f"The store in {self._database.folder} is damaged (headers of {name}: {error})"
            raise StoreError(f"{where}: upload the file again.") from error


def _next_sequence(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("SELECT coalesce(max(sequence), 0) + 1 FROM upload").fetchone()[0]
    return number


def _row(key: Key, content_hash: str, sequence: int) -> tuple[str, str, str, str, str, str, str, int]:
    last = file_name(key.value) if is_name(key.by) else ""
    return (key.kind, key.by, key.value, key.release, key.dist, last, content_hash, sequence)
