"""The repositories of the speed benchmark, made once, and events that crashed in them."""

import json
import random
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from symbolicator.merge import merge
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values
from tests.benchmarks.fresh import CACHE, say
from tests.benchmarks.suspects.large import START, Size, write_history

FRAMES = 10
_FOLDER = CACHE / "suspects"


@dataclass(frozen=True, slots=True)
class Input:
    """A repository to be made. ``graph``: what ``git commit-graph write`` is asked for, if it has one."""

    name: str
    size: Size
    graph: tuple[str, ...] = field(default=())

    @property
    def folder(self) -> Path:
        """Where it is."""
        return _FOLDER / self.name

    def crash(self) -> Event:
        """A crash a day after the last commit, with own frames in ten files: some change often, some hardly ever."""
        paths = json.loads((self.folder / ".git" / "paths.json").read_text())
        chance = random.Random(5)
        frames = tuple(
            Frame(
                function="f", filename=paths[len(paths) * number // FRAMES], lineno=chance.randint(20, 260), in_app=True
            )
            for number in range(FRAMES)
        )
        time = START + self.size.commits * self.size.step + 86_400
        error = ExceptionValue(type="SIGSEGV", value="", stacktrace=Stacktrace(frames=frames))
        return merge(Event(platform="native", timestamp=float(time), exception=Values(values=(error,))))


LARGE = Size(commits=20_000, files=2_000)
INPUTS = (
    Input("small", Size(commits=300, files=40)),
    Input("large", LARGE),
    Input("graph", LARGE, ("--reachable",)),
    Input("busy", Size(commits=20_000, files=2_000, step=1_500)),
)


def prepare(wanted: Input) -> None:
    """Makes the repository if it is not there yet."""
    if (wanted.folder / ".git" / "paths.json").exists():
        return
    say(f"making the repository {wanted.name}")
    shutil.rmtree(wanted.folder, ignore_errors=True)
    wanted.folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=wanted.folder, check=True)
    with subprocess.Popen(["git", "fast-import", "--quiet", "--done"], cwd=wanted.folder, stdin=subprocess.PIPE) as git:
        assert git.stdin
        paths = write_history(git.stdin, wanted.size)
    assert git.returncode == 0
    if wanted.graph:
        subprocess.run(["git", "commit-graph", "write", *wanted.graph], cwd=wanted.folder, check=True)
    (wanted.folder / ".git" / "paths.json").write_text(json.dumps(paths))
