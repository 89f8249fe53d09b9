"""The command line as a whole: what `symbolicator resolve` costs a person who waits, with its indexes cached."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from tests.benchmarks.fresh import CACHE, ROOT, Figure, say
from tests.benchmarks.table import Column, Row, render

RUNS = 11
BAR_MS = 250
CASES = ("js-esbuild", "native-cpp")
ENDS: dict[int, list[str]] = {0: [], 1: ["some frames stay unresolved (exit code 1)"]}
COMMAND = Path(sys.executable).with_name("symbolicator")
COLUMNS = (Column("wall", "median, ms", 1, 1e3), Column("worst", "slowest, ms", 1, 1e3, compared=False))

ABOUT = f"""\
The whole process from outside, {RUNS} runs each, taken in turns. Bar: {BAR_MS} ms."""


def tables() -> Iterator[str]:
    """The table, then where the time of importing goes."""
    commands = {"python -c pass": [sys.executable, "-c", "pass"]} | {
        f"symbolicator resolve, {case}": _resolve(case) for case in CASES
    }
    environment = _environment()
    walls: dict[str, list[float]] = {name: [] for name in commands}
    problems = {name: _warmed(name, command, environment) for name, command in commands.items()}
    for _ in range(RUNS):
        for name, command in commands.items():
            walls[name].append(_wall(command, environment))
    rows = [_row(name, walls[name], problems[name]) for name in commands]
    yield render(f"Whole process\n{ABOUT}", COLUMNS, rows)
    yield _imports(commands[f"symbolicator resolve, {CASES[0]}"], environment)


def _resolve(case: str) -> list[str]:
    folder = ROOT / "fixtures" / case
    return [str(COMMAND), "resolve", str(folder / "crash.txt"), "--artifacts", str(folder)]


def _environment() -> Mapping[str, str]:
    """An empty cache of indexes, filled by the first run."""
    cache = CACHE / "process"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    return {**os.environ, "XDG_CACHE_HOME": str(cache)}


def _warmed(name: str, command: list[str], environment: Mapping[str, str]) -> list[str]:
    """Runs it once, which fills the cache; a note if it did not end well."""
    say(f"whole process: {name}")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode in ENDS:
        return ENDS[done.returncode]
    words = (done.stderr.strip() or "no message").splitlines()[-1]
    return [f"failed with exit code {done.returncode}: {words[:150]}"]


def _wall(command: list[str], environment: Mapping[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def _row(name: str, walls: list[float], problems: list[str]) -> Row:
    return Row(name, {"wall": Figure(median(walls)), "worst": Figure(max(walls))}, problems)


def _imports(command: list[str], environment: Mapping[str, str]) -> str:
    """The five modules whose own import takes longest, without what they import themselves."""
    timed = [sys.executable, "-X", "importtime", *command]
    listing = subprocess.run(timed, env=environment, capture_output=True, text=True, check=False).stderr
    rows = [
        line.removeprefix("import time:").split("|") for line in listing.splitlines() if line.startswith("import time:")
    ]
    modules = [(int(own), name.strip()) for own, _total, name in rows if own.strip().isdigit()]
    slowest = "\n".join(f"  {own / 1e3:6.1f} ms  {name}" for own, name in sorted(modules, reverse=True)[:5])
    total = sum(own for own, _ in modules) / 1e3
    return f"Its imports: {len(modules)} modules, {total:.0f} ms under the import timer; slowest of all:\n{slowest}\n"
