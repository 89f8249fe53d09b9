"""Runs the git program on a repository that may be hostile, within limits of time and output.

A repository's own configuration can name programs to run. So git is asked in two ways. In the repository itself only
for what needs no program: names of references, the place of the objects. Everything that reads history runs in an
empty repository of our own that borrows the objects (git's ``objects/info/alternates``), where none of that
configuration counts.

::

    git = Git.installed()
    git.run(["rev-parse", "HEAD"], folder).text

Nothing is ever fetched, written to the repository, or asked of a terminal.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer

from msgspec import Struct
from msgspec.structs import replace

MAX_BYTES = 64 * 1024 * 1024
"""Output of one command."""
MAX_SECONDS = 10.0
"""One command."""
MAX_ALL_SECONDS = 30.0
"""All commands of one event."""
OLDEST = (2, 25)
"""The first version that knows all that it is asked."""
_MAX_COMPLAINT = 2_000
_VERSION = re.compile(r"git version (\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")

_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "diff.external=",
    "log.showSignature=false",
    "protocol.allow=never",
)
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",  # for versions that do not know the one above
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_KEPT = frozenset({"GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"})


class Limits(Struct, frozen=True):
    """What one command may write to its standard output, and how long it may take."""

    bytes: int = MAX_BYTES
    seconds: float = MAX_SECONDS


class Output(Struct, frozen=True):
    """What a command wrote; ``complaint``: why that is nothing or, of one that took too long, not all."""

    data: bytes = b""
    complaint: str = ""

    @property
    def text(self) -> str:
        """The output as text without spaces at its ends; bytes of file names survive as surrogates."""
        return os.fsdecode(self.data).strip()

    def __bool__(self) -> bool:
        return not self.complaint


class Git:
    """The git program with its limits. The time of all commands together is limited too. Thread-safe."""

    def __init__(self, program: str, seconds: float = MAX_ALL_SECONDS) -> None:
        self.program = program
        self._end = time.monotonic() + seconds

    @classmethod
    def installed(cls) -> "Git | None":
        """The git that is on the path."""
        program = shutil.which("git")
        return cls(program) if program else None

    def version(self) -> tuple[int, ...] | None:
        """Its version, as in (2, 39, 5)."""
        found = _VERSION.match(self.run(["version"], Path(os.sep), limits=Limits(1000)).text)
        return tuple(int(part) for part in found.groups() if part) if found else None

    def run(
        self,
        arguments: Sequence[str],
        folder: Path,
        *,
        is_ours: bool = False,
        words: bytes = b"",
        limits: Limits | None = None,
    ) -> Output:
        """Runs a git command in ``folder`` (absolute) with ``words`` on its standard input.

        ``is_ours``: the folder is a git directory of our own making. There the user's configuration does not count
        either: what it names may be relative to a work tree.
        """
        where = ["--bare", f"--git-dir={folder}"] if is_ours else []
        environment = _environment() | (_without_configuration(folder) if is_ours else {})
        settings = (part for setting in _SETTINGS for part in ("-c", setting))
        limits = limits or Limits()
        seconds = min(limits.seconds, self._end - time.monotonic())
        if seconds <= 0:
            return Output(complaint=f"git took more than {MAX_ALL_SECONDS:.0f} seconds")
        command = [self.program, "--no-pager", *where, *settings, *arguments]
        return _run(command, folder, environment, words, replace(limits, seconds=seconds))


def _run(command: Sequence[str], folder: Path, environment: dict[str, str], words: bytes, limits: Limits) -> Output:
    with TemporaryFile() as errors, TemporaryFile() as source:
        source.write(words)
        source.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; the arguments are ours, checked names and hashes
                command, cwd=folder, env=environment, stdin=source, stdout=subprocess.PIPE, stderr=errors
            )
        except (OSError, ValueError) as error:
            return Output(complaint=f"git cannot be started: {error}")
        data, late = _read(process, limits)
        errors.seek(0)
        complaint = _complaint(process.returncode, errors.read(_MAX_COMPLAINT).decode("utf-8", "replace"))
    if late:
        return Output(data[: limits.bytes], complaint=f"git took more than {limits.seconds:.0f} seconds")
    if len(data) > limits.bytes:
        return Output(complaint=f"git wrote more than {limits.bytes:,} bytes")
    return Output(data, complaint)


def _read(process: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, bool]:
    """At most one byte more than is allowed, and whether time ran out."""
    is_late = Event()

    def stop() -> None:
        is_late.set()
        process.kill()

    timer = Timer(limits.seconds, stop)
    timer.start()
    with process:
        try:
            data = process.stdout.read(limits.bytes + 1) if process.stdout else b""
            if len(data) <= limits.bytes:
                process.wait()
        finally:
            timer.cancel()
            process.kill()
    return data, is_late.is_set()


def _environment() -> dict[str, str]:
    """Without the variables that would lead git to another repository, as inside of a hook."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    return kept | _VARIABLES


def _without_configuration(home: Path) -> dict[str, str]:
    return {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": str(home),  # for versions that do not know the first one
        "XDG_CONFIG_HOME": str(home),
    }


def _complaint(code: int, text: str) -> str:
    if code == 0:
        return ""
    lines = [line.strip().removeprefix("fatal: ") for line in text.splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else f"git ended with {code}"
