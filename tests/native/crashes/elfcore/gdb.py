"""What gdb says of a core: the truth of these tests."""

import json
import re
import subprocess
from pathlib import Path

from msgspec import Struct

_THREAD = re.compile(r"^Thread \d+ \((?:Thread 0x[0-9a-f]+ \()?LWP (\d+)\)[^\n]*$", re.MULTILINE)
_REGISTER = re.compile(r"^([a-z][a-z0-9]{1,6}) +0x([0-9a-f]+) ", re.MULTILINE)
_MAPPING = re.compile(r"^ +0x([0-9a-f]+) +0x([0-9a-f]+) +0x[0-9a-f]+ +0x([0-9a-f]+) +(/.*)$", re.MULTILINE)


class Built(Struct, frozen=True):
    """A folder that a recipe built: the program in ``bin/``, and its cores."""

    folder: Path

    @property
    def program(self) -> Path:
        (program,) = [path for path in (self.folder / "bin").iterdir() if not path.suffix]
        return program


class GdbFrame(Struct, frozen=True):
    """A frame. ``kind``: ``call``, ``inlined``, ``tail call``, ``signal``."""

    function: str | None
    file: str | None
    line: int | None
    kind: str
    address: int


def frames(program: Path, core: Path) -> dict[int, list[GdbFrame]]:
    """The frames of every thread, newest first, with those below main."""
    script = Path(__file__).resolve().parents[4] / "fixtures" / "core-threads" / "gdb_frames.py"
    lines = ask(program, core, "set backtrace past-main on", f"source {script}").splitlines()
    told = [json.loads(line.removeprefix("FRAMES ")) for line in lines if line.startswith("FRAMES ")]
    return {one["thread"]: [GdbFrame(**frame) for frame in one["frames"]] for one in told}


def ask(program: Path, core: Path, *commands: str) -> str:
    """What gdb prints, without any debug information that is installed beside the system's libraries."""
    settings = ["-iex", "set debuginfod enabled off", "-iex", "set debug-file-directory /nowhere"]
    given = [part for command in ("set width 0", "set height 0", *commands) for part in ("-ex", command)]
    command = ["gdb", "-nx", "-batch", *settings, *given, str(program), str(core)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout


def by_thread(text: str) -> dict[int, str]:
    """What ``thread apply all`` printed for each thread, by its id."""
    parts = _THREAD.split(text)
    return {int(thread): said for thread, said in zip(parts[1::2], parts[2::2], strict=True)}


def registers(program: Path, core: Path) -> dict[int, dict[str, int]]:
    """All registers of all threads."""
    said = by_thread(ask(program, core, "thread apply all -- info registers"))
    return {thread: {name: int(value, 16) for name, value in _REGISTER.findall(text)} for thread, text in said.items()}


def mappings(program: Path, core: Path) -> list[tuple[int, int, int, str]]:
    """Start, end, offset and path of every mapped file."""
    found = _MAPPING.findall(ask(program, core, "info proc mappings"))
    return [(int(start, 16), int(end, 16), int(offset, 16), path) for start, end, offset, path in found]
