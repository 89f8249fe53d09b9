"""``symbolicator upload``: what a build pipeline reads in its log, and the code that it ends with."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbolicator import plugins
from symbolicator.cli.upload import upload
from symbolicator.errors import StoreError
from tests.symbolicator.store.conftest import ToyIdentifier, toy, write


@pytest.fixture(autouse=True)
def _toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "identifiers", lambda: (ToyIdentifier(),))


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(upload, [str(argument) for argument in arguments])


def test_every_artifact_has_a_line(tmp_path: Path) -> None:
    """The log shows what was uploaded, under which id, and that nothing of the build was overlooked."""
    write(tmp_path, "dist/app.map", toy("map", "debug_id aa", "code_id bb"))
    write(tmp_path, "dist/logo.png", "no artifact")
    first = _run(tmp_path / "dist", "--store", tmp_path / "store")
    assert first.exit_code == 0
    assert first.stdout.splitlines() == [
        "added          app.map: toy map (build id bb, debug id aa)",
        f"1 added, 0 already there in {tmp_path / 'store'}; 1 other file left out.",
    ]
    second = _run(tmp_path / "dist", "--store", tmp_path / "store")
    assert second.exit_code == 0
    assert second.stdout.startswith("already there  app.map")


def test_nothing_usable_is_an_exit_code(tmp_path: Path) -> None:
    """A pipeline with the wrong folder must turn red."""
    write(tmp_path, "src/logo.png", "no artifact")
    result = _run(tmp_path / "src", "--store", tmp_path / "store")
    assert result.exit_code == 1
    assert "Name the folder" in result.stdout


def test_the_store_itself_is_not_uploaded(tmp_path: Path) -> None:
    """``upload . --store ./store`` must not feed the store to itself."""
    write(tmp_path, "app.map", toy())
    for _ in range(3):
        result = _run(tmp_path, "--store", tmp_path / "store")
    assert "0 added, 1 already there" in result.stdout


def test_escape_sequences_do_not_reach_the_terminal(tmp_path: Path) -> None:
    """A file name in a build must not be able to forge the log."""
    write(tmp_path, "dist/\x1b[2Japp\n.map", toy())
    result = _run(tmp_path / "dist", "--store", tmp_path / "store")
    assert "\x1b" not in result.stdout
    assert len(result.stdout.splitlines()) == 2


def test_what_cannot_be_read_fails_the_upload(tmp_path: Path) -> None:
    """An upload that left something out must not end green."""
    write(tmp_path, "dist/app.map", toy())
    assert _run(tmp_path / "gone", "--store", tmp_path / "store").exit_code == 2
    (tmp_path / "file").write_text("x")
    result = _run(tmp_path / "dist", "--store", tmp_path / "file" / "store")
    assert isinstance(result.exception, StoreError)
