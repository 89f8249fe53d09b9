"""Releases and headers of a store: names are found by the builds that they were uploaded for, ids by all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.database import APPLICATION_ID, MIGRATIONS
from symbolicator.store.local import LocalStore
from symbolicator.store.origin import Origin, check_release, parse_header
from tests.symbolicator.store.conftest import ToyIdentifier, toy, write

URL = "https://cdn.example/static/app.js"


def _open(folder: Path) -> LocalStore:
    return LocalStore(folder, [ToyIdentifier()], FolderCache(folder / "cache"), create=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    with _open(tmp_path / "store") as opened:
        yield opened


def _add(store: LocalStore, text: str, release: str = "", dist: str = "", name: str = "~/static/app.js") -> None:
    store.add(toy("map", text=text).encode(), name, Origin(release, dist))


def _get(store: LocalStore, release: str = "", dist: str = "", value: str = URL) -> Artifact | Missing:
    key = Key("map", "url", value, release, dist)
    return store.fetch(frozenset({key}))[key]


def _text(answer: Artifact | Missing) -> str | None:
    return str(answer.content).splitlines()[-1] if isinstance(answer, Artifact) else None


def test_the_narrowest_build_wins(store: LocalStore) -> None:
    """Of what was uploaded for any build, a release and one of its dists, an event gets the closest to its own."""
    _add(store, "any")
    _add(store, "one", "1.2")
    _add(store, "seven", "1.2", "7")
    builds = [("1.2", "7"), ("1.2", "8"), ("1.2", ""), ("1.3", "7"), ("", ""), ("", "7")]
    assert [_text(_get(store, *build)) for build in builds] == ["seven", "one", "one", "any", "any", "any"]


def test_another_builds_files_are_named_and_not_used(store: LocalStore) -> None:
    """They have the right name and the wrong content; the user learns what is missing, and what to do."""
    _add(store, "x", "1.3")
    _add(store, "y", "1.2", "7")
    missing = _get(store, "1.2", "8")
    assert isinstance(missing, Missing)
    assert sorted((near.name, near.note) for near in missing.near) == [
        ("~/static/app.js", "uploaded for release 1.2 (dist 7), the event is of 1.2 (dist 8)"),
        ("~/static/app.js", "uploaded for release 1.3, the event is of 1.2 (dist 8)"),
    ]
    assert "Upload the files of 1.2 (dist 8) with --release 1.2 --dist 8" in missing.near[0].remedy
    nothing = _get(store)
    assert isinstance(nothing, Missing)
    assert {near.note for near in nothing.near} == {
        "uploaded for release 1.2 (dist 7), the event names none",
        "uploaded for release 1.3, the event names none",
    }


def test_ids_are_of_no_release(store: LocalStore) -> None:
    """A debug id says which build it is of; a wrong release in the event changes nothing."""
    store.add(toy("map", "debug_id aa").encode(), "app.map", Origin("1.2", "7"))
    for key in (Key("map", "debug_id", "aa"), Key("map", "debug_id", "aa", "1.3")):
        assert isinstance(store.fetch(frozenset({key}))[key], Artifact)


def test_the_same_file_may_be_of_several_releases(store: LocalStore) -> None:
    """A chunk that did not change is uploaded with each release, under its name and headers of that time."""
    content = toy("map", "debug_id aa").encode()
    first = Origin("1.2", "", {"sourcemap": "a.map"})
    second = Origin("1.3", "", {"sourcemap": "b.map"})
    outcomes = [
        store.add(content, name, origin).outcome for name, origin in (("a/app.js", first), ("b/app.js", second))
    ]
    assert outcomes == ["added", "added"]
    for release, name, header in (("1.2", "a/app.js", "a.map"), ("1.3", "b/app.js", "b.map")):
        found = _get(store, release, value="https://x.example/app.js")
        assert isinstance(found, Artifact)
        assert (found.name, found.headers) == (name, {"sourcemap": header})
    assert store.add(content, "b/app.js", second).outcome == "already there"
    assert store.add(content, "b/app.js", Origin("1.3")).outcome == "added"
    found = _get(store, "1.3", value="https://x.example/app.js")
    assert isinstance(found, Artifact)
    assert found.headers == {}


def test_an_ambiguous_name_of_the_release_is_not_looked_for_elsewhere(store: LocalStore) -> None:
    """Two files of the release fit equally well; an old one without release would be a guess."""
    _add(store, "x", "1.2", name="a/app.js")
    _add(store, "y", "1.2", name="b/app.js")
    _add(store, "z", name="app.js")
    missing = _get(store, "1.2")
    assert isinstance(missing, Missing)
    assert "2 files fit" in missing.why


def test_a_folder_is_of_any_release(tmp_path: Path) -> None:
    """`resolve --artifacts dist` takes the folder for what it is: the build at hand."""
    write(tmp_path, "dist/app.js", toy())
    folder = FolderStore([tmp_path], [ToyIdentifier()], FolderCache(tmp_path / "cache"))
    key = Key("map", "url", "https://cdn.example/app.js", "1.2", "7")
    assert isinstance(folder.fetch(frozenset({key}))[key], Artifact)


NAMES = st.sampled_from(
    ["~/app.js", "app.js", "a/app.js", "https://cdn.example/app.js", "https://cdn.example/a/app.js"]
)
BUILDS = st.sampled_from([("", ""), ("1", ""), ("1", "7"), ("1", "8"), ("2", "")])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uploads=st.lists(st.tuples(NAMES, BUILDS), max_size=5), build=BUILDS)
def test_what_is_found_is_what_a_store_of_that_build_alone_finds(
    tmp_path_factory: pytest.TempPathFactory, uploads: list[tuple[str, tuple[str, str]]], build: tuple[str, str]
) -> None:
    """Uploads of other builds, however many, never change the answer."""
    folder = tmp_path_factory.mktemp("stores")
    wanted = "https://cdn.example/a/app.js"
    with _open(folder / "all") as everything:
        for name, origin in uploads:
            _add(everything, name, *origin, name=name)
        answer = _text(_get(everything, *build, value=wanted))
    scopes = dict.fromkeys([build, (build[0], ""), ("", "")])
    expected = None
    for number, scope in enumerate(scopes):
        with _open(folder / str(number)) as one:
            mine = [name for name, origin in uploads if origin == scope]
            for name in mine:
                _add(one, name, name=name)
            expected = _text(_get(one, value=wanted))
        if mine:
            break
    assert answer == expected


def test_a_store_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    """An upgrade must not cost what was uploaded before."""
    content = toy("map", "debug_id aa", text="old").encode()
    with _open(tmp_path / "new") as store:
        uploaded = store.add(content, "dist/app.js")
    (tmp_path / "new" / "index.sqlite").unlink()
    for left in (tmp_path / "new").glob("index.sqlite-*"):
        left.unlink()
    connection = sqlite3.connect(tmp_path / "new" / "index.sqlite")
    with connection:
        for statement in MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO blob VALUES (?, ?, ?, ?, ?)",
            (uploaded.content_hash, len(content), "dist/app.js", "toy map", 1),
        )
        for by, value, last in (("path", "dist/app.js", "app.js"), ("debug_id", "aa", "")):
            row = ("map", by, value, last, uploaded.content_hash, 5)
            connection.execute("INSERT INTO key VALUES (?, ?, ?, ?, ?, ?)", row)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with _open(tmp_path / "new") as store:
        assert _text(_get(store, "1.2")) == "old"
        assert store.add(content, "dist/app.js").outcome == "already there"
        _add(store, "new", "1.2")
        assert _text(_get(store, "1.2")) == "new"
        assert _text(_get(store)) == "old"


def test_replaced_uploads_leave_nothing_behind(store: LocalStore, tmp_path: Path) -> None:
    """A pipeline that uploads with changing headers every minute must not fill the database."""
    for number in range(5):
        store.add(toy("map").encode(), "app.js", Origin(headers={"sourcemap": f"{number}.map"}))
    with sqlite3.connect(tmp_path / "store" / "index.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM upload").fetchone() == (1,)
    connection.close()


@given(text=st.text(max_size=40))
def test_headers_and_releases_are_read_or_refused(text: str) -> None:
    """Whatever stands on a command line or in a request ends in a value that can be stored, or in a reason."""
    for read in (parse_header, check_release):
        try:
            value = read(text)
        except ValueError as error:
            assert str(error)
        else:
            "".join(value).encode()
            assert value == (read(": ".join(value)) if isinstance(value, tuple) else read(value))


@pytest.mark.parametrize(
    "release", ["'; DROP TABLE key; --", "\ud800", "x" * 10_000, "\0", "1.2\x1b[2J"], ids=lambda text: ascii(text[:8])
)
def test_hostile_releases_are_answered(store: LocalStore, release: str) -> None:
    """They come from crash reports."""
    _add(store, "x", "1.3")
    missing = _get(store, release, release)
    assert isinstance(missing, Missing)
    assert len(missing.near[0].note) < 400
    missing.near[0].remedy.encode()
