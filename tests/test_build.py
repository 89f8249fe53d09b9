"""Installing with and without a Rust toolchain."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from symbolicator.core import compiled_core

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def source_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checked-in files alone, as a fresh clone has them."""
    target = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if name.split("/")[0] not in ("fixtures", "tests") and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def wheel_without_rust(source_tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built where no cargo and no rustc can be found."""
    folder = tmp_path_factory.mktemp("wheel")
    path = os.pathsep.join(
        entry for entry in os.environ["PATH"].split(os.pathsep) if not (Path(entry) / "cargo").exists()
    )
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
         "--wheel-dir", folder, source_tree],
        check=True, env=os.environ | {"PATH": path}, timeout=110,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_core_is_there_where_rust_is() -> None:
    """A broken build of the optional core would go unnoticed: everything still works, only slowly."""
    if shutil.which("cargo"):
        assert compiled_core() is not None


def test_the_wheel_has_all_packages_and_no_rust_sources(wheel_without_rust: Path) -> None:
    """Users would download sources that they cannot use, or miss a package."""
    names = zipfile.ZipFile(wheel_without_rust).namelist()
    assert not [name for name in names if name.endswith((".rs", ".toml", ".lock")) and "dist-info" not in name
                and not name.startswith(("native/", "symbolicator/", "sourcemaps/"))]  # fmt: skip
    assert not [name for name in names if name.endswith(".rs") or "Cargo" in name]
    for package in ("symbolicator/", "sourcemaps/", "native/", "workers/"):
        assert any(name.startswith(package) for name in names)
    assert "symbolicator/py.typed" in names


@pytest.mark.parametrize("case", ["js-esbuild", "native-cpp"])
def test_without_rust_the_reference_backend_serves_and_says_so(
    wheel_without_rust: Path, tmp_path: Path, case: str
) -> None:
    """`pip install` on a machine without Rust would leave a tool that cannot resolve anything."""
    zipfile.ZipFile(wheel_without_rust).extractall(tmp_path)
    folder = ROOT / "fixtures" / case
    # The interpreter below the virtual environment: there, no editable install can lend its own compiled core.
    python = Path(sys.executable).resolve()
    path = os.pathsep.join([str(tmp_path), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    done = subprocess.run(
        [python, "-m", "symbolicator", "resolve", folder / "crash.txt", "--artifacts", folder,
         "--format", "json"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert "the compiled core is not installed" in done.stderr
    event = json.loads(done.stdout)
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert any(frame["data"]["status"] == "symbolicated" for frame in frames)
