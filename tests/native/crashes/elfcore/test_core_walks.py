"""Every frame of every thread of a core, walked and resolved, against gdb's.

Two differences are none of ours, and are counted apart. gdb shows callers that left by a tail call: they are on no
stack, and it takes them from the call sites in the debug information. And where several rows of the line table have one
address, gdb takes one at which a statement begins; addr2line takes the last one, and so does the core.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec import Struct

from native.crashes.elfcore.reader import READER
from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, Thread
from tests.native.crashes.elfcore import gdb
from tests.native.crashes.elfcore.files import mapped
from tests.native.crashes.elfcore.gdb import Built, GdbFrame
from tests.test_fixtures import last_name

pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
BAR = 0.98
FIXTURES = Path(__file__).resolve().parents[4] / "fixtures"


class Compared(Struct, frozen=True):
    """One frame beside gdb's. ``kind``: ``same``, ``other row``, ``different`` or ``missing``."""

    kind: str
    ours: Frame | None
    gdbs: GdbFrame

    def __str__(self) -> str:
        frame = self.ours
        ours = f"{frame.function} at {frame.filename}:{frame.lineno} ({frame.trust})" if frame else "nothing"
        return f"{self.kind}: {ours}, gdb: {self.gdbs}"


@pytest.fixture
def resolved(core: Path, forty_threads: Built, tmp_path: Path) -> Event:
    return resolved_with_libraries(core, forty_threads, tmp_path)


def resolved_with_libraries(core: Path, built: Built, folder: Path) -> Event:
    """The core's event, walked and resolved with the program and the system's libraries."""
    for image in READER.read(mapped(core)).images:
        if image.code_file and Path(image.code_file).is_file():
            shutil.copy(image.code_file, folder)
    return Engine.for_folder(folder).resolve_event(READER.read(mapped(core)))


def compared(thread: Thread, truth: Sequence[GdbFrame], program: Path) -> Iterator[Compared]:
    """Each of gdb's frames beside ours at the same depth."""
    ours = list(reversed(thread.stacktrace.frames)) if thread.stacktrace else []
    for index, gdbs in enumerate(frame for frame in truth if frame.kind != "tail call"):
        frame = ours[index] if index < len(ours) else None
        yield Compared(_kind(frame, gdbs, ours, program), frame, gdbs)


def _kind(frame: Frame | None, gdbs: GdbFrame, ours: Sequence[Frame], program: Path) -> str:
    if frame is None:
        return "missing"
    if frame.instruction_addr != gdbs.address or bool(frame.data and frame.data.inlined) != (gdbs.kind == "inlined"):
        return "different"
    if gdbs.file is None:
        return "same"
    if _name(frame.function) != _name(gdbs.function):
        return "different"
    if (_base(frame.filename), frame.lineno) == (_base(gdbs.file), gdbs.line):
        return "same"
    return "other row" if (_base(frame.filename), frame.lineno) in _rows(frame, ours, program) else "different"


def _name(function: str | None) -> str | None:
    """The function's own name, as C++ or Rust spell it."""
    text = re.sub(r"\{closure#\d+\}", "{{closure}}", function or "").replace("{{vtable.shim}}", "")
    return last_name(text.replace("->", ""))


def _base(path: str | None) -> str:
    return (path or "").rpartition("/")[2]


