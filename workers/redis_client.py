"""Connections to Redis, and what to make of its failures.

::

    client = connect("redis://:secret@queue.example/0")
    with reachable("redis://:secret@queue.example/0"):
        client.ping()
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.errors import QueueUnreachable

T = TypeVar("T")

UNREACHABLE = (redis.ConnectionError, redis.TimeoutError)
"""Redis is away, restarting or loading: it may answer later."""
SOCKET_SECONDS = 15.0
_CONNECT_SECONDS = 5.0
_PAUSE_SECONDS = 0.25
_CREDENTIALS = re.compile(r"\A([A-Za-z0-9+]*://)?.*@", re.DOTALL)
_PASSWORD_FIELD = re.compile(r"(?i)((?:password|username)=)[^&#]*")


def masked(url: str) -> str:
    """The URL without its credentials: for errors and logs."""
    return _PASSWORD_FIELD.sub(r"\1***", _CREDENTIALS.sub(r"\1***@", url))


def connect(url: str) -> redis.Redis:
    """A client; it connects when it is used. Raises `QueueUnreachable` if the URL is none.

    It never repeats a command by itself: a fetch whose answer was lost must be seen (see `workers.broker`).
    """
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=SOCKET_SECONDS,
            socket_connect_timeout=_CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        client.connection_pool.make_connection()  # not connected yet, but what is wrong in the URL shows
    except (ValueError, TypeError):  # its text may quote parts of a password
        raise QueueUnreachable(
            f"{masked(url)} is no Redis URL: write it as redis://HOST:PORT/NUMBER, special characters as %XX."
        ) from None
    return client


@contextmanager
def reachable(url: str) -> Iterator[None]:
    """Turns the failures of Redis into one clear error."""
    try:
        yield
    except UNREACHABLE as error:
        raise QueueUnreachable(
            f"Redis at {masked(url)} cannot be reached ({error}): start it, or check the URL and the password."
        ) from error
    except redis.RedisError as error:
        raise QueueUnreachable(
            f"Redis at {masked(url)} refuses ({error}): check its memory limit, version and permissions."
        ) from error


def patiently(call: Callable[[], T], seconds: float) -> T:
    """Calls again while Redis is away, for so many seconds; then raises what it raised."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except UNREACHABLE:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
