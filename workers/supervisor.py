"""Keeps a number of worker processes running: one that dies is replaced, on SIGTERM all finish their event and end.

::

    Supervisor(settings, processes=4).run()

The supervisor touches no event, so that none can take it down. When it dies itself, its workers notice and stop.
"""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from workers import logs
from workers.process import STOP_EXTRA_SECONDS, Settings, serve
from workers.resolver import open_resolver

_CHECK_SECONDS = 0.25
_STEADY_SECONDS = 30.0
"""A worker that lived so long did not die of a fault that every one has."""
_MAX_PAUSE_SECONDS = 30.0

_log = logging.getLogger("symbolicator.worker")
_spawn = multiprocessing.get_context("spawn")


class Supervisor:
    """Runs worker processes until it is told to stop."""

    def __init__(self, settings: Settings, processes: int) -> None:
        self._settings = settings
        self._slots = [_Slot(settings) for _ in range(processes)]
        self._stopping = False
        self._hurry = False

    def run(self) -> None:
        """Returns when SIGTERM or SIGINT has come and all workers have ended. A second signal ends them at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while not self._stopping:
            for slot in self._slots:
                slot.keep_running()
            wait([slot.process.sentinel for slot in self._slots if slot.process], timeout=_CHECK_SECONDS)
        self._stop()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._hurry = self._stopping
        self._stopping = True

    def _stop(self) -> None:
        running = [slot.process for slot in self._slots if slot.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self._settings.hard_limit + 2 * STOP_EXTRA_SECONDS
        while any(process.is_alive() for process in running) and time.monotonic() < deadline and not self._hurry:
            time.sleep(_CHECK_SECONDS)
        for process in running:
            process.kill()
            process.join()
        _log.info("stopped", extra={"fields": {"pid": os.getpid()}})


class _Slot:
    """The place of one worker process, and how it fared."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._started = 0.0
        self._pause = 0.0
        self._again = 0.0
        self.process: SpawnProcess | None = None

    def keep_running(self) -> None:
        """Starts a process if there is none; not at once if the last one died young."""
        if self.process and not self.process.is_alive():
            self._bury(self.process)
        if self.process is None and time.monotonic() >= self._again:
            self._started = time.monotonic()
            self.process = _spawn.Process(target=run_worker, args=(self._settings,))
            self.process.start()

    def _bury(self, process: SpawnProcess) -> None:
        died_young = time.monotonic() - self._started < _STEADY_SECONDS
        self._pause = min(max(1.0, self._pause * 2), _MAX_PAUSE_SECONDS) if died_young else 0.0
        self._again = time.monotonic() + self._pause
        fields = {"pid": process.pid, "exit_code": process.exitcode, "restart_in_s": self._pause}
        _log.error("worker process died", extra={"fields": fields})
        process.close()
        self.process = None


def run_worker(settings: Settings) -> None:
    """The worker process: ends on SIGTERM, and when the supervisor is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all of us; the supervisor decides
    logs.configure()
    threading.Thread(target=_watch_supervisor, args=(stop.set,), daemon=True).start()
    serve(settings, stop, lambda: open_resolver(settings.store, settings.repositories, settings.rules))


def _watch_supervisor(then: Callable[[], None]) -> None:
    supervisor = multiprocessing.parent_process()
    if supervisor:
        wait([supervisor.sentinel])
        then()
