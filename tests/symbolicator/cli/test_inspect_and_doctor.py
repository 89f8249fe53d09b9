"""``symbolicator inspect`` and ``symbolicator doctor``."""

import json
from pathlib import Path
from typing import Any

import pytest

from symbolicator import cli, plugins


def test_inspect_tells_reports_from_files_that_nobody_knows(run: Any, tmp_path: Path) -> None:
    """The first question when nothing resolves is what the file is at all."""
    report = tmp_path / "crash.json"
    report.write_text('{"event_id": "1", "platform": "x", "exception": {"values": [{"stacktrace": {"frames": [{}]}}]}}')
    other = tmp_path / "notes.bin"
    other.write_bytes(b"\x00\x01\x02 nothing")
    done = run("inspect", report, other)
    assert done.code == 1
    assert "crash report: event JSON, 1 frame\n" in done.out
    assert "unknown" in done.out


def test_inspect_as_json_has_every_file(run: Any, tmp_path: Path) -> None:
    """A script would have to parse sentences."""
    other = tmp_path / "notes.bin"
    other.write_bytes(b"\x00\x01")
    [found] = json.loads(run("inspect", other, "--format", "json").out)
    assert (found["file"], found["known"], found["artifacts"]) == (str(other), False, [])


def test_inspect_goes_on_after_a_file_that_cannot_be_read(run: Any, tmp_path: Path) -> None:
    """One wrong name among many would hide the others."""
    done = run("inspect", tmp_path, tmp_path / "none", tmp_path / "none")
    assert done.code == 2
    assert done.out.count("none") >= 2
    assert "folder" in done.out


def test_doctor_shows_versions_backend_cache_and_plugins(run: Any, environment: dict[str, str]) -> None:
    """Every support question starts with these."""
    out = run("doctor").out
    for word in ("symbolicator", "Python", "backend", environment["SYMBOLICATOR_CACHE_DIR"], "event JSON"):
        assert word in out


def test_doctor_exits_with_0_or_1_as_it_says(run: Any) -> None:
    """A health check in a script looks at nothing but the exit code."""
    done = run("doctor")
    assert done.code == (0 if done.out.endswith("Healthy.\n") else 1)


def test_doctor_names_a_broken_plugin_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plug-in that silently does not load is a language that silently does not resolve."""
    broken = plugins.BrokenPlugin("symbolicator.readers", "toy", "ImportError: no toy")
    monkeypatch.setattr(plugins, "broken", lambda: (broken,))
    assert cli.run(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "toy in symbolicator.readers cannot be loaded: ImportError: no toy" in out
    assert "→" in out


def test_doctor_says_that_the_reference_backend_was_asked_for(run: Any) -> None:
    """Slow because somebody asked for it is not the same as slow because something is broken."""
    assert "SYMBOLICATOR_BACKEND asks for it" in run("doctor", SYMBOLICATOR_BACKEND="reference").out
    assert run("doctor", SYMBOLICATOR_BACKEND="nonsense").code == 1


@pytest.mark.parametrize(
    ("says", "text"),
    [
        ("git version 2.39.5", "2.39.5 ("),
        ("git version 2.20.1 (Apple Git-117)", "(--repo needs 2.25 or newer to name suspect commits)"),
        ("nonsense", "of an unknown version"),
    ],
)
def test_doctor_says_what_git_serves(run: Any, tmp_path: Path, says: str, text: str) -> None:
    """Suspect commits would be missing on a server, and nobody would know why."""
    (tmp_path / "git").write_text(f"#!/bin/sh\necho '{says}'\n")
    (tmp_path / "git").chmod(0o755)
    assert text in run("doctor", PATH=f"{tmp_path}:/usr/bin:/bin").out


def test_doctor_says_what_is_missing_without_git(run: Any) -> None:
    """Git is no dependency that pip could install."""
    assert "without it --repo names no suspect commits" in run("doctor", PATH="/nowhere").out
