"""The keys of a local store, in its database: a `symbolicator.store.keys.KeyIndex` that can be added to."""

import sqlite3
from collections.abc import Iterable, Sequence

from msgspec import Struct

from symbolicator.protocols import Key
from symbolicator.store.database import Database
from symbolicator.store.keys import Entry, counted, is_name
from symbolicator.store.names import file_name

MAX_ROWS = 10_000
"""How many names with one file name are compared."""
MAX_NEAR_ROWS = 2_000
_MAX_COUNTED = 10_000

_NEWEST = """
    SELECT hash, name FROM key JOIN blob USING (hash)
    WHERE kind = ? AND "by" = ? AND value = ? ORDER BY sequence DESC LIMIT 1"""
_NEWEST_OF_EACH_VALUE = """
    SELECT value, hash, name, max(sequence) AS newest FROM key JOIN blob USING (hash)
    WHERE kind = ? AND "by" = ? AND file_name = ? GROUP BY value ORDER BY newest DESC LIMIT ?"""
_ALL_WITH_FILE_NAME = """
    SELECT value, hash, name, sequence FROM key JOIN blob USING (hash)
    WHERE kind = ? AND "by" = ? AND file_name = ? ORDER BY sequence DESC LIMIT ?"""
_RECENT = """
    SELECT name, value FROM key JOIN blob USING (hash)
    WHERE kind = ? AND "by" = ? ORDER BY sequence DESC LIMIT ?"""
_PUT_BLOB = """
    INSERT INTO blob (hash, size, name, label, added) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (hash) DO UPDATE SET name = excluded.name, label = excluded.label"""
_PUT_KEY = """
    INSERT INTO key (kind, "by", value, file_name, hash, sequence) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (kind, "by", value, hash) DO UPDATE SET sequence = excluded.sequence"""


class StoredBlob(Struct, frozen=True):
    """One content. ``added``: seconds since the epoch. ``label``: what it is, for a person."""

    hash: str
    size: int
    name: str
    label: str
    added: int


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

    def equal(self, key: Key) -> Sequence[Entry]:
        """The newest artifact with this key."""
        rows = self._database.rows(_NEWEST, (key.kind, key.by, key.value))
        return [Entry(content_hash, name) for content_hash, name in rows]

    def with_file_name(self, kind: str, by: str, wanted: str) -> Sequence[tuple[str, Entry]]:
        """Of names uploaded several times the newest; of bare file names all, so that they are seen to differ."""
        query = _ALL_WITH_FILE_NAME if by == "name" else _NEWEST_OF_EACH_VALUE
        rows = self._database.rows(query, (kind, by, wanted, MAX_ROWS))
        return [(value, Entry(content_hash, name)) for value, content_hash, name, _ in rows]

    def values(self, kind: str, by: str) -> Iterable[str]:
        return (value for _, value in self.ids(kind, by))

    def ids(self, kind: str, by: str) -> Sequence[tuple[str, str]]:
        rows = self._database.rows(_RECENT, (kind, by, MAX_NEAR_ROWS))
        return [(name, value) for name, value in rows]

    def are_same(self, entries: Sequence[Entry]) -> bool:
        return len({entry.target for entry in entries}) == 1

    def lead_to(self, blob: StoredBlob, keys: Iterable[Key]) -> bool:
        """Whether these keys already lead to this content, under this name and label."""
        known = self._database.rows("SELECT name, label FROM blob WHERE hash = ?", (blob.hash,))
        if known != [(blob.name, blob.label)]:
            return False
        return all([entry.target for entry in self.equal(key)] == [blob.hash] for key in keys)

    def add(self, blob: StoredBlob, keys: Iterable[Key]) -> None:
        """Adds a content and its keys in one transaction; they are the newest from now on."""
        with self._database.writing() as connection:
            connection.execute(_PUT_BLOB, (blob.hash, blob.size, blob.name, blob.label, blob.added))
            sequence = _next_sequence(connection)
            connection.executemany(_PUT_KEY, (_row(key, blob.hash, sequence) for key in keys))


def _next_sequence(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("SELECT coalesce(max(sequence), 0) + 1 FROM key").fetchone()[0]
    return number


def _row(key: Key, content_hash: str, sequence: int) -> tuple[str, str, str, str, str, int]:
    last = file_name(key.value) if is_name(key.by) else ""
    return (key.kind, key.by, key.value, last, content_hash, sequence)
