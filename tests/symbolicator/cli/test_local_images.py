"""The crashed program's own files on this machine."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from native.identifier import IDENTIFIER
from symbolicator.cli.local_images import local_files
from symbolicator.model import DebugImage, DebugMeta, Event


def event_of(**image: str) -> Event:
    return Event(debug_meta=DebugMeta(images=(DebugImage(**image),)))  # type: ignore[arg-type]  # of strings


@pytest.fixture
def program(fixtures: Path, tmp_path: Path) -> Path:
    """A program with debug information at a place that only the report names."""
    found = tmp_path / "srv" / "shop"
    found.parent.mkdir()
    shutil.copy(fixtures / "native-cpp" / "bin" / "shop.debug", found)
    return found


def report(path: Path, build_id: str) -> bytes:
    image = {"type": "elf", "code_file": str(path), "code_id": build_id, "image_addr": "0x10000", "image_size": 0x10000}
    frame = {"instruction_addr": hex(0x10000 + 0x3578), "platform": "native"}
    threads = [{"id": 1, "crashed": True, "stacktrace": {"frames": [frame]}}]
    return json.dumps({"platform": "native", "debug_meta": {"images": [image]}, "threads": threads}).encode()


def build_id_of(path: Path) -> str:
    data = path.read_bytes()
    return next(key.value for one in IDENTIFIER.identify("shop", data) for key in one.keys if key.by == "code_id")


@pytest.mark.parametrize(("local", "resolves"), [("--local", True), ("--no-local", False)])
def test_a_program_is_found_where_the_report_says_it_lay(
    run: Any,
    tmp_path: Path,
    program: Path,
    local: str,
    resolves: bool,  # noqa: FBT001 - a table's column
) -> None:
    """A developer has everything on the disk; asking for it would be one more step before the answer."""
    (tmp_path / "empty").mkdir()
    payload = report(program, build_id_of(program))
    done = run("resolve", "-", "--artifacts", tmp_path / "empty", local, stdin=payload)
    assert ("shop::netPrice" in done.out) == resolves


def test_another_build_at_the_same_place_is_not_taken(run: Any, tmp_path: Path, program: Path) -> None:
    """The program was built anew since: its lines are others."""
    (tmp_path / "empty").mkdir()
    done = run("resolve", "-", "--artifacts", tmp_path / "empty", "--local", stdin=report(program, "ab" * 20))
    assert "shop::netPrice" not in done.out


def test_only_plain_files_with_an_id_are_looked_at(tmp_path: Path) -> None:
    """A hostile report would make us wait at a pipe, or ask the network."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for path in (tmp_path / "pipe", tmp_path, Path("/proc/self/exe"), Path("/dev/zero"), tmp_path / "no such"):
        assert local_files(event_of(code_file=str(path), code_id="ab" * 20)) == ()
    assert local_files(event_of(code_file="file", code_id="ab" * 20)) == ()
    assert local_files(event_of(code_file=f"{tmp_path}/a\0b", code_id="../../../../etc")) == ()
    assert local_files(event_of(code_file=str(tmp_path / "file"))) == ()
    assert local_files(event_of(code_file=str(tmp_path / "file"), code_id="ab" * 20)) == (tmp_path / "file",)
