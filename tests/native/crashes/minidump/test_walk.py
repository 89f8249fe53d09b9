"""Dumps from end to end: the frames of other tools' walks of the very same crash."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from symbolicator.engine import Engine
from symbolicator.model import Event, Frame, Thread
from tests.native.crashes.minidump.dumps import FIXTURES

SYSTEM = [Path("/lib/x86_64-linux-gnu"), Path("/usr/lib/x86_64-linux-gnu")]
LIBRARIES = ("libc.so.6", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2")
THREADS = 40
ENOUGH = 0.98
"""Of the frames of all threads. Missing are those below a signal handler with a stack of its own, as minidumps keep one
stack a thread; and one thread is not blocked, and goes on before gdb looks."""


def physical(thread: Thread) -> list[Frame]:
    """Frames with a place on the stack, newest call first."""
    frames = thread.stacktrace.frames if thread.stacktrace else ()
    return [frame for frame in reversed(frames) if not (frame.data and frame.data.inlined)]


def truth(case: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FIXTURES / case / "truth.json").read_text())
    return told


def resolved(case: str) -> Event:
    return Engine.for_folder(FIXTURES / case).resolve((FIXTURES / case / "crash.dmp").read_bytes())


def addresses(frames: list[dict[str, Any]]) -> list[int]:
    return [int(frame["address"], 16) for frame in frames if not frame["inlined"]]


def test_every_thread_walks_as_gdb_walks_it() -> None:
    """One wrong caller makes a stack that never was."""
    event, threads = resolved("minidump-linux"), truth("minidump-linux")["threads"]
    assert len(event.thread_list) == len(threads)
    for thread in event.thread_list:
        expected = addresses(threads[str(thread.id)])
        assert [frame.instruction_addr for frame in physical(thread)] == expected, thread.name


def test_no_frame_is_guessed_where_the_files_are_at_hand() -> None:
    """Words that merely look like return addresses are shown as calls."""
    trusts = {frame.trust for thread in resolved("minidump-linux").thread_list for frame in physical(thread)}
    assert trusts == {"context", "cfi"}


def test_windows_walks_as_windows_does() -> None:
    """The unwinder's rules for PE images against RtlVirtualUnwind in the crashed process."""
    event, told = resolved("minidump-windows"), truth("minidump-windows")["frames"]
    crashed = next(thread for thread in event.thread_list if thread.crashed)
    own = [address for address, frame in zip(addresses(told), told[2:], strict=False) if frame["own"]]
    found = [frame.instruction_addr for frame in physical(crashed)]
    assert found[: len(own) + 1] == addresses(told)[: len(own) + 1]
    functions = [frame.function for frame in reversed(crashed.stacktrace.frames if crashed.stacktrace else ())]
    assert functions[:5] == ["rankOf", "isLower", "lowest", "sortShelf", "atShelf"]


@pytest.mark.skipif(
    not all(map(shutil.which, ("g++", "gdb", "cargo"))), reason="needs g++, gdb and a Rust toolchain with crates"
)
@pytest.mark.timeout(400)
def test_forty_threads_walk_as_gdb_walks_them(tmp_path: Path) -> None:
    """A large program's dump must give the frames that gdb gives of the very same crash."""
    source = FIXTURES / "core-threads" / "src"
    if not source.is_dir():
        pytest.skip("the program of forty threads is not here")
    event, threads = forty_threads(source, tmp_path)
    assert len(event.thread_list) == THREADS
    crashed = next(thread for thread in event.thread_list if thread.crashed)
    assert [frame.instruction_addr for frame in physical(crashed)] == addresses(threads[str(crashed.id)])
    right = wanted = 0
    for thread in event.thread_list:
        expected = addresses(threads[str(thread.id)])
        found = [frame.instruction_addr for frame in physical(thread)]
        right += sum(one == other for one, other in zip(found, expected, strict=False))
        wanted += max(len(expected), len(found))
    assert right / wanted >= ENOUGH, f"{right} of {wanted}"


def forty_threads(source: Path, folder: Path) -> tuple[Event, dict[str, Any]]:
    """The event of a crash, and gdb's frames of each thread."""
    scripts = FIXTURES / "minidump-linux"
    built = subprocess.run(["bash", scripts / "build.sh", folder], capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.skip(f"the dumper cannot be built: {built.stderr[-200:]}")
    program = folder / "depot"
    units = sorted(source.glob("*.cpp"))
    subprocess.run(["g++", "-std=c++17", "-O2", "-g", "-pthread", *units, "-o", program], check=True)
    subprocess.run(["bash", scripts / "dump.sh", program, folder], check=True, timeout=200)
    for name in LIBRARIES:
        library = next((place / name for place in SYSTEM if (place / name).exists()), None)
        if library:
            shutil.copy(library.resolve(), folder / name)
    engine = Engine.for_folder(program, *(folder / name for name in LIBRARIES if (folder / name).exists()))
    threads: dict[str, Any] = json.loads((folder / "threads.json").read_text())["threads"]
    return engine.resolve((folder / "crash.dmp").read_bytes()), threads
