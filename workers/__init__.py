"""The pipeline behind a queue: events go in, resolved events come out, any worker may die at any time.

::

    submission = workers.submit(payload, url="redis://127.0.0.1/0")
    event = submission.result(timeout=30)

``symbolicator worker --redis URL --store DIR`` is the other side.
"""

from typing import TYPE_CHECKING

from workers.errors import PayloadTooLarge, QueueUnreachable, ResolveFailed, ResultPending

if TYPE_CHECKING:
    from workers.client import Queue, Submission, submit

__all__ = [
    "PayloadTooLarge",
    "Queue",
    "QueueUnreachable",
    "ResolveFailed",
    "ResultPending",
    "Submission",
    "submit",
]


def __getattr__(name: str) -> object:
    """Imports the client on demand: listing the commands of the command line should not load dramatiq."""
    if name not in ("Queue", "Submission", "submit"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from workers import client  # noqa: PLC0415 - see above

    return getattr(client, name)
