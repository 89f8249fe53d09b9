"""A real redis-server, and workers on it."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis

from symbolicator import codec
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from workers.process import Settings, serve
from workers.resolver import Resolver

PATIENCE_SECONDS = 20.0


class RedisServer:
    """A redis-server of our own on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            ["redis-server", *options, "--dir", str(self._folder)], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def wait_until(is_so: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for something to become true; a test that waits for ever says nothing."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def _redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(_redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    """An empty Redis, and workers in this process that do not wait for seconds when they have lost it."""
    monkeypatch.setattr("dramatiq.worker.CONSUMER_RESTART_DELAY_SECS", 0.2)
    monkeypatch.setattr("dramatiq.worker.POST_PROCESS_MESSAGE_RETRY_DELAY_SECS", 0.2)
    _redis_server.client.flushall()
    return _redis_server


class Scripted:
    """A resolver that does what the payload says."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.go_on = threading.Event()

    def resolve(self, payload: bytes) -> Event:
        order, _, rest = payload.decode().partition(":")
        self.seen.append(order)
        if order == "wait":
            assert self.go_on.wait(PATIENCE_SECONDS)
        elif order == "unreadable":
            raise UnreadableInput("This is no crash report.")
        elif order == "bug":
            raise ZeroDivisionError("division by zero")
        elif order == "exit":
            sys.exit(3)
        elif order == "spin":
            while True:
                pass
        return codec.decode(f'{{"title": "{order}{rest}"}}'.encode())


@contextmanager
def serving(url: str, resolver: Resolver, **settings: float) -> Iterator[None]:
    """A worker in a thread of this process."""
    stop = threading.Event()
    told = Settings(url, Path(), **settings)  # type: ignore[arg-type] # threads are whole in every test
    thread = threading.Thread(target=serve, args=(told, stop, lambda: resolver))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


@contextmanager
def started(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group; at the end the group is killed."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env=os.environ | {"dramatiq_restart_delay": "200"} | environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill_group(process)
        if process.stderr:
            process.stderr.close()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """As when the machine loses power."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()
