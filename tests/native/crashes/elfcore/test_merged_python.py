"""One trace of a core of Python and C: in the order in which the program itself says that it ran."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symbolicator.codec import decode
from symbolicator.model import Event, Frame
from symbolicator.model.edit import stacks_of

FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the crash."""
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core" or shutil.which("gcc") is None:
        pytest.skip("the kernel writes no plain core files here (core_pattern), or gcc is not installed")
    folder: Path = tmp_path_factory.mktemp("relay")
    recipe = FIXTURES / "merge-cpython" / "recipe.sh"
    subprocess.run([recipe, folder, sys.executable], check=True, capture_output=True, timeout=100)
    return folder


def resolved(folder: Path) -> Event:
    """The event, with the program's files found where the core says that they lie."""
    command = [sys.executable, "-m", "symbolicator", "resolve", "kernel.core", "--local", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=100, check=False)
    assert done.returncode in (0, 1), done.stderr
    return decode(done.stdout)


def merged_frames(event: Event) -> list[Frame]:
    """Oldest call first."""
    stacks = dict(stacks_of(event))
    assert event.merged
    return [stacks[one.stack].frames[one.index] for one in event.merged.frames]


def test_python_and_c_stand_in_the_order_in_which_they_ran(relay: Path) -> None:
    """Two stacks beside one another leave the reader to guess which C called which Python."""
    entered = re.findall(r"^entered (.+)$", (relay / "entered.txt").read_text(), re.MULTILINE)
    event = resolved(relay)
    frames = merged_frames(event)
    names = {name.rpartition(".")[2] for name in entered}
    shown = [frame.function for frame in frames if frame.in_app and str(frame.function).rpartition(".")[2] in names]
    assert shown == entered
    assert {frame.platform or event.platform for frame in frames} == {"native", "python"}
    assert event.merged
    assert {(seam.relation, seam.confidence) for seam in event.merged.seams} == {("R1", 1.0)}


def test_the_interpreters_own_frames_fold_and_nothing_of_the_program_does(relay: Path) -> None:
    """Half of the native frames are the interpreter's: they hide the dozen that matter."""
    event = resolved(relay)
    assert event.merged
    folded = {at for fold in event.merged.folds for at in range(fold.start, fold.start + fold.count)}
    frames = merged_frames(event)
    assert len(folded) > len(frames) / 3
    assert not [frames[at].function for at in folded if frames[at].package and "relay" in str(frames[at].package)]
    assert not [frames[at].function for at in folded if frames[at].platform == "python"]
