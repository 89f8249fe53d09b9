"""Events that end their worker: how often each was started and never finished, and how they are kept from the others.

A message whose worker died is delivered again. Without a count, an event that crashes native code or takes all memory
would end one worker after the other. Who was started before and not finished is a suspect: it runs alone in its
process, so that no other event is blamed for its crash, and after `MAX_STARTS` it has failed.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import redis

from workers.broker import NAMESPACE
from workers.redis_client import patiently

MAX_STARTS = 3
_KEEP_SECONDS = 24 * 3600


class Starts:
    """Counts unfinished starts in Redis. Waits for a Redis that is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def unfinished(self, submission_id: str) -> int:
        """How often the event was started and not finished."""
        count = patiently(lambda: self._client.get(_key(submission_id)), math.inf)
        return int(count) if isinstance(count, bytes) else 0

    def begin(self, submission_id: str) -> None:
        """Notes that the event is started."""
        key = _key(submission_id)

        def note() -> None:
            with self._client.pipeline() as commands:
                commands.incr(key)
                commands.expire(key, _KEEP_SECONDS)
                commands.execute()

        patiently(note, math.inf)

    def finish(self, submission_id: str) -> None:
        """Notes that the worker survived it."""
        patiently(lambda: self._client.delete(_key(submission_id)), math.inf)


def _key(submission_id: str) -> str:
    return f"{NAMESPACE}:starts:{submission_id}"


class Gate:
    """Lets any number of events run together, or one alone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._alone = False

    def passed(self, *, alone: bool) -> AbstractContextManager[None]:
        """Waits until the event may run, and is left when it has."""
        return self._pass_alone() if alone else self._pass_together()

    @contextmanager
    def _pass_together(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def _pass_alone(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._alone = True  # from here on nobody else enters
            self._changed.wait_for(lambda: not self._together)
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
