"""Programs that stop where stacks are hard to walk, and what gdb says about them there."""

import shutil
import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from tests.native.unwinding.stacks import CAPTURE, Capture

SOURCE = CAPTURE.parent / "src" / "stack.cpp"


class Stop(Protocol):
    """Compiles stack.cpp with g++ and stops it under gdb where ``where`` says."""

    def __call__(self, where: str, *flags: str) -> Capture: ...


@pytest.fixture(scope="session")
def stop(tmp_path_factory: pytest.TempPathFactory) -> Stop:
    made: dict[tuple[str, ...], Path] = {}

    def stopped(where: str, *flags: str) -> Capture:
        if not (shutil.which("g++") and shutil.which("gdb")):
            pytest.skip("g++ and gdb are not installed")
        if flags not in made:
            made[flags] = _compiled(tmp_path_factory.mktemp("stack"), flags)
        out = made[flags].with_name(f"{where}.json")
        _run_gdb(made[flags], where, out)
        return Capture.read(out)

    return stopped


def _compiled(folder: Path, flags: tuple[str, ...]) -> Path:
    command = ["g++", "-std=c++17", *flags, str(SOURCE), "-o", str(folder / "stack"), "-lpthread"]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode:
        pytest.skip(f"g++ cannot make programs with {' '.join(flags)}: {result.stderr[:200]}")
    return folder / "stack"


def _run_gdb(program: Path, where: str, out: Path) -> None:
    script = ["set confirm off", "set debuginfod enabled off", "handle SIGUSR1 nostop noprint pass", f"run {where}"]
    steps = [part for line in [*script, f"python OUT={str(out)!r}"] for part in ("-ex", line)]
    subprocess.run(["gdb", "-nx", "-batch", *steps, "-x", str(CAPTURE), str(program)], check=False, capture_output=True)
    if not out.exists():
        pytest.skip("gdb cannot run programs here")
