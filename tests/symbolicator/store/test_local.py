"""The store that is uploaded to: what was confirmed is found, whatever happens around it."""

import os
import sqlite3
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from symbolicator.errors import StoreError
from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store import FolderCache
from symbolicator.store.database import MIGRATIONS
from symbolicator.store.local import LocalStore
from tests.symbolicator.store.conftest import RaisingIdentifier, ToyIdentifier, UnaskedIdentifier, toy, write


def _open(folder: Path, *, create: bool = True) -> LocalStore:
    return LocalStore(folder, [ToyIdentifier()], FolderCache(), create=create)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    """An empty store."""
    with _open(tmp_path / "store") as opened:
        yield opened


def _get(store: LocalStore, by: str, value: str, kind: str = "map") -> Artifact | Missing:
    key = Key(kind, by, value)
    return store.fetch(frozenset({key}))[key]


def _text(store: LocalStore, by: str, value: str) -> str:
    answer = _get(store, by, value)
    assert isinstance(answer, Artifact), answer
    return str(answer.content).splitlines()[-1]


def test_uploads_are_idempotent(store: LocalStore, tmp_path: Path) -> None:
    """A pipeline that runs twice says so and changes nothing."""
    path = write(tmp_path, "app.map", toy("map", "debug_id aa"))
    first, second = store.add(path, "dist/app.map"), store.add(path.read_bytes(), "dist/app.map")
    assert (first.outcome, second.outcome) == ("added", "already there")
    assert first.content_hash == second.content_hash
    assert [identity.label for identity in second.identities] == ["toy map"]
    assert store.add(path, "other/name.map").outcome == "added"
    assert _text(store, "path", "other/name.map") == _text(store, "path", "dist/app.map")


def test_what_nobody_knows_is_refused(store: LocalStore) -> None:
    """A picture is no artifact: it is refused with the reason, and takes no room."""
    refused = store.add(b"\x89PNG", "logo.png")
    assert (refused.outcome, refused.why) == ("refused", "no plug-in knows this kind of file")
    assert store.add(b"", "empty").outcome == "refused"


def test_what_could_never_be_found_is_refused(tmp_path: Path) -> None:
    """An upload must not say ok to a file that no key leads to."""
    with LocalStore(tmp_path, [UnaskedIdentifier()], FolderCache(), create=True) as store:
        refused = store.add(b"x", "app.hbc")
    assert refused.outcome == "refused"
    assert "pass its source map" in refused.why


def test_a_failing_plugin_is_the_reason(tmp_path: Path) -> None:
    """The user learns that it was not his file."""
    with LocalStore(tmp_path, [RaisingIdentifier()], FolderCache(), create=True) as store:
        assert "plug-in raising failed" in store.add(b"x", "app.map").why


@pytest.mark.parametrize(
    ("by", "value"), [("url", "https://cdn.example/app.js"), ("debug_id", "aa"), ("path", "app.map")]
)
def test_the_upload_of_last_wins(store: LocalStore, by: str, value: str) -> None:
    """After a deployment the new map is used; after a rollback, which uploads the old one again, the old one."""
    for text in ("one", "two", "one"):
        uploaded = store.add(toy("map", "debug_id aa", "url https://cdn.example/app.js", text=text).encode(), "app.map")
        assert uploaded.outcome == "added"
        assert _text(store, by, value) == text


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/passwd", "a\0b", "caf\udce9.js", "x" * 4_000, "https://a.example/app.js?v=1", "\x1b[2J"]
)
def test_hostile_names_stay_names(store: LocalStore, tmp_path: Path, name: str) -> None:
    """A name never becomes a path: nothing is written outside the store, and the artifact is found."""
    before = sorted(path.name for path in tmp_path.iterdir())
    assert store.add(toy("map", "debug_id aa").encode(), name).outcome == "added"
    assert isinstance(_get(store, "debug_id", "aa"), Artifact)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", ["", "x" * 5_000])
