"""``symbolicator group``: a folder of crashes becomes the few bugs that they come from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symbolicator.cli import report_files
from symbolicator.cli.report_files import Reading, read_reports
from symbolicator.engine import Engine
from symbolicator.protocols import Buffer
from symbolicator.store import FolderCache, FolderStore

Run = Callable[..., Any]
STACK = """Traceback (most recent call last):
  File "src/app.py", line 2, in click
  File "src/desk.py", line 4, in pay
  File "src/cart.py", line 9, in total
  File "src/cart.py", line 3, in {leaf}
TypeError: no price
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three crashes of one bug, one of them after it was renamed, a fourth of another, and a file that is none."""
    crashes = {"a": "price", "b": "price", "c": "price_now", "d": "stock_of"}
    for name, leaf in crashes.items():
        (tmp_path / f"{name}.txt").write_text(STACK.format(leaf=leaf))
    (tmp_path / "notes.md").write_text("# What we know\n")
    (tmp_path / ".hidden").write_text(STACK.format(leaf="price"))
    return tmp_path


def test_a_person_sees_the_bugs_and_what_parts_their_crashes(run: Run, folder: Path) -> None:
    """Two hundred reports in a folder are read one by one, though they are three bugs."""
    done = run("group", "..")  # of the folder that it runs in
    assert (done.code, done.err) == (0, "")
    assert done.out.replace("../", "").splitlines() == [
        "2 groups of 4 crash reports",
        "",
        "1. TypeError: no price  (3 reports)",
        "   price (src/cart.py)",
        "   total (cart.py) ← pay (desk.py) ← click (app.py)",
        "   a.txt, b.txt",
        "   0.91 alike, but for: price (cart.py) → price_now (cart.py)",
        "   c.txt",
        "",
        "2. TypeError: no price  (1 report)",
        "   stock_of (src/cart.py)",
        "   stock_of (cart.py) ← total (cart.py) ← pay (desk.py) ← click (app.py)",
        "   d.txt",
        "",
        "1 other file in the folders: no crash report",
    ]


def test_a_program_gets_all_of_it(run: Run, folder: Path) -> None:
    """A dashboard needs every member and the fingerprints, not the first five."""
    done = run("group", folder, "--format", "json")
    first, second = json.loads(done.out)["groups"]
    assert [first["count"], second["count"]] == [3, 1]
    assert [[Path(file).name for file in one["files"]] for one in first["variants"]] == [["a.txt", "b.txt"], ["c.txt"]]
    assert first["variants"][1]["differences"] == [{"was": "price (cart.py)", "now": "price_now (cart.py)"}]
    assert len(first["variants"][0]["fingerprint"]) == 32


def test_what_cannot_be_read_does_not_stop_the_rest(run: Run, folder: Path) -> None:
    """One damaged report would hide all the others; a typo must not pass for a folder without crashes."""
    done = run("group", folder / "notes.md", folder / "missing.txt", folder / "a.txt")
    assert done.code == 2
    assert "1 group of 1 crash report\n" in done.out
    assert "missing.txt cannot be read: it does not exist." in done.out.replace("\n  ", " ")
    assert "notes.md: This looks like no crash report" in done.out.replace("\n  ", " ")
    assert "Pass the crash's own text or JSON." in done.out.replace("\n  ", " ")


def test_unresolved_frames_are_told_by_the_exit_code(run: Run, folder: Path, tmp_path: Path) -> None:
    """As with `resolve`: a script learns that artifacts are missing."""
    (folder / "native.txt").write_text("Segmentation fault\n./shop(+0x1189)[0x55d0c0a01189]\n")
    assert run("group", folder).code == 1


def test_a_folder_without_crashes_has_no_groups(run: Run, tmp_path: Path) -> None:
    """Nothing to do is no error."""
    done = run("group", tmp_path)
    assert (done.code, done.out) == (0, "0 groups of 0 crash reports\n")


class _Faulty:
    name = "faulty"

    def detect(self, head: bytes) -> float:
        return 1.0

    def read(self, data: Buffer) -> Any:
        raise ZeroDivisionError("a bug")


def test_a_readers_bug_costs_one_report(folder: Path) -> None:
    """Hours of reading would end in a traceback."""
    reading = Reading()
    engine = Engine(FolderStore([folder], [], FolderCache()), readers=[_Faulty()])
    assert list(read_reports(engine, [folder / "a.txt", folder / "b.txt"], reading)) == []
    assert [failed.error for failed in reading.unreadable] == ["ZeroDivisionError: a bug"] * 2


def test_files_beyond_the_limit_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a folder that is left out in silence looks like a whole answer."""
    monkeypatch.setattr(report_files, "MAX_FILES", 1)
    reading = Reading()
    engine = Engine(FolderStore([], (), FolderCache()))
    assert len(list(read_reports(engine, [folder], reading))) <= 1
    assert [one.error.startswith("It has more than 1 files") for one in reading.unreadable] == [True]
