"""Programs that crash on the spot, their cores, and what gdb says of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.native.crashes.elfcore.gdb import Built

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"
_PATTERN = Path("/proc/sys/kernel/core_pattern")
KERNEL_CORES = _PATTERN.exists() and _PATTERN.read_text().strip() == "core"


_FOLDERS = (
    *(str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.*/bin"))),
    *os.environ.get("PATH", "").split(os.pathsep),
)


def _python(version: str) -> str | None:
    """The path of an interpreter of that version; of several, this one or the first."""
    if sys.version.startswith(f"{version}."):
        return sys.executable
    return shutil.which(f"python{version}", path=os.pathsep.join(_FOLDERS))


PYTHONS = {version: found for version in ("3.11", "3.12", "3.13", "3.14") if (found := _python(version))}
"""Those that are installed, by version; stored samples of all of them are tested besides."""


@pytest.fixture(scope="session")
def forty_threads(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The depot of 40 threads, a core by gdb, and one by the kernel where that writes plain files."""
    return _built("core-threads", tmp_path_factory, "g++", "gdb")


@pytest.fixture(scope="session")
def rust_threads(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A Rust program of several threads, with cores as above."""
    return _built("core-rust", tmp_path_factory, "rustc", "gdb")


@pytest.fixture(scope="session", params=PYTHONS)
def python_depot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a Python program's core, for each version of Python that is installed."""
    if not KERNEL_CORES:
        pytest.skip("the kernel writes no plain core files here (core_pattern)")
    python = PYTHONS[str(request.param)]
    folder: Path = tmp_path_factory.mktemp(f"python{request.param}")
    subprocess.run(
        [FIXTURES / "core-python" / "recipe.sh", folder, python], check=True, capture_output=True, timeout=100
    )
    return folder


def _built(case: str, folders: pytest.TempPathFactory, *tools: str) -> Built:
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder = folders.mktemp(case)
    subprocess.run([FIXTURES / case / "recipe.sh", folder], check=True, capture_output=True, timeout=300)
    return Built(folder)


@pytest.fixture(params=["kernel", "gdb"])
def core(request: pytest.FixtureRequest, forty_threads: Built) -> Path:
    """A core of the forty threads."""
    path = forty_threads.folder / f"{request.param}.core"
    return path if path.exists() else pytest.skip("the kernel writes no plain core files here (core_pattern)")
