"""Crashes with a known guilty commit: a made-up project as a real repository, and events that crashed in it.

Who is guilty is drawn first, then the place: where in the trace (Schröter, Bettenburg and Premraj, "Do stack traces
help developers fix bugs?", 2010: two in five bugs are in the newest frame, four in five among the six newest), and how
near the failing line is to one that the commit made.
"""

import math
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from symbolicator.merge import merge
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from tests.benchmarks.suspects.history import DAY, TAG, Change, Project

_RANKS = (40, 12, 9, 7, 6, 6, 5, 4, 3)
"""Frames from the newest on: how many bugs of a hundred are in each, roughly."""
_REGRESSIONS, _NEW, _HALF_OF_OLD = 0.7, 30, 120
"""Share of the crashes that something new in the release caused; days that are new; days in which the others halve."""
_TOGETHER = 0.3
"""How often the same commit made the called code too."""
_COMMITS, _LATER = 150, 5
_PATH = "/build/ci/shop/"


@dataclass(frozen=True, slots=True)
class Case:
    """An event and the full name of the commit that caused it."""

    event: Event
    guilty: str


def make_cases(folder: Path, seed: int, count: int) -> Iterator[Case]:
    """Makes a repository in ``folder`` and draws ``count`` crashes of its release."""
    chance = random.Random(seed)
    project = Project(chance)
    project.grow(_COMMITS)
    project.release()
    draw = _Draw(project, chance)
    crashes = [draw.crash() for _ in range(count)]
    project.grow(_LATER)
    names = _write(project, folder)
    for event, change in crashes:
        yield Case(event, names[change.number])


def _write(project: Project, folder: Path) -> dict[int, str]:
    """Makes the repository; returns the full names of its commits by number."""
    folder.mkdir(parents=True)
    marks = folder / "marks"
    _git(folder, "init", "-q", "-b", "main")
    _git(
        folder,
        "fast-import",
        "--quiet",
        "--done",
        f"--export-marks={marks}",
        words="".join((*project.stream, "done\n")),
    )
    rows = (row.split() for row in marks.read_text().splitlines())
    names = {int(mark[1:]) - 1: name for mark, name in rows}
    listed = folder / ".git" / "listed"
    listed.write_text("".join(f"{names[number]}\n" for number in project.ignored))
    _git(folder, "config", "blame.ignoreRevsFile", str(listed))
    return names


def _git(folder: Path, *arguments: str, words: str = "") -> None:
    subprocess.run(["git", *arguments], cwd=folder, input=words, text=True, check=True, capture_output=True)


class _Draw:
    """Draws crashes of a project as it is now."""

    def __init__(self, project: Project, chance: random.Random) -> None:
        self._project, self._chance = project, chance
        self._time = project.time
        self._files = {path: list(lines) for path, lines in project.files.items()}
        self._made: dict[int, list[tuple[str, int]]] = {}
        for path, lines in self._files.items():
            for number, line in enumerate(lines, 1):
                self._made.setdefault(line.origin, []).append((path, number))
        self._changes = [change for change in project.changes if change.number in self._made]

    def crash(self) -> tuple[Event, Change]:
        """An event and the change that caused it."""
        change = self._guilty()
        rank = self._chance.choices(range(len(_RANKS)), _RANKS)[0]
        depth = max(rank + 1, self._chance.randint(3, 9))
        is_known, has_text = self._chance.random() < 0.8, self._chance.random() < 0.5
        places = [self._bystander() for _ in range(depth)]
        places[rank] = self._scene(change)
        if rank and self._chance.random() < _TOGETHER:
            places[rank - 1] = self._chance.choice(self._places(change))
        frames = tuple(self._frame(*place, has_text=has_text) for place in reversed(places))
        stack = Values(values=(ExceptionValue(type="SIGSEGV", value="", stacktrace=Stacktrace(frames=frames)),))
        release = f"shop@{TAG[1:]}" if is_known else None
        seen = self._time + self._chance.expovariate(1 / (6 * DAY))
        return merge(Event(platform="native", release=release, timestamp=seen, exception=stack)), change

    def _guilty(self) -> Change:
        """Mostly something that is new in the release, else anything, the older the rarer; rather a larger change."""
        sizes = [math.sqrt(len(self._places(change))) for change in self._changes]
        ages = [(self._time - change.time) / DAY for change in self._changes]
        is_new = any(age < _NEW for age in ages) and self._chance.random() < _REGRESSIONS
        likely = (float(age < _NEW) if is_new else 0.5 ** (age / _HALF_OF_OLD) for age in ages)
        weights = [size * chance for size, chance in zip(sizes, likely, strict=True)]
        return self._chance.choices(self._changes, weights)[0]

    def _places(self, change: Change) -> list[tuple[str, int]]:
        """File and 1-based number of each line that the change made."""
        return self._made[change.number]

    def _scene(self, change: Change) -> tuple[str, int]:
        """File and 1-based line where it fails: what the commit made, or something near that it broke."""
        path, line = self._chance.choice(self._places(change))
        reach = self._chance.choices((0, 3, 10, 400), (50, 20, 15, 15))[0]
        return path, min(max(1, line + self._chance.randint(-reach, reach)), len(self._files[path]))

    def _bystander(self) -> tuple[str, int]:
        path = self._path()
        return path, self._chance.randint(1, len(self._files[path]))

    def _path(self) -> str:
        paths = list(self._files)
        return paths[int(len(paths) * self._chance.random() ** 2)]

    def _frame(self, path: str, number: int, *, has_text: bool) -> Frame:
        lines = self._files[path]
        around = [line.text for line in lines[max(0, number - 6) : number + 5]]
        at = min(5, number - 1)
        if not has_text:
            return Frame(function="f", filename=_PATH + path, lineno=number, in_app=True)
        return Frame(
            function="f",
            filename=_PATH + path,
            lineno=number,
            in_app=True,
            context_line=around[at],
            pre_context=tuple(around[:at]),
            post_context=tuple(around[at + 1 :]),
        )
