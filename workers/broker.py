"""The queue: dramatiq's Redis broker, made to lose nothing when Redis comes and goes.

::

    broker = make_broker("redis://127.0.0.1/0")

Three gaps of dramatiq's own broker are closed here:

- A message that is queued again (a retry) while Redis is away would be dropped: we wait for Redis.
- Redis hands messages out and the answer is lost on the way: they would stay with this worker, unseen, until it dies.
  A consumer that starts puts back what Redis thinks it holds and it does not. The same goes for delayed messages, which
  dramatiq forgets when it loses its connection.
- Something that is no message would stop the consumer: it is skipped.

A worker that dies is noticed by the others when its heartbeat is too old; they take over what it held.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast

import redis
from dramatiq import Consumer, Message, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import dq_name
from dramatiq.errors import ConnectionClosed, DecodeError
from dramatiq.middleware import CurrentMessage, Retries

from workers.redis_client import UNREACHABLE, connect, patiently

NAMESPACE = "symbolicator"
QUEUE = "resolve"
HEARTBEAT_SECONDS = 60.0
MAINTENANCE_CHANCE = 250_000
"""In a million: how often a command also looks for dead workers. dramatiq's 0.1 % takes minutes to notice one."""
MAX_RETRIES = 3
_MIN_BACKOFF_MS = 2_000
_MAX_BACKOFF_MS = 60_000

_log = logging.getLogger("symbolicator.broker")


def make_broker(url: str, *, patience_seconds: float, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> "SteadyBroker":
    """A broker for the Redis at ``url``; nothing global, nothing connected yet. Raises `QueueUnreachable`.

    ``patience_seconds``: how long queueing waits for a Redis that is away.
    """
    return SteadyBroker(connect(url), patience_seconds=patience_seconds, heartbeat_seconds=heartbeat_seconds)


class SteadyBroker(RedisBroker):
    """A Redis broker without the gaps named above."""

    def __init__(self, client: redis.Redis, *, patience_seconds: float, heartbeat_seconds: float) -> None:
        retries = Retries(max_retries=MAX_RETRIES, min_backoff=_MIN_BACKOFF_MS, max_backoff=_MAX_BACKOFF_MS)
        super().__init__(  # type: ignore[no-untyped-call] # dramatiq's is untyped
            client=client,
            middleware=[CurrentMessage(), retries],
            namespace=NAMESPACE,
            heartbeat_timeout=int(heartbeat_seconds * 1000),
            maintenance_chance=MAINTENANCE_CHANCE,
        )
        self._patience = patience_seconds
        self._held: defaultdict[str, set[str]] = defaultdict(set)

    def do_enqueue(self, *arguments: str | bytes) -> None:
        """Queues a message under the id that it has: doing it twice is doing it once."""
        enqueue = self._dispatch("enqueue")  # type: ignore[no-untyped-call] # as above
        patiently(lambda: enqueue(*arguments), self._patience)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        """A consumer. Only one at a time may consume a queue for this broker."""
        held = self._held[queue_name]
        if queue_name == dq_name(queue_name):
            held.clear()  # a consumer of delayed messages keeps them in memory, and it is a new one
        with _closed_if_unreachable():
            self._put_back_lost(queue_name, held)
        return SteadyConsumer(super().consume(queue_name, prefetch, timeout), held)

    def _put_back_lost(self, queue_name: str, held: set[str]) -> None:
        """``<namespace>:__acks__.<broker>.<queue>`` is where dramatiq's script notes what it handed out."""
        key = f"{self.namespace}:__acks__.{self.broker_id}.{queue_name}"
        handed_out = {identity.decode() for identity in cast("set[bytes]", self.client.smembers(key))}
        lost = handed_out - held
        if lost:
            _log.warning("putting back %d messages whose delivery was cut off", len(lost))
            self.do_requeue(queue_name, *lost)


class SteadyConsumer(Consumer):
    """A consumer that knows what it holds, and that nothing in the queue can stop."""

    def __init__(self, inner: Consumer, held: set[str]) -> None:
        self._inner = inner
        self._held = held

    def __next__(self) -> MessageProxy | None:
        try:
            with _closed_if_unreachable():
                message = next(self._inner)
        except DecodeError:
            _log.exception("skipped something in the queue that is no message")
            return None
        if message is not None:
            self._held.add(_identity(message))
        return message

    def ack(self, message: MessageProxy) -> None:
        """Takes a message that was processed out of Redis."""
        with _closed_if_unreachable():
            self._inner.ack(message)
        self._held.discard(_identity(message))

    def nack(self, message: MessageProxy) -> None:
        """Moves a message that failed to the dead letters."""
        with _closed_if_unreachable():
            self._inner.nack(message)
        self._held.discard(_identity(message))

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Gives back messages that were not started."""
        given_back = list(messages)
        with _closed_if_unreachable():
            self._inner.requeue(given_back)
        self._held.difference_update(map(_identity, given_back))

    def close(self) -> None:
        """Closes the consumer."""
        self._inner.close()


@contextmanager
def _closed_if_unreachable() -> Iterator[None]:
    """Says it in the way that dramatiq's worker understands."""
    try:
        yield
    except UNREACHABLE as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call] # dramatiq's errors are untyped


def _identity(message: MessageProxy | Message[object]) -> str:
    return str(message.options["redis_message_id"])
