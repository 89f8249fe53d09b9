"""A stranger's package adds a language without touching ours."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symbolicator import plugins
from symbolicator.engine import HEAD_BYTES

ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "plugins" / "toy"


@pytest.fixture(scope="module")
def installed_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy plug-in, installed by pip into a folder of its own."""
    source = shutil.copytree(TOY, tmp_path_factory.mktemp("toy") / "source")
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
         "--target", target, source],
        check=True, timeout=100,
    )  # fmt: skip
    return target


def resolve(site: Path | None, folder: Path) -> subprocess.CompletedProcess[str]:
    path = {"PYTHONPATH": str(site)} if site else {}
    return subprocess.run(
        [sys.executable, "-m", "symbolicator", "resolve", "crash.txt", "--format", "json"],
        cwd=folder, env=os.environ | path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_an_installed_package_adds_a_language(installed_toy: Path, tmp_path: Path) -> None:
    """Plug-ins are the way every further language comes in: entry points must suffice."""
    (tmp_path / "crash.txt").write_text("SHOUT! boom\n^ INNER\n^ OUTER\n^ UNHEARD\n")
    (tmp_path / "words.shoutmap").write_text("INNER = crash loud.sh 3\nOUTER = main loud.sh 9\n")
    done = resolve(installed_toy, tmp_path)
    assert done.returncode == 1, done.stderr
    event = json.loads(done.stdout)
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert [frame["function"] for frame in frames] == ["UNHEARD", "main", "crash"]
    assert [frame.get("in_app") for frame in frames] == [None, False, True]
    assert frames[1]["data"]["in_app_rule"] == "shout-start"
    assert [error["type"] for error in event["errors"]] == ["shout_missing_word"]


def test_without_the_package_its_crash_is_refused_with_what_there_is(tmp_path: Path) -> None:
    """The test above would prove nothing if the toy were understood anyway."""
    (tmp_path / "crash.txt").write_text("SHOUT! boom\n^ INNER\n")
    done = resolve(None, tmp_path)
    assert done.returncode == 2
    assert "event JSON" in done.stderr


SAMPLES = [
    *sorted((ROOT / "fixtures").glob("*/crash.*")),
    *(path for path in sorted((ROOT / "tests").rglob("samples*/*")) if path.is_file() and path.suffix != ".json"),
]


@pytest.mark.parametrize("report", SAMPLES, ids=[f"{path.parent.name}/{path.name}" for path in SAMPLES])
def test_a_reader_that_knows_a_report_is_asked_about_it(report: Path) -> None:
    """A hint that is too narrow would make a report unreadable, and nobody would know why."""
    data = report.read_bytes()
    for start in range(0, min(len(data), 8 * HEAD_BYTES), HEAD_BYTES):
        head = data[start : start + HEAD_BYTES]
        asked = plugins.readers_for(head)
        assert [reader.name for reader in plugins.readers() if reader.detect(head) and reader not in asked] == []


def test_a_small_report_loads_few_readers() -> None:
    """Two dozen readers take longer to import than a small crash takes to resolve."""
    heads = {path.name: path.read_bytes()[:HEAD_BYTES] for path in (ROOT / "fixtures" / "js-esbuild").glob("crash.*")}
    (head,) = heads.values()
    assert len(plugins.readers_for(head)) <= len(plugins.readers()) // 2 + 1
