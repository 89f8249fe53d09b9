"""The cache of index files: parsed once, never in the way."""

import os
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from symbolicator.errors import StoreError
from symbolicator.protocols import Buffer
from symbolicator.store import BytesBlob, FileBlob, FolderCache
from symbolicator.store.cache import SAFE_SECONDS, STALE_SECONDS, default_folder

OLD = 10 * SAFE_SECONDS


def _doubled(data: Buffer) -> bytes:
    return bytes(data) * 2


def _age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_an_index_is_built_once(tmp_path: Path) -> None:
    """The second resolve of the same bundle must not parse it again, whatever the file is called then."""
    calls = []

    def build(data: Buffer) -> bytes:
        calls.append(bytes(data))
        return b"index"

    cache = FolderCache(tmp_path)
    first = cache.get_or_build(BytesBlob("a", b"map"), "toy-1", build)
    second = FolderCache(tmp_path).get_or_build(BytesBlob("b", b"map"), "toy-1", build)
    assert first == second
    assert calls == [b"map"]
    assert first.stat().st_mode & 0o777 == 0o644
    assert cache.get_or_build(BytesBlob("a", b"map"), "toy-2", build) != first


def test_a_discarded_index_is_built_again(tmp_path: Path) -> None:
    """A damaged index file costs one build, not every later resolve."""
    cache, blob = FolderCache(tmp_path), BytesBlob("a", b"map")
    cache.get_or_build(blob, "toy-1", lambda _: b"damaged")
    cache.discard(blob, "toy-1")
    cache.discard(blob, "toy-1")
    assert cache.get_or_build(blob, "toy-1", lambda _: b"good").read_bytes() == b"good"


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    """The disk must not fill up, and what is used daily must stay."""
    cache = FolderCache(tmp_path, max_bytes=10_000)
    paths = [cache.get_or_build(BytesBlob("", bytes([n])), "toy-1", lambda _: b"x" * 1_000) for n in range(20)]
    for age, path in enumerate(paths):
        _age(path, OLD + age)
    assert cache.get_or_build(BytesBlob("", bytes([19])), "toy-1", _doubled) == paths[19]  # the oldest, used again
    cache.prune()
    left = [number for number, path in enumerate(paths) if path.exists()]
    assert left == [*range(7), 19]
    assert cache.size() == 8_000


def test_pruning_happens_by_itself_and_spares_what_is_in_use(tmp_path: Path) -> None:
    """Building past the cap prunes; a path that was just handed out, or is mapped, stays good."""
    cache = FolderCache(tmp_path, max_bytes=3_000)
    old = cache.get_or_build(BytesBlob("", b"old"), "toy-1", lambda _: b"o" * 2_000)
    with FileBlob(old).open() as view:
        _age(old, OLD)
        fresh = [cache.get_or_build(BytesBlob("", bytes([n])), "toy-1", lambda _: b"f" * 2_000) for n in range(3)]
        assert not old.exists()
        assert bytes(view) == b"o" * 2_000
    assert all(path.exists() for path in fresh)


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    """Temporary files of processes that died must not stay for ever, those of living ones must."""
    folder = tmp_path / "ab"
    folder.mkdir()
    for name, age in (("dead", STALE_SECONDS * 2), ("alive", 1.0)):
        (folder / f".part-{name}").write_bytes(b"x")
        _age(folder / f".part-{name}", age)
    FolderCache(tmp_path).prune()
    assert [path.name for path in folder.iterdir()] == [".part-alive"]


def test_a_folder_that_cannot_be_written_costs_one_warning(tmp_path: Path) -> None:
    """In a container with a read-only home the crash is resolved all the same."""
    (tmp_path / "file").write_text("no folder")
    warnings: list[str] = []
    cache = FolderCache(tmp_path / "file" / "cache", warn=warnings.append)
    for content in (b"one", b"two"):
        path = cache.get_or_build(BytesBlob("", content), "toy-1", _doubled)
        assert path.read_bytes() == content * 2
    [warning] = warnings
    assert "SYMBOLICATOR_CACHE_DIR" in warning
    assert cache.folder == path.parent.parent


def test_a_folder_in_the_way_of_an_index_is_survived(tmp_path: Path) -> None:
    """Whatever lies where the index should be, discarding it leads to a good one."""
    warnings: list[str] = []
    cache, blob = FolderCache(tmp_path, warn=warnings.append), BytesBlob("", b"map")
    (tmp_path / blob.content_hash[:2] / f"{blob.content_hash}.toy-1").mkdir(parents=True)
    cache.discard(blob, "toy-1")
    assert cache.get_or_build(blob, "toy-1", lambda _: b"good").read_bytes() == b"good"
    assert len(warnings) == 1


