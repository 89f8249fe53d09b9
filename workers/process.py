"""One worker process: consumes the queue until it is told to stop, then finishes what it has begun.

::

    serve(settings, stop, lambda: open_resolver(settings.store, settings.repositories, settings.rules))
"""

import logging
import math
import os
import threading
from collections.abc import Callable
from pathlib import Path

import dramatiq
import redis
from msgspec import Struct

from workers.actor import Tools, register
from workers.broker import HEARTBEAT_SECONDS, make_broker
from workers.redis_client import connect
from workers.resolver import Resolver
from workers.results import TTL_SECONDS, Results
from workers.starts import Starts
from workers.watchdog import Watchdog

EXIT_HUNG = 75
TIME_LIMIT_SECONDS = 60.0
HARD_LIMIT_EXTRA_SECONDS = 30.0
"""How long code that does not react to its interrupt may go on."""
STOP_EXTRA_SECONDS = 5.0
_IDLE_POLL_MS = 250

_log = logging.getLogger("symbolicator.worker")


class Settings(Struct, frozen=True):
    """What a worker process is told. Times in seconds; ``lost_after`` is the age of a dead worker's heartbeat."""

    redis_url: str
    store: Path
    repositories: tuple[Path, ...] = ()
    rules: Path | None = None
    threads: int = 1
    time_limit: float = TIME_LIMIT_SECONDS
    lost_after: float = HEARTBEAT_SECONDS
    result_ttl: float = TTL_SECONDS

    @property
    def hard_limit(self) -> float:
        """When code that does not react is ended with its process."""
        return self.time_limit + HARD_LIMIT_EXTRA_SECONDS


def serve(settings: Settings, stop: threading.Event, resolver_factory: Callable[[], Resolver]) -> None:
    """Consumes the queue until ``stop`` is set. Returns when the events that were begun are answered."""
    client = connect(settings.redis_url)
    broker = make_broker(settings.redis_url, patience_seconds=math.inf, heartbeat_seconds=settings.lost_after)
    tools = Tools(
        Results(client, settings.result_ttl),
        Starts(client),
        Watchdog(settings.time_limit, settings.hard_limit, end_hung_process),
    )
    register(broker, resolver_factory, tools)
    worker = dramatiq.Worker(broker, worker_threads=settings.threads, worker_timeout=_IDLE_POLL_MS)
    worker.queue_prefetch = settings.threads  # more would wait behind an event here while another worker is idle
    worker.start()
    stop.wait()
    worker.stop(timeout=int(_stop_seconds(client, settings) * 1000))


def _stop_seconds(client: redis.Redis, settings: Settings) -> float:
    """Without Redis no event can be answered; it will be delivered again."""
    try:
        client.ping()
    except redis.RedisError:
        return STOP_EXTRA_SECONDS
    return settings.hard_limit + STOP_EXTRA_SECONDS


def end_hung_process() -> None:
    """Ends the process in the middle of whatever it does."""
    _log.critical("an event does not react to its time limit: this worker process ends")
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(EXIT_HUNG)
