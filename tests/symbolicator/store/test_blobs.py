"""Blobs: the bytes of an artifact, or a clear error."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from symbolicator.errors import StoreError
from symbolicator.store import BytesBlob, FileBlob, blobs
from symbolicator.store.blobs import SMALL_BYTES


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, 3_000_000])
def test_a_file_and_bytes_are_the_same_blob(tmp_path: Path, size: int) -> None:
    """Small files are read and big ones mapped: nobody may see the difference."""
    content = os.urandom(size)
    (tmp_path / "f").write_bytes(content)
    for blob in (FileBlob(tmp_path / "f"), BytesBlob("f", content)):
        with blob.open() as view:
            assert view.readonly
            assert bytes(view) == content
        assert blob.content_hash == hashlib.sha256(content).hexdigest()


def test_a_slice_that_was_kept_does_no_harm(tmp_path: Path) -> None:
    """A parser that keeps a view too long must neither crash the process nor raise here."""
    (tmp_path / "f").write_bytes(b"x" * (SMALL_BYTES + 1))
    with FileBlob(tmp_path / "f").open() as view:
        kept = view[10:20]
    assert bytes(kept) == b"x" * 10


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    """A FIFO must not hang us; a folder, a device, a vanished file and a NUL are sentences, not tracebacks."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "fifo", tmp_path, Path("/dev/zero"), tmp_path / "gone", tmp_path / "loop", Path("a\0b")):
        with pytest.raises(StoreError), FileBlob(path).open():
            pass
        with pytest.raises(StoreError):
            _ = FileBlob(path).content_hash


def test_a_file_without_permission_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user learns which file and why."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret.map").write_text("x")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match=r"secret\.map cannot be read \(Permission denied\)"):
        _ = FileBlob(tmp_path / "secret.map").content_hash


@pytest.mark.parametrize("leases", [True, False])
def test_a_file_that_is_truncated_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, leases: bool
) -> None:
    """A linker that writes its output again must not end the process with SIGBUS."""
    if not leases:
        monkeypatch.setattr(blobs, "_leased", lambda _: False)
    file = tmp_path / "program"
    file.write_bytes(b"x" * 1_000_000)
    with FileBlob(file).open() as view:
        linker = subprocess.Popen([sys.executable, "-c", f"import os; os.truncate({str(file)!r}, 0)"])
        if not leases:
            linker.wait(60)
        assert bytes(view) == b"x" * 1_000_000
    assert linker.wait(60) == 0
    assert file.stat().st_size == 0


def test_a_file_that_is_being_written_is_copied(tmp_path: Path) -> None:
    """There is no lease on it, so that it may shrink at any time."""
    file = tmp_path / "program"
    with file.open("wb") as writer:
        writer.write(b"x" * 1_000_000)
        writer.flush()
        with FileBlob(file).open() as view:
            writer.truncate(0)
            assert bytes(view) == b"x" * 1_000_000