def test_names_that_are_none_are_refused(store: LocalStore, name: str) -> None:
    """An empty name could never be found again, an endless one is an attack."""
    assert store.add(toy().encode(), name).outcome == "refused"


def test_a_lost_or_damaged_blob_is_told_and_repaired(store: LocalStore, tmp_path: Path) -> None:
    """Somebody tidied the folder: the miss says so, and uploading again puts it right."""
    content = toy("map", "debug_id aa").encode()
    uploaded = store.add(content, "app.map")
    blob = tmp_path / "store" / "blobs" / uploaded.content_hash[:2] / uploaded.content_hash
    blob.unlink()
    answer = _get(store, "debug_id", "aa")
    assert isinstance(answer, Missing)
    assert "upload it again" in answer.why
    store.add(content, "app.map")
    assert blob.read_bytes() == content
    blob.write_bytes(b"bit rot")
    store.add(content, "app.map")
    assert blob.read_bytes() == content


def test_a_vanished_or_special_file_is_an_error(store: LocalStore, tmp_path: Path) -> None:
    """The upload says which file, and never hangs on a FIFO."""
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "gone", tmp_path / "fifo", tmp_path):
        with pytest.raises(StoreError):
            store.add(path, "app.map")


def test_a_store_that_is_not_there(tmp_path: Path) -> None:
    """A typo in --store is a sentence with the command that makes a store, and makes no folder."""
    with pytest.raises(StoreError, match="symbolicator upload"):
        _open(tmp_path / "typo", create=False)
    assert not (tmp_path / "typo").exists()


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """An old worker beside a new one must not write what the new one cannot read."""
    _open(tmp_path).close()
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match="upgrade"):
        _open(tmp_path, create=False)


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    """Another program's database, or no database at all, is left alone."""
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        _open(tmp_path)
    (tmp_path / "index.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        _open(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="No store can be made"):
        _open(tmp_path / "file" / "store")


def test_a_damaged_index_is_a_clear_error(store: LocalStore, tmp_path: Path) -> None:
    """Bit rot in the database ends in a sentence."""
    for number in range(200):
        store.add(toy("map", f"debug_id {number}", text="x" * 100).encode(), f"{number}.map")
    store.close()
    index = tmp_path / "store" / "index.sqlite"
    index.write_bytes(index.read_bytes()[:4096] + b"\xff" * 40_000)
    with (
        pytest.raises(StoreError, match=r"cannot be (opened|read)"),
        _open(tmp_path / "store", create=False) as damaged,
    ):
        _get(damaged, "debug_id", "7")


def _upload(folder: str, source: str, seed: int) -> None:
    with _open(Path(folder)) as store:
        files = sorted(Path(source).iterdir())
        for path in files[seed:] + files[:seed]:
            assert store.add(path, path.name).outcome in ("added", "already there")


def test_processes_upload_the_same_files_at_once(tmp_path: Path) -> None:
    """Eight jobs of a pipeline upload the same build: all succeed, everything is found, nothing is left over."""
    source = tmp_path / "dist"
    for number in range(20):
        write(source, f"{number}.map", toy("map", f"debug_id {number:04}", text="x" * 200_000))
    folder = tmp_path / "store"
    processes = [
        get_context("fork").Process(target=_upload, args=(str(folder), str(source), seed)) for seed in range(8)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 8
    with _open(folder, create=False) as store:
        keys = frozenset(Key("map", "debug_id", f"{number:04}") for number in range(20))
        assert all(isinstance(answer, Artifact) for answer in store.fetch(keys).values())
    assert len([path for path in (folder / "blobs").rglob("*") if path.is_file()]) == 20


def test_readers_see_an_upload_at_once(store: LocalStore, tmp_path: Path) -> None:
    """A worker that has the store open finds what was uploaded after it started, also after a miss."""
    with _open(tmp_path / "store", create=False) as reader:
        assert isinstance(_get(reader, "debug_id", "aa"), Missing)
        store.add(toy("map", "debug_id aa").encode(), "app.map")
        assert isinstance(_get(reader, "debug_id", "aa"), Artifact)
