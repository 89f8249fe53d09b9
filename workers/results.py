"""Where answers wait to be fetched: dramatiq's Redis result backend with our envelopes in it."""

import math
import time

import redis
from dramatiq import Message
from dramatiq.encoder import MessageData
from dramatiq.results import ResultMissing, ResultTimeout
from dramatiq.results.backends import RedisBackend

from workers.broker import NAMESPACE, QUEUE
from workers.envelope import EnvelopeEncoder
from workers.redis_client import UNREACHABLE, patiently

ACTOR = "resolve"
TTL_SECONDS = 3600.0
_SLICE_SECONDS = 1
_POLL_SECONDS = 0.05


def message_of(submission_id: str) -> Message[None]:
    """The message that a submission's result is kept under; without its payload."""
    return Message(queue_name=QUEUE, actor_name=ACTOR, args=(), kwargs={}, options={}, message_id=submission_id)


class Results:
    """Answers by submission. Thread-safe."""

    def __init__(self, client: redis.Redis, ttl_seconds: float = TTL_SECONDS) -> None:
        self._backend = RedisBackend(
            client=client,
            namespace=f"{NAMESPACE}-results",
            encoder=EnvelopeEncoder(),
            use_namespace_prefix_keys=True,
        )
        self._ttl_ms = int(ttl_seconds * 1000)

    def keep(self, submission_id: str, envelope: MessageData, patience_seconds: float = math.inf) -> None:
        """Keeps an answer, instead of an earlier one. Waits for a Redis that is away: an answer must not be lost."""
        message = message_of(submission_id)
        patiently(lambda: self._backend.store_result(message, envelope, self._ttl_ms), patience_seconds)

    def wait(self, submission_id: str, seconds: float) -> MessageData | None:
        """The answer as soon as there is one; None if there is none in time. Raises redis errors only at the end."""
        message, deadline = message_of(submission_id), time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            try:
                answer = self._look(message, left)
            except UNREACHABLE:
                if left <= 0:
                    raise
                answer = None
            if answer is not None or left <= 0:
                return answer
            time.sleep(max(0.0, min(_POLL_SECONDS, deadline - time.monotonic())))

    def _look(self, message: Message[None], left: float) -> MessageData | None:
        """Waits inside Redis, whose unit is the second, or looks only."""
        try:
            if left > _SLICE_SECONDS:
                found = self._backend.get_result(message, block=True, timeout=_SLICE_SECONDS * 1000)
            else:
                found = self._backend.get_result(message)
        except (ResultMissing, ResultTimeout):
            return None
        return dict(found)
