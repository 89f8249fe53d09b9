"""``symbolicator worker`` as an operator runs it: real processes, the real pipeline, a store that was uploaded to."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from symbolicator.cli.upload import upload
from symbolicator.engine import Engine
from symbolicator.model import Event
from symbolicator.model.edit import stacks_of
from tests.workers.conftest import RedisServer, started, wait_until
from workers.client import Queue
from workers.errors import QueueUnreachable, ResolveFailed

EVENT = b'{"platform": "javascript", "exception": {"values": [{"type": "Oops"}]}}'


@pytest.fixture
def store(tmp_path: Path, fixtures: Path) -> Path:
    """A store that the fixture's build was uploaded to."""
    folder = tmp_path / "store"
    result = CliRunner().invoke(upload, [str(fixtures / "js-esbuild"), "--store", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


@contextmanager
def _workers(server: RedisServer, store: Path, processes: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    options = ["--redis", server.url, "--store", str(store), "--processes", str(processes), "--lost-after", "2"]
    with started("-m", "workers.command", *options) as process:
        yield process


def _processes_of(supervisor: subprocess.Popen[bytes]) -> list[int]:
    """The worker processes: children that hold a connection to Redis, not Python's resource tracker."""
    children = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _lines(process: subprocess.Popen[bytes]) -> list[dict[str, object]]:
    """What was logged; other lines (the warning about a missing core) are not ours."""
    assert process.stderr
    return [json.loads(line) for line in process.stderr.read().splitlines() if line.startswith(b"{")]


def test_upload_enqueue_resolved(server: RedisServer, store: Path, fixtures: Path) -> None:
    """The whole path: what was uploaded resolves the event in a worker just as the folder does on the command line.

    Between the events there is one that no reader knows, and SIGTERM ends it all in order.
    """
    payload = (fixtures / "js-esbuild" / "crash.txt").read_bytes()
    queue = Queue(server.url)
    with _workers(server, store, processes=2) as supervisor:
        first, poison, second = queue.submit(payload), queue.submit(b""), queue.submit(payload)
        events = [first.result(30), second.result(30)]
        with pytest.raises(ResolveFailed) as failure:
            poison.result(30)
        supervisor.terminate()
        assert supervisor.wait(30) == 0
        lines = _lines(supervisor)
    assert failure.value.reason == "unreadable"
    expected = Engine.for_folder(fixtures / "js-esbuild").resolve(payload)
    assert [_positions(event) for event in events] == [_positions(expected)] * 2
    assert "src/checkout.js" in str(_positions(expected))
    assert [line["event"] for line in lines if line["event"] in ("started", "stopped")] == ["started", "stopped"]
    assert {line["id"]: line["event"] for line in lines if "id" in line} == {
        first.id: "completed",
        second.id: "completed",
        poison.id: "unreadable",
    }


def _positions(event: Event) -> list[tuple[object, ...]]:
    return [
        (name, frame.function, frame.filename, frame.lineno, frame.colno, frame.status)
        for name, stack in stacks_of(event)
        for frame in stack.frames
    ]


def test_a_killed_process_is_replaced(server: RedisServer, store: Path) -> None:
    """A worker process that dies (out of memory, a crash in native code) must not need an operator."""
    queue = Queue(server.url)
    with _workers(server, store) as supervisor:
        queue.submit(EVENT).result(30)
        [victim] = _processes_of(supervisor)
        os.kill(victim, signal.SIGKILL)
        assert queue.submit(EVENT).result(30).exceptions[0].type == "Oops"
        [replacement] = _processes_of(supervisor)
        assert replacement != victim


def test_nothing_outlives_its_supervisor(server: RedisServer, store: Path) -> None:
    """A supervisor that was killed must not leave processes behind that nobody knows of."""
    with _workers(server, store) as supervisor:
        Queue(server.url).submit(EVENT).result(30)
        [child] = _processes_of(supervisor)
        supervisor.kill()
        wait_until(lambda: not _is_alive(child))


def test_an_interrupt_ends_it_in_order(server: RedisServer, store: Path) -> None:
    """Ctrl-C reaches the whole group: no tracebacks, exit code 0."""
    with _workers(server, store) as supervisor:
        Queue(server.url).submit(EVENT).result(30)
        os.killpg(supervisor.pid, signal.SIGINT)
        assert supervisor.wait(30) == 0
        assert supervisor.stderr
        assert b"Traceback" not in supervisor.stderr.read()


@pytest.mark.parametrize("wrong", ["redis", "store"])
def test_what_is_wrong_is_said_at_the_start(server: RedisServer, store: Path, wrong: str) -> None:
    """A typo ends the start with one sentence and code 2, rather than a worker that does nothing."""
    url = "redis://:secret@127.0.0.1:1/0" if wrong == "redis" else server.url
    folder = store / "typo" if wrong == "store" else store
    with started("-m", "workers.command", "--redis", url, "--store", str(folder)) as process:
        assert process.wait(30) == 2
        assert process.stderr
        error = process.stderr.read().decode()
    assert "secret" not in error
    assert ("cannot be reached" if wrong == "redis" else "symbolicator upload") in error
    assert len([line for line in error.splitlines() if "compiled core" not in line and "Rust" not in line]) == 1


def test_help_does_not_load_the_queue() -> None:
    """``symbolicator --help`` loads every command: this one must stay light."""
    code = "import sys, workers.command; sys.exit(bool({'dramatiq', 'redis', 'sqlite3'} & sys.modules.keys()))"
    with started("-c", code) as process:
        assert process.wait(30) == 0


def test_an_unknown_url_is_refused() -> None:
    """The scheme is checked before anything connects."""
    with pytest.raises(QueueUnreachable, match="redis://HOST"):
        Queue("amqp://x")
