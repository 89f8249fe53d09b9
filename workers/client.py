"""The side that sends events: an ingest backend, a test.

::

    queue = Queue("redis://127.0.0.1/0")
    submission = queue.submit(payload)
    ...
    event = queue.submission(submission.id).result(timeout=30)
"""

import base64
from dataclasses import dataclass, field

from dramatiq import Message

from symbolicator.model import Event
from workers.broker import QUEUE, make_broker
from workers.envelope import event_of
from workers.errors import PayloadTooLarge, ResultPending
from workers.redis_client import connect, masked, reachable
from workers.results import ACTOR, Results

MAX_PAYLOAD_BYTES = 20 * 1024 * 1024
PATIENCE_SECONDS = 3.0
"""How long a submission waits for a Redis that is away."""
RESULT_SECONDS = 30.0


class Queue:
    """Sends events to the workers and fetches what became of them. Thread-safe."""

    def __init__(self, url: str, *, max_payload_bytes: int = MAX_PAYLOAD_BYTES) -> None:
        self._url = url
        self._max_bytes = max_payload_bytes
        self._broker = make_broker(url, patience_seconds=PATIENCE_SECONDS)
        self._results = Results(connect(url))

    def submit(self, payload: bytes) -> "Submission":
        """Queues a crash report. The same report may be queued any number of times.

        Raises `PayloadTooLarge`, and `QueueUnreachable` if Redis is down.
        """
        if len(payload) > self._max_bytes:
            raise PayloadTooLarge(
                f"The event has {len(payload)} bytes, more than {self._max_bytes}: send it without attachments."
            )
        text = base64.b64encode(payload).decode("ascii")
        message: Message[None] = Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(), kwargs={"payload": text}, options={}
        )
        with reachable(self._url):
            self._broker.enqueue(message)
        return self.submission(message.message_id)

    def submission(self, submission_id: str) -> "Submission":
        """An event that was submitted before, perhaps by another process."""
        return Submission(submission_id, self)

    def result(self, submission_id: str, timeout: float = RESULT_SECONDS) -> Event:
        """See `Submission.result`."""
        with reachable(self._url):
            envelope = self._results.wait(submission_id, timeout)
        if envelope is None:
            raise ResultPending(
                f"The event {submission_id} has no result after {timeout:g} s: see that `symbolicator worker` runs for "
                f"{masked(self._url)}, or ask again. Results are kept for an hour."
            )
        return event_of(envelope)


@dataclass(frozen=True, slots=True)  # a Struct would show its queue
class Submission:
    """An event on its way. ``id`` finds it again from any process."""

    id: str
    _queue: Queue = field(repr=False, compare=False)

    def result(self, timeout: float = RESULT_SECONDS) -> Event:
        """The resolved event, as soon as there is one; ``timeout`` in seconds.

        Raises `ResolveFailed` if it cannot be resolved, `ResultPending` (a TimeoutError) if it is not resolved in
        time, `QueueUnreachable` if Redis is down.
        """
        return self._queue.result(self.id, timeout)


def submit(payload: bytes, *, url: str) -> Submission:
    """Queues one crash report; keep a `Queue` for many. Raises as `Queue.submit` does."""
    return Queue(url).submit(payload)
