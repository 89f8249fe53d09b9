"""Folders as they lie: whatever is in them, the scan ends, and says what it left out."""

import os
import threading
from pathlib import Path

from symbolicator.protocols import Artifact, Key, Missing
from symbolicator.store import FolderCache, FolderStore
from symbolicator.store.walk import Limits
from tests.symbolicator.store.conftest import RaisingIdentifier, ToyIdentifier, toy, write


def _store(*paths: Path, limits: Limits | None = None) -> FolderStore:
    return FolderStore(paths, [ToyIdentifier()], FolderCache(), limits=limits)


def _names(store: FolderStore, *names: str) -> list[str]:
    """Which of these are found."""
    answers = store.fetch(frozenset(Key("map", "path", name) for name in names))
    return sorted(answer.name for answer in answers.values() if isinstance(answer, Artifact))


def test_nothing_is_read_before_the_first_question(tmp_path: Path) -> None:
    """A crash that needs no artifact must not wait for a scan of the working folder."""
    store = _store(tmp_path)
    write(tmp_path, "late.js", toy())
    assert _names(store, "late.js") == ["late.js"]


def test_machinery_folders_are_skipped_and_named(tmp_path: Path) -> None:
    """``node_modules`` is not searched, the user is told, and can have it searched."""
    for folder in ("node_modules", ".git", ".venv", ".next", "__pycache__", "src"):
        write(tmp_path, f"{folder}/{folder.strip('._')}.js", toy())
    store = _store(tmp_path)
    names = ("node_modules.js", "git.js", "venv.js", "next.js", "pycache.js", "src.js")
    assert _names(store, *names) == ["src/src.js"]
    assert "name it to have it searched" in " ".join(store.notes)
    assert _names(_store(tmp_path / "node_modules"), *names) == ["node_modules.js"]
    assert _names(_store(tmp_path / ".next"), *names) == ["next.js"]


def test_loops_and_odd_files_are_survived(tmp_path: Path) -> None:
    """Symbolic links in a circle, a FIFO, a socket, a dangling link: the scan ends."""
    write(tmp_path, "a/app.js", toy())
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to("self")
    (tmp_path / "a" / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "a" / "fifo")
    (tmp_path / "empty.js").write_bytes(b"")
    store = _store(tmp_path)
    assert _names(store, "app.js", "empty.js") == ["a/app.js"]
    assert store.notes == ()


def test_file_names_that_are_no_text(tmp_path: Path) -> None:
    """A name that is no UTF-8, or holds an escape sequence, is found and shown like any other."""
    write(tmp_path, os.fsdecode(b"caf\xe9/app\x1b.js"), toy())
    assert _names(_store(tmp_path), "https://cdn.example/caf%E9/app\x1b.js") == ["caf%E9/app\x1b.js"]


def test_a_single_file_is_a_root_too(tmp_path: Path) -> None:
    """``--artifacts app.map`` works, and what does not exist is said."""
    path = write(tmp_path, "dist/app.js", toy())
    store = _store(path, tmp_path / "gone")
    assert _names(store, "https://cdn.example/app.js") == ["app.js"]
    assert "gone" in " ".join(store.notes)


def test_limits_end_the_scan_with_a_sentence(tmp_path: Path) -> None:
    """A home folder as working folder must neither hang nor be searched silently in part."""
    for number in range(30):
        write(tmp_path, f"f{number:02}.js", toy())
    write(tmp_path, "deep/er/app.js", toy())
    few = _store(tmp_path, limits=Limits(files=10))
    assert _names(few, "f03.js", "f20.js") == ["f03.js"]
    assert "after 10 files" in few.notes[0]
    small = _store(tmp_path, limits=Limits(file_bytes=3))
    assert _names(small, "f03.js") == []
    assert "larger than 3 bytes" in small.notes[0]
    flat = _store(tmp_path, limits=Limits(depth=1))
    assert _names(flat, "f03.js", "deep/er/app.js") == ["f03.js"]


def test_the_time_limit_ends_the_scan(tmp_path: Path) -> None:
    """On a slow network folder the user gets an answer, and the reason why it may be incomplete."""
    for number in range(30):
        write(tmp_path, f"f{number:02}.js", toy())
    ticks = iter(range(1_000))
    store = FolderStore(
        [tmp_path], [ToyIdentifier()], FolderCache(), limits=Limits(seconds=10), clock=lambda: next(ticks)
    )
    assert _names(store, "f03.js", "f20.js") == ["f03.js"]
    assert "after 10 s" in store.notes[0]


def test_near_files_come_before_far_ones(tmp_path: Path) -> None:
    """When a limit ends the scan, what lies close to the given folder has been seen."""
    for number in range(50):
        write(tmp_path, f"a/b/c/{number}.js", toy())
    write(tmp_path, "z/app.js", toy())
    assert _names(_store(tmp_path, limits=Limits(files=3)), "app.js") == ["z/app.js"]


def test_of_one_id_the_file_changed_last_is_used(tmp_path: Path) -> None:
    """After a rebuild the new debug file is used, not the copy that lies about."""
    for name, text, when in (("old.map", "1", 1_000), ("new.map", "2", 2_000), ("older.map", "3", 500)):
        path = write(tmp_path, name, toy("map", "debug_id aa", text=text))
        os.utime(path, (when, when))
    answer = _store(tmp_path).fetch(frozenset({Key("map", "debug_id", "aa")}))[Key("map", "debug_id", "aa")]
    assert isinstance(answer, Artifact)
    assert answer.name == "new.map"


def test_a_file_that_vanished_is_missing(tmp_path: Path) -> None:
    """A rebuild between scan and use ends in a sentence."""
    store = _store(tmp_path)
    path = write(tmp_path, "app.js", toy())
    _names(store, "other.js")
    path.unlink()
    key = Key("map", "path", "app.js")
    answer = store.fetch(frozenset({key}))[key]
    assert isinstance(answer, Missing)
    assert "app.js" in answer.why
    assert not answer.malformed


def test_a_failing_plugin_is_noted(tmp_path: Path) -> None:
    """--explain can say why a file was not recognised, and a thousand failures are not a thousand lines."""
    for number in range(100):
        write(tmp_path, f"{number}.js", toy())
    store = FolderStore([tmp_path], [RaisingIdentifier()], FolderCache())
    store.fetch(frozenset({Key("map", "path", "x")}))
    assert "The plug-in raising failed on 0.js" in store.notes[0]
    assert len(store.notes) <= 25


def test_progress_is_told(tmp_path: Path) -> None:
    """A long scan can show a bar."""
    for number in range(3):
        write(tmp_path, f"{number}.js", toy())
    told: list[tuple[int, int | None, str]] = []
    store = FolderStore([tmp_path], [ToyIdentifier()], FolderCache(), progress=lambda *what: told.append(what))
    store.fetch(frozenset({Key("map", "path", "x")}))
    assert told == [(1, None, "0.js"), (2, None, "1.js"), (3, None, "2.js")]


def test_threads_share_one_scan(tmp_path: Path) -> None:
    """Two threads of a server asking at once get full answers both."""
    for number in range(200):
        write(tmp_path, f"{number}.js", toy())
    store, found = _store(tmp_path), []
    threads = [threading.Thread(target=lambda: found.append(_names(store, "199.js"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["199.js"]] * 4
