"""What keeps one event from harming the others: time limits, running alone, short log lines."""

import json
import logging
import threading
import time

import pytest
from dramatiq.middleware import TimeLimitExceeded

from tests.workers.conftest import wait_until
from workers.logs import MAX_CHARACTERS, JsonLines
from workers.starts import Gate
from workers.watchdog import Watchdog


def _spin(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def test_code_that_takes_too_long_is_interrupted() -> None:
    """The limit holds for code that never sleeps, and only inside the context."""
    watchdog = Watchdog(0.1, 60, lambda: None)
    with pytest.raises(TimeLimitExceeded), watchdog.limit():
        _spin(20)
    _spin(0.6)
    with watchdog.limit():
        pass


def test_an_interrupt_that_comes_too_late_hits_nobody() -> None:
    """Code that swallows its interrupt, or is done just then, must not have the next event interrupted."""
    watchdog = Watchdog(0.1, 60, lambda: None)
    with watchdog.limit():
        try:
            _spin(20)
        except BaseException:  # noqa: BLE001 - a plug-in that catches everything
            swallowed = True
    assert swallowed
    for _ in range(20):
        with watchdog.limit():
            _spin(0.01)


def test_code_that_does_not_react_ends_the_process() -> None:
    """Native code that hangs cannot be interrupted: after the hard limit its process is given up."""
    ended = threading.Event()
    watchdog = Watchdog(0.1, 0.3, ended.set)
    with pytest.raises(TimeLimitExceeded), watchdog.limit():
        ended.wait(20)  # the interrupt waits until this returns
    assert ended.is_set()


def test_a_suspect_runs_alone() -> None:
    """Nobody else is in the process when an event runs that may have ended one, so nobody else is blamed."""
    gate, inside, most = Gate(), [], []
    lock = threading.Lock()

    def run(*, alone: bool) -> None:
        with gate.passed(alone=alone):
            with lock:
                inside.append(alone)
                most.append(list(inside))
            time.sleep(0.005)
            with lock:
                inside.remove(alone)

    threads = [threading.Thread(target=run, kwargs={"alone": number % 3 == 0}) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(most) == 30
    assert all(len(seen) == 1 for seen in most if any(seen))
    assert any(len(seen) > 1 for seen in most)


def test_a_suspect_is_not_starved() -> None:
    """A steady stream of good events must not keep a suspect waiting for ever."""
    gate, stop, done = Gate(), threading.Event(), threading.Event()

    def stream() -> None:
        while not stop.is_set():
            with gate.passed(alone=False):
                time.sleep(0.002)

    def suspect() -> None:
        with gate.passed(alone=True):
            done.set()

    threads = [threading.Thread(target=stream) for _ in range(3)] + [threading.Thread(target=suspect)]
    for thread in threads:
        thread.start()
    wait_until(done.is_set)
    stop.set()
    for thread in threads:
        thread.join(20)


def test_a_log_line_is_one_line_and_short() -> None:
    """A payload of twenty megabytes in an error must not end up in the log; line breaks forge no lines."""
    record = logging.makeLogRecord(
        {"msg": "x\n\ud800" * 10_000, "levelname": "INFO", "fields": {"id": "1", "odd": object}}
    )
    line = JsonLines().format(record)
    assert "\n" not in line
    assert len(line) < 2 * MAX_CHARACTERS
    assert json.loads(line)["id"] == "1"
