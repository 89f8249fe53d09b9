"""Real repositories, made with git in the test, and events that crashed in them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from symbolicator.merge import merge
from symbolicator.model import Event, ExceptionValue, Frame, Stacktrace, Values

DAY = 86_400
CRASH = 1_700_000_000
"""When everything crashes: seconds since 1970."""


class Repo:
    """A repository to be filled by a test. Times are days before the crash."""

    def __init__(self, folder: Path) -> None:
        if not shutil.which("git"):
            pytest.skip("git is not installed")
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, days: float = 0) -> str:
        time = f"{CRASH - int(days * DAY)} +0000"
        who = {"NAME": "Ada", "EMAIL": "ada@shop.example", "DATE": time}
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        env |= {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in who.items()}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, path: str, *lines: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))

    def commit(self, subject: str, days: float) -> str:
        """Commits everything; returns the full name."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", subject, days=days)
        return self.git("rev-parse", "HEAD")


NewRepo = Callable[..., Repo]


@pytest.fixture
def new_repo(tmp_path: Path) -> NewRepo:
    return lambda name="shop": Repo(tmp_path / name)


def numbered(count: int, **changed: str) -> list[str]:
    """Lines of a file, each different; ``line7="…"`` replaces the seventh."""
    return [changed.get(f"line{number}", f"int value{number} = {number};") for number in range(1, count + 1)]


@pytest.fixture
def shop(new_repo: NewRepo) -> Repo:
    """Old code in which line 11 of src/cart.cpp changed three days before the crash; released as v1.4.0."""
    repo = new_repo()
    repo.write("src/cart.cpp", *numbered(40))
    repo.write("src/main.cpp", *numbered(40))
    repo.commit("The first version", days=500)
    repo.write("src/cart.cpp", *numbered(40, line11="return cents / rounding;"))
    repo.commit("Round prices down", days=3)
    repo.git("tag", "v1.4.0")
    return repo


def crash(*frames: Frame, release: str | None = "shop@1.4.0", timestamp: float | None = CRASH) -> Event:
    """A merged event; ``frames`` from caller to callee."""
    error = ExceptionValue(type="SIGFPE", value="division by zero", stacktrace=Stacktrace(frames=frames))
    return merge(Event(platform="native", release=release, timestamp=timestamp, exception=Values(values=(error,))))


def own(filename: str, lineno: int, context: str | None = None) -> Frame:
    return Frame(function="f", filename=filename, lineno=lineno, context_line=context, in_app=True)
