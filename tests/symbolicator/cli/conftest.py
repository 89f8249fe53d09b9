"""Runs the command line as a user does: as a process, with or without a terminal."""

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A bare environment with a cache of its own."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "SYMBOLICATOR_BACKEND") if name in os.environ}
    return keep | {"SYMBOLICATOR_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs ``symbolicator`` in an empty folder, without a terminal."""
    folder = tmp_path / "work"
    folder.mkdir()

    def run_it(*arguments: str | Path, stdin: bytes = b"", **variables: str) -> Outcome:
        command = [sys.executable, "-m", "symbolicator", *map(str, arguments)]
        done = subprocess.run(
            command, input=stdin, capture_output=True, cwd=folder, env=environment | variables, timeout=60, check=False
        )
        return Outcome(done.returncode, done.stdout.decode(), _without_backend_notice(done.stderr.decode()))

    return run_it


@pytest.fixture
def run_on_terminal(environment: dict[str, str], tmp_path: Path) -> Run:
    """Runs ``symbolicator`` on a pseudo-terminal; ``out`` has what the user sees, both streams."""

    def run_it(*arguments: str | Path, **variables: str) -> Outcome:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "symbolicator", *map(str, arguments)]
        env = environment | {"COLUMNS": "72"} | variables
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=env) as process:
            os.close(theirs)
            seen = _read_all(ours)
            code = process.wait(60)
        os.close(ours)
        return Outcome(code, _without_backend_notice(seen.decode().replace("\r\n", "\n")), "")

    return run_it


def _read_all(terminal: int) -> bytes:
    """Reads until the other side is closed, which Linux reports as an error."""
    seen = b""
    while select.select([terminal], [], [], 60)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    return seen


def _without_backend_notice(text: str) -> str:
    """What a run without the compiled core says first."""
    marks = ("compiled core is not installed", "Install a Rust toolchain")
    return "".join(line for line in text.splitlines(keepends=True) if not any(mark in line for mark in marks))