def test_without_any_folder_there_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk ends in a sentence with the variable to set, not in a traceback."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(StoreError, match="SYMBOLICATOR_CACHE_DIR"):
        FolderCache(tmp_path).get_or_build(BytesBlob("", b"map"), "toy-1", _doubled)


def test_a_failing_build_leaves_nothing(tmp_path: Path) -> None:
    """A map that cannot be parsed must not leave half an index behind."""

    def fail(_: Buffer) -> bytes:
        raise ValueError("bad map")

    with pytest.raises(ValueError, match="bad map"):
        FolderCache(tmp_path).get_or_build(BytesBlob("", b"map"), "toy-1", fail)
    assert FolderCache(tmp_path).size() == 0


def test_threads_build_one_index_once(tmp_path: Path) -> None:
    """Two events with the same new bundle in one worker must not parse it twice at once."""
    cache, calls, blob = FolderCache(tmp_path), [], BytesBlob("", b"map")

    def build(_: Buffer) -> bytes:
        calls.append(1)
        time.sleep(0.05)
        return b"index"

    threads = [threading.Thread(target=cache.get_or_build, args=(blob, "toy-1", build)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def _hammer(folder: str, seed: int) -> None:
    cache = FolderCache(Path(folder), max_bytes=50_000)
    for round_ in range(60):
        content = bytes([(seed + round_) % 20]) * 4_000
        assert cache.get_or_build(BytesBlob("", content), "toy-1", _doubled).read_bytes() == content * 2
        cache.prune()


def test_processes_share_a_folder(tmp_path: Path) -> None:
    """Several builds and prunings at once: whoever gets a path reads the whole index there."""
    processes = [get_context("fork").Process(target=_hammer, args=(str(tmp_path), seed)) for seed in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]


def test_the_hash_of_a_big_file_is_remembered_until_it_changes(tmp_path: Path) -> None:
    """A warm resolve must not read forty megabytes to find the index, and never find the wrong one."""
    cache, big = FolderCache(tmp_path / "cache"), tmp_path / "big.map"
    big.write_bytes(b"x" * 2_000_000)
    _age(big, 60)
    first = FileBlob(big, remembered=cache.remembered_hash).content_hash
    assert cache.remembered_hash(big, big.stat(), lambda: pytest.fail("computed again")) == first
    big.write_bytes(b"y" * 2_000_000)
    _age(big, 60)
    changed = FileBlob(big, remembered=cache.remembered_hash).content_hash
    assert changed != first
    assert changed == FileBlob(big).content_hash


def test_a_file_that_just_changed_is_not_remembered(tmp_path: Path) -> None:
    """A bundler may write again within the clock's resolution: such a file is hashed each time."""
    cache, big = FolderCache(tmp_path / "cache"), tmp_path / "big.map"
    big.write_bytes(b"x" * 2_000_000)
    assert cache.remembered_hash(big, big.stat(), lambda: "0" * 64) == "0" * 64
    assert cache.size() == 0


def test_the_environment_decides_folder_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator can move the cache and cap it; a typo there is said and costs nothing."""
    monkeypatch.setenv("SYMBOLICATOR_CACHE_DIR", str(tmp_path / "chosen"))
    assert default_folder() == tmp_path / "chosen"
    monkeypatch.delenv("SYMBOLICATOR_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_folder() == tmp_path / "xdg" / "symbolicator"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_folder() == tmp_path / "home" / ".cache" / "symbolicator"
    warnings: list[str] = []
    monkeypatch.setenv("SYMBOLICATOR_CACHE_SIZE", "plenty")
    FolderCache(tmp_path, warn=warnings.append)
    assert "SYMBOLICATOR_CACHE_SIZE='plenty'" in warnings[0]


@pytest.mark.parametrize("bad", ["../../etc/passwd", "", "a/b", "x" * 65, ".part-1"])
def test_a_format_name_cannot_leave_the_folder(tmp_path: Path, bad: str) -> None:
    """A plug-in's format name is part of a path: it must not be one."""
    with pytest.raises(ValueError, match="no cache file"):
        FolderCache(tmp_path).get_or_build(BytesBlob("", b""), bad, _doubled)
