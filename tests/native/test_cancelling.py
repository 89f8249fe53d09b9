"""Conversions that nobody waits for any more end soon, and leave nothing behind."""

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from native.backends.core import CoreBackend
from symbolicator.errors import MalformedArtifact
from symbolicator.store import BytesBlob, FolderCache
from tests.native.hostile import BASE, ROOT, TABLE, elf, function, packed, unit

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")

PATIENCE = 60
_CHILD = """\
import signal
import sys
from pathlib import Path
from symbolicator import _core
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with it ignored
data = Path(sys.argv[1]).read_bytes()
try:
    print("ready", flush=True)
    _core.build_symcache(data)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    raise
print("finished", flush=True)
"""


class TimeIsUp(Exception):  # noqa: N818 - as the exceptions of task queues are called
    """What a watchdog raises in another thread."""


@pytest.fixture(scope="module", params=["plain", "packed"])
def large(request: pytest.FixtureRequest) -> bytes:
    """A file whose conversion takes a second or more."""
    names = [function(f"function_{number}_with_a_name", BASE + number, 1) + b"\0" for number in range(200_000)]
    info = unit(ROOT + b"".join(names) + b"\0") * 8
    size = 1 << 20
    return elf({".debug_abbrev": TABLE, ".debug_info": info if request.param == "plain" else packed(info)}, code=size)


def during(build: Callable[[], object], act: Callable[[], object]) -> threading.Thread:
    """Acts as soon as ``build`` runs, from another thread."""
    started = threading.Event()

    def wait() -> None:
        started.wait(PATIENCE)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    started.set()
    try:
        build()
    finally:
        thread.join()
    return thread


def test_another_thread_cancels(large: bytes) -> None:
    """A server that shuts down must not wait for gigabytes of debug info."""
    token = _core.CancelToken()
    with pytest.raises(_core.Cancelled, match="cancelled"):
        during(lambda: _core.build_symcache(large, cancel=token), token.cancel)
    assert token.cancelled


def test_a_token_that_was_cancelled_before(large: bytes) -> None:
    """Work that is still queued is not begun."""
    token = _core.CancelToken()
    token.cancel()
    with pytest.raises(_core.Cancelled):
        _core.build_symcache(large, cancel=token)


def test_a_token_that_nobody_cancels() -> None:
    """The token alone changes nothing."""
    data = elf({".debug_abbrev": TABLE, ".debug_info": unit(ROOT + function("f") + bytes(2))})
    assert _core.build_symcache(data, cancel=_core.CancelToken()) == _core.build_symcache(data)


def test_ctrl_c(large: bytes, tmp_path: Path) -> None:
    """Somebody who named the wrong file wants the prompt back."""
    file = tmp_path / "large"
    file.write_bytes(large)
    command = [sys.executable, "-c", _CHILD, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.2)  # the conversion takes longer; before it begins the signal would prove nothing
        child.send_signal(signal.SIGINT)
        said, complaint = child.communicate(timeout=PATIENCE)
    assert said == "interrupted\n"
    assert "KeyboardInterrupt" in complaint


def test_a_time_limit(large: bytes) -> None:
    """Task queues end a task by raising in its thread, which runs no Python code while a file is converted."""
    thread, raised = ctypes.c_ulong(threading.get_ident()), ctypes.py_object(TimeIsUp)
    with pytest.raises(TimeIsUp):
        during(lambda: _core.build_symcache(large), lambda: ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, raised))


def test_no_part_of_an_index_is_kept(large: bytes, tmp_path: Path) -> None:
    """The next one who asks must get the whole index, and no complaint about the file."""
    token, cache, blob = _core.CancelToken(), FolderCache(tmp_path), BytesBlob("large", large)
    with pytest.raises(_core.Cancelled):
        during(lambda: CoreBackend(cancel=token).load(blob, cache).symbol_address("f"), token.cancel)
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and "asked" not in path.parts]
    assert kept == []
    assert CoreBackend().load(blob, cache).symbol_address("function_0_with_a_name") == BASE


def test_cancelling_is_no_fault_of_the_file() -> None:
    """A file must not be reported as malformed because its conversion was cancelled."""
    assert not issubclass(_core.Cancelled, _core.DebugFileError | MalformedArtifact)
