"""Time limits for events: first the event is interrupted, and if that does not help, the process ends.

::

    watchdog = Watchdog(soft_seconds=60, hard_seconds=90, end=end_process)
    with watchdog.limit():
        resolve(payload)  # TimeLimitExceeded here after a minute

An interrupt reaches Python code only. Native code that never comes back is ended with its process: the supervisor
starts another one, and the event is counted among those that ended their worker.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from dramatiq.middleware import TimeLimitExceeded, raise_thread_exception
from msgspec import Struct

_INTERVAL_SECONDS = 0.25
_DELIVERY_STEPS = 50
_DELIVERY_SECONDS = 0.01


class _Watched(Struct):
    """One event in one thread. Times are of the monotonic clock."""

    thread: int
    soft: float
    hard: float
    interrupted: bool = False


class Watchdog:
    """Watches the events of one process from a thread of its own."""

    def __init__(self, soft_seconds: float, hard_seconds: float, end: Callable[[], None]) -> None:
        self.soft_seconds = soft_seconds
        self._hard_seconds = hard_seconds
        self._end = end
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._thread: threading.Thread | None = None

    def limit(self) -> "Limit":
        """A context whose code may run for the soft limit; raises `TimeLimitExceeded` in it."""
        return Limit(self)

    def enter(self) -> _Watched:
        """Starts to watch the current thread."""
        now = time.monotonic()
        watched = _Watched(threading.get_ident(), now + self.soft_seconds, now + self._hard_seconds)
        with self._lock:
            self._watched[watched.thread] = watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
        return watched

    def leave(self, watched: _Watched) -> None:
        """Stops watching: afterwards nothing is interrupted that was not before."""
        with self._lock:
            self._watched.pop(watched.thread, None)

    def _watch(self) -> None:
        while True:
            time.sleep(_INTERVAL_SECONDS)
            with self._lock:
                for watched in self._watched.values():
                    self._check(watched, time.monotonic())

    def _check(self, watched: _Watched, now: float) -> None:
        if now > watched.hard:
            self._end()
        elif now > watched.soft and not watched.interrupted:
            watched.interrupted = True
            raise_thread_exception(watched.thread, TimeLimitExceeded)  # type: ignore[no-untyped-call] # dramatiq's


class Limit:
    """See `Watchdog.limit`."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._watchdog = watchdog
        self._watched: _Watched | None = None

    def __enter__(self) -> None:
        self._watched = self._watchdog.enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        watched = self._watched
        if watched is None:
            return
        try:
            self._watchdog.leave(watched)
        except TimeLimitExceeded:
            self._watchdog.leave(watched)
            raise
        if watched.interrupted and not isinstance(error, TimeLimitExceeded):
            _take_late_interrupt()


def _take_late_interrupt() -> None:
    """The code was done just when it was interrupted: the interrupt must not hit whatever comes next."""
    with suppress(TimeLimitExceeded):
        for _ in range(_DELIVERY_STEPS):
            time.sleep(_DELIVERY_SECONDS)
