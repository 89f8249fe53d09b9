"""Cores of a Python program, for each Python that is installed: the stacks that the interpreter itself told."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from native.crashes.elfcore.reader import READER
from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, Thread
from tests.native.crashes.elfcore.files import mapped

_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+ .*:$", re.MULTILINE)
_LINE = re.compile(r'^  File "(.*)", line (\d+) in (.*)$', re.MULTILINE)


class Call(NamedTuple):
    function: str | None
    file: str | None
    line: int | None
    column: int | None


SAMPLES = Path(__file__).with_name("samples")


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_samples_of_every_version_have_the_interpreters_own_stacks(version: str) -> None:
    """If this failed, a version of Python that is not installed here would be read wrongly, unseen."""
    truth = json.loads((SAMPLES / f"python-{version}.json").read_text())
    event = READER.read((SAMPLES / f"python-{version}.core").read_bytes())
    read = {str(thread.id): _calls(thread) for thread in event.thread_list}
    assert len(read) == len(truth["stacks"]) == 12
    failing = str(truth["failing"])
    told = {thread: [Call(**call) for call in calls] for thread, calls in truth["stacks"].items()}
    assert {thread: calls for thread, calls in read.items() if thread != failing} == {
        thread: calls for thread, calls in told.items() if thread != failing
    }
    assert read[failing][-3:] == told[failing][-3:]
    assert [call.function for call in read[failing][:4]] == CRASH


CRASH = ["string_at", "failing_comparison", "sorted_in_c", "fail"]


def _event(folder: Path) -> Event:
    return READER.read(mapped(folder / "kernel.core"))


def _calls(thread: Thread) -> list[Call]:
    return [Call(frame.function, frame.filename, frame.lineno, frame.colno) for frame in reversed(_frames(thread))]


def _frames(thread: Thread) -> tuple[Frame, ...]:
    return thread.vm_stacktrace.frames if thread.vm_stacktrace else ()


def _truth(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "stacks.json").read_text())
    return told


def test_waiting_threads_have_the_interpreters_own_stacks(python_depot: Path) -> None:
    """If one frame differed, a Python engineer would be sent to the wrong line."""
    truth = _truth(python_depot)
    read = {str(thread.id): _calls(thread) for thread in _event(python_depot).thread_list}
    waiting = {thread for thread in truth["stacks"] if thread != str(truth["failing"])}
    assert len(waiting) == 11
    for thread in waiting:
        assert read[thread] == [Call(**call) for call in truth["stacks"][thread]]


def test_the_failing_thread_has_the_calls_that_faulthandler_wrote(python_depot: Path) -> None:
    """If this failed, the Python side of the very crash would be missing or wrong."""
    text = (python_depot / "faulthandler.txt").read_text().partition("Current thread")[2]
    written = [(file, int(line), name) for file, line, name in _LINE.findall(_THREAD.split(text)[0])]
    event = _event(python_depot)
    (crashed,) = [thread for thread in event.thread_list if thread.crashed]
    calls = _calls(crashed)
    assert crashed.id == _truth(python_depot)["failing"]
    assert len(written) > 4
    assert [(call.file, call.line, str(call.function).rpartition(".")[2]) for call in calls] == [
        (file, line, name.rpartition(".")[2]) for file, line, name in written
    ]
    assert [call.function for call in calls[:4]] == CRASH


def test_frames_say_whose_they_are(python_depot: Path, ruled: Callable[[Event], Event]) -> None:
    """If this failed, the standard library would hide the program's own calls."""
    event = ruled(_event(python_depot))
    (crashed,) = [thread for thread in event.thread_list if thread.crashed]
    frames = {frame.function: frame for frame in _frames(crashed)}
    assert {frame.platform for frame in frames.values()} == {"python"}
    assert frames["fail"].in_app
    assert frames["Thread.run"].in_app is False
    entries = [frame.function for frame in _frames(crashed) if frame.data and frame.data.is_entry]
    assert {"Thread._bootstrap", "failing_comparison"} <= set(entries)
    assert "string_at" not in entries


def test_the_runtime_is_told(python_depot: Path) -> None:
    """If this failed, nobody would know which Python it was."""
    version = _truth(python_depot)["version"]
    runtime = (_event(python_depot).contexts or {})["runtime"]
    assert isinstance(runtime, dict)
    assert runtime["name"] == "CPython"
    assert version.startswith(str(runtime["version"]))


def test_runs_of_the_interpreter_have_their_records_on_the_native_stack(python_depot: Path) -> None:
    """If this failed, Python's frames would be put among the wrong native ones."""
    for thread in _event(python_depot).thread_list:
        frames = [frame.data for frame in _frames(thread) if frame.data]
        places = [frame.stack_pointer or 0 for frame in frames]
        assert thread.stack_memory
        assert all(0 <= place - thread.stack_memory.address < len(thread.stack_memory.data) for place in places)
        assert places == sorted(places, reverse=True)
        begun = [0, *(index for index in range(1, len(places)) if places[index] != places[index - 1])]
        assert begun == [index for index, frame in enumerate(frames) if frame.is_entry]


def test_pythons_frames_stand_among_the_native_ones(python_depot: Path, tmp_path: Path) -> None:
    """If this failed, nobody could see that C called back into Python, and where."""
    pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
    event = _event(python_depot)
    for image in event.images:
        if image.code_file and Path(image.code_file).is_file():
            shutil.copy(image.code_file, tmp_path)
    resolved = Engine.for_folder(tmp_path).resolve_event(event)
    merged = resolved.merged
    (crashed,) = [index for index, thread in enumerate(resolved.thread_list) if thread.crashed]
    assert merged
    assert merged.crashed_stack == f"thread/{crashed}"
    stacks = {f"thread/{crashed}": resolved.thread_list[crashed].stacktrace}
    stacks[f"thread/{crashed}/vm"] = resolved.thread_list[crashed].vm_stacktrace
    frames = [stack.frames[frame.index] for frame in merged.frames if (stack := stacks[frame.stack])]
    names = [frame.function for frame in frames]
    places = [names.index(name) for name in ("Thread.run", *reversed(CRASH))]
    assert places == sorted(places)
    _, _, caller, callback, _ = places
    assert any("libc.so" in str(frame.package) for frame in frames[caller:callback])
    assert {seam.confidence for seam in merged.seams} == {1.0}