def _rows(frame: Frame, ours: Sequence[Frame], program: Path) -> set[tuple[str, int]]:
    """What addr2line says of a frame's address, for all calls that are inlined there."""
    address = int(frame.instruction_addr or 0) - int(frame.image_addr or 0)
    asked = address if frame is ours[0] or frame.adjust_instruction_addr is False else address - 1
    command = ["addr2line", "-i", "-e", str(program), hex(asked)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    places = (line.partition(" (")[0].rpartition(":") for line in said)
    return {(_base(file), int(line)) for file, _, line in places if line.isdigit()}


def test_every_thread_has_gdbs_frames(core: Path, resolved: Event, forty_threads: Built) -> None:
    """If this failed, stacks of cores would be shown that never were."""
    truth = gdb.frames(forty_threads.program, core)
    found = {
        thread.id: list(compared(thread, truth[int(thread.id or 0)], forty_threads.program))
        for thread in resolved.thread_list
    }
    counts = Counter(frame.kind for frames in found.values() for frame in frames)
    tail_calls = sum(frame.kind == "tail call" for frames in truth.values() for frame in frames)
    total = counts.total()
    share = counts["same"] / total
    figure = f"{counts['same']} of {total} frames as gdb's ({share:.1%}): {dict(counts)}; {tail_calls} tail calls"
    print(core.name, figure)  # noqa: T201 - the figure that is to be known
    assert len(found) == 40
    assert total > 450
    different = [str(frame) for frames in found.values() for frame in frames if frame.kind in ("different", "missing")]
    assert share >= BAR, different
    assert not different


def test_the_crashed_thread_has_exactly_gdbs_frames(core: Path, resolved: Event, forty_threads: Built) -> None:
    """If this failed, the very thread that matters would be wrong."""
    truth = gdb.frames(forty_threads.program, core)
    (crashed,) = [thread for thread in resolved.thread_list if thread.crashed]
    frames = list(compared(crashed, truth[int(crashed.id or 0)], forty_threads.program))
    assert not [frame for frame in truth[int(crashed.id or 0)] if frame.kind == "tail call"]
    assert len(frames) > 12
    assert crashed.stacktrace
    assert len(crashed.stacktrace.frames) == len(frames)
    assert {frame.kind for frame in frames} == {"same"}
    assert crashed.stacktrace.frames[-1].function == "depot::(anonymous namespace)::zipOf"


def test_no_caller_was_guessed(resolved: Event) -> None:
    """If this failed, stacks would hold words that only look like return addresses."""
    trusts = Counter(
        frame.trust for thread in resolved.thread_list if thread.stacktrace for frame in thread.stacktrace.frames
    )
    assert set(trusts) == {"context", "cfi"}


@pytest.mark.parametrize("kind", ["kernel", "gdb"])
def test_every_thread_of_a_rust_program_has_gdbs_frames(kind: str, rust_threads: Built, tmp_path: Path) -> None:
    """If this failed, closures and generics of Rust would be walked or named wrongly."""
    core = rust_threads.folder / f"{kind}.core"
    if not core.exists():
        pytest.skip("the kernel writes no plain core files here (core_pattern)")
    event = resolved_with_libraries(core, rust_threads, tmp_path)
    truth = gdb.frames(rust_threads.program, core)
    found = [
        frame
        for thread in event.thread_list
        for frame in compared(thread, truth[int(thread.id or 0)], rust_threads.program)
    ]
    counts = Counter(frame.kind for frame in found)
    figure = f"{counts['same']} of {len(found)} frames as gdb's ({counts['same'] / len(found):.1%}): {dict(counts)}"
    print(core.name, figure)  # noqa: T201 - the figure that is to be known
    assert len(event.thread_list) == 9
    assert not [str(frame) for frame in found if frame.kind in ("different", "missing")]
    (crashed,) = [thread for thread in event.thread_list if thread.crashed]
    assert crashed.stacktrace
    assert crashed.stacktrace.frames[-1].function == "main::zip_of"


def test_a_small_core_has_the_frames_of_its_truth() -> None:
    """If this failed, the case that every machine can check would be read wrongly."""
    folder = FIXTURES / "core-small"
    truth = json.loads((folder / "truth.json").read_text())
    event = Engine.for_folder(folder).resolve((folder / "crash.core").read_bytes())
    told = {truth["thread"]: truth["frames"], **{int(key): value for key, value in truth["other_threads"].items()}}
    assert [thread.id for thread in event.thread_list] == list(told)
    for thread in event.thread_list:
        assert thread.stacktrace
        assert [
            (frame.function, frame.filename, frame.lineno, frame.colno, bool(frame.data and frame.data.inlined))
            for frame in reversed(thread.stacktrace.frames)
        ] == [
            (frame["function"], frame["file"], frame["line"], frame["column"], frame["inlined"])
            for frame in told[int(thread.id or 0)]
        ]
