"""The SQLite database of a local store: opened, brought up to date, and its errors turned into ours.

Schema history (``PRAGMA user_version``):

=== ==========================================================================
1   ``blob`` (one row a content) and ``key`` (one row a key and content)
2   ``upload`` (one row an upload: the name, label and headers of a content that
    time); keys of a release and dist
=== ==========================================================================

``upload.sequence`` grows with every upload: of several artifacts under the same key the one uploaded last has the
highest. ``upload.headers`` is a JSON object. ``key.file_name`` is the last component of names, so that names that may
fit are found through an index; ``key.release`` and ``key.dist`` are empty for ids, and for what was uploaded for none.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from symbolicator.errors import StoreError

FILE_NAME = "index.sqlite"
APPLICATION_ID = 0x53594D42  # "SYMB": tells our database from any other
BUSY_SECONDS = 30.0
_RETRY_SECONDS = 0.05

_IDENTITY = """
    SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)
    FROM pragma_user_version, pragma_application_id"""
"""One statement, so that no other process's migration comes between the answers."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE blob (
               hash TEXT PRIMARY KEY, size INTEGER NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL,
               added INTEGER NOT NULL
           ) WITHOUT ROWID""",
        """CREATE TABLE key (
               kind TEXT NOT NULL, "by" TEXT NOT NULL, value TEXT NOT NULL, file_name TEXT NOT NULL,
               hash TEXT NOT NULL REFERENCES blob (hash), sequence INTEGER NOT NULL,
               PRIMARY KEY (kind, "by", value, hash)
           ) WITHOUT ROWID""",
        """CREATE INDEX key_file_name ON key (kind, "by", file_name)""",
        """CREATE INDEX key_use ON key (kind, "by", sequence)""",
        """CREATE INDEX key_sequence ON key (sequence)""",
    ),
    (
        """CREATE TABLE upload (
               sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL,
               headers TEXT NOT NULL
           )""",
        """INSERT INTO upload (sequence, hash, name, label, headers)
               SELECT DISTINCT sequence, hash, name, label, '{}' FROM key JOIN blob USING (hash)""",
        """CREATE INDEX upload_hash ON upload (hash)""",
        """ALTER TABLE key RENAME TO key_1""",
        """CREATE TABLE key (
               kind TEXT NOT NULL, "by" TEXT NOT NULL, value TEXT NOT NULL, release TEXT NOT NULL, dist TEXT NOT NULL,
               file_name TEXT NOT NULL, hash TEXT NOT NULL, sequence INTEGER NOT NULL REFERENCES upload (sequence),
               PRIMARY KEY (kind, "by", value, release, dist, hash)
           ) WITHOUT ROWID""",
        """INSERT INTO key SELECT kind, "by", value, '', '', file_name, hash, sequence FROM key_1""",
        """DROP TABLE key_1""",
        """CREATE INDEX key_file_name ON key (kind, "by", file_name, release, dist)""",
        """CREATE INDEX key_use ON key (kind, "by", sequence)""",
        """CREATE INDEX key_sequence ON key (sequence)""",
        """ALTER TABLE blob RENAME TO blob_1""",
        """CREATE TABLE blob (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, added INTEGER NOT NULL) WITHOUT ROWID""",
        """INSERT INTO blob SELECT hash, size, added FROM blob_1""",
        """DROP TABLE blob_1""",
    ),
)


class Database:
    """A connection that threads share. Every error is a `StoreError`."""

    def __init__(self, folder: Path, *, create: bool) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        with self._errors("opened"):
            self._connection = self._open(folder / FILE_NAME, create=create)

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._connection.close()

    def rows(self, query: str, values: Sequence[object]) -> list[tuple[str, ...]]:
        """All rows of a query."""
        with self._errors("read"):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing. Other writers wait."""
        with self._errors("written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self, done: str) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            remedy = "check the folder, its permissions and its disk"
            raise StoreError(f"The store in {self.folder} cannot be {done} ({error}): {remedy}.") from error

    def _open(self, path: Path, *, create: bool) -> sqlite3.Connection:
        if not create and not path.is_file():
            remedy = f"make one with `symbolicator upload PATH --store {self.folder}`"
            raise StoreError(f"There is no store in {self.folder}: {remedy}.")
        if not create and not (os.access(self.folder, os.W_OK) and os.access(path, os.W_OK)):
            return self._open_read_only(path)
        connection = _connect(path, "rwc" if create else "rw")
        try:
            if self._version(connection) < len(MIGRATIONS):
                self._migrate(connection)
            connection.execute("PRAGMA synchronous = FULL")  # an upload that was confirmed survives a power cut
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Several processes may come here at once: one does the work, the others find it done."""
        _use_write_ahead_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        for statements in MIGRATIONS[self._version(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")

    def _open_read_only(self, path: Path) -> sqlite3.Connection:
        """Read beside writers where SQLite can; else, on a disk that nobody may write, without its log and locks."""
        connection = _connect(path, "ro")
        try:
            version = self._version(connection)
        except sqlite3.OperationalError:
            connection.close()
            connection = _connect(path, "ro", immutable=True)
            version = self._version(connection)
        if version < len(MIGRATIONS):
            raise StoreError(f"The store in {self.folder} is of an older version: make it writable once.")
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        version, application, tables = connection.execute(_IDENTITY).fetchone()
        if application != APPLICATION_ID and (version or tables):
            raise StoreError(f"{self.folder / FILE_NAME} belongs to another program: use another folder.")
        if version > len(MIGRATIONS):
            known = f"has schema {version}, and this Symbolicator knows up to {len(MIGRATIONS)}"
            raise StoreError(f"The store in {self.folder} {known}: upgrade, or use another folder.")
        return int(version)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for others when it changes the journal, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _connect(path: Path, mode: str, *, immutable: bool = False) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}" + ("&immutable=1" if immutable else "")
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
