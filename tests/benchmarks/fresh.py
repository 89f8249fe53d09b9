"""Runs commands in fresh processes and keeps what they say about themselves, their wall time and peak memory.

A peer is a command that prints one JSON object on its last line (its report)::

    runs = repeat([sys.executable, "-m", "tests.benchmarks.sourcemaps.worker", "ours", "ready", "folder"])
    seconds = Figure.of(runs, lambda run: run.report["seconds"])

The parent must stay small: Linux counts what the parent held when it started a process into that process's peak.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".make" / "bench"
"""What recipes make and download, outside git."""

RUNS = 5
BUDGET_S = 15.0
"""No further run of one cell starts after this; a cell with fewer than `RUNS` runs is marked."""
TIMEOUT_S = 180.0
NOT_HERE = 3
"""Exit code of a worker whose peer is not installed; its last line says why."""


class PeerMissing(Exception):  # noqa: N818 - it is not an error: the table says so
    """The peer is not installed, or cannot do this; the text goes into the table."""


@dataclass(frozen=True, slots=True)
class Run:
    """One fresh process. Times are in seconds, ``peak`` is the peak resident size in bytes."""

    output: str
    wall: float
    peak: int

    @property
    def report(self) -> dict[str, Any]:
        """The JSON object on the last line."""
        loaded = json.loads(self.output.splitlines()[-1])
        assert isinstance(loaded, dict)
        return loaded


@dataclass(frozen=True, slots=True)
class Figure:
    """A median and the number of runs behind it."""

    value: float
    runs: int = RUNS

    @classmethod
    def of(cls, runs: Sequence[Run], read: Callable[[Run], float]) -> "Figure":
        return cls(median(read(run) for run in runs), len(runs))


def run(command: Sequence[str], words: str = "", timeout: float = TIMEOUT_S) -> Run:
    """Runs a command with ``words`` on its standard input. Raises `PeerMissing` if it fails or takes too long."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        source.write(words.encode())
        source.seek(0)
        started = time.perf_counter()
        process = _start(command, source.fileno(), output.fileno(), errors.fileno())
        code, peak = _wait(process, timeout)
        wall = time.perf_counter() - started
        output.seek(0)
        errors.seek(0)
        text = output.read().decode(errors="replace")
        if code:
            raise PeerMissing(_complaint(code, text, errors.read().decode(errors="replace")))
    return Run(text, wall, peak)


def _start(command: Sequence[str], source: int, output: int, errors: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=source, stdout=output, stderr=errors, cwd=ROOT)
    except FileNotFoundError as error:
        raise PeerMissing(f"not here: no {Path(command[0]).name}") from error


def _wait(process: subprocess.Popen[bytes], timeout: float) -> tuple[int, int]:
    """Exit code (negative for a signal) and peak resident size in bytes."""
    killer = Timer(timeout, process.kill)
    killer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        killer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss * 1024


def _complaint(code: int, output: str, errors: str) -> str:
    if code == NOT_HERE:
        return f"not here: {_last_line(output)}"
    if code == -signal.SIGKILL:
        return f"stopped after {TIMEOUT_S:.0f} s, or out of memory"
    return f"failed: {_last_line(errors)}"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1][:150]


def repeat(command: Sequence[str], words: str = "", runs: int = RUNS, budget: float = BUDGET_S) -> list[Run]:
    """The same command in ``runs`` fresh processes, fewer once ``budget`` seconds are spent."""
    done: list[Run] = []
    spent = 0.0
    while len(done) < runs and (not done or spent + done[-1].wall < budget):
        done.append(run(command, words))
        spent += done[-1].wall
    return done


def python(module: str, *arguments: str) -> list[str]:
    """Command that runs a module of the benchmarks in a fresh interpreter."""
    return [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]


def say(words: str) -> None:
    """Progress, for whoever waits."""
    sys.stderr.write(f"… {words}\n")
    sys.stderr.flush()


def newer(target: Path, sources: Iterable[Path]) -> bool:
    """Whether a target is there and was made after everything it is made from."""
    return target.exists() and all(target.stat().st_mtime >= source.stat().st_mtime for source in sources)
