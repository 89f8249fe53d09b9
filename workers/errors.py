"""What can go wrong around the queue, part of the one tree of errors; each text ends with what to do next.

::

    SymbolicatorError
    ├── QueueUnreachable     Redis cannot be reached, or refuses
    ├── PayloadTooLarge      the event is too large to be queued
    ├── ResultPending        the event is not resolved yet; also a TimeoutError
    └── ResolveFailed        the event cannot be resolved, and trying again will not help
"""

from symbolicator.errors import SymbolicatorError


class QueueUnreachable(SymbolicatorError):  # noqa: N818 - reads as what it says, like the rest of the tree
    """Redis cannot be reached, or refuses."""


class PayloadTooLarge(SymbolicatorError):  # noqa: N818 - as above
    """The event is too large to be queued."""


class ResultPending(SymbolicatorError, TimeoutError):  # noqa: N818 - as above
    """The event is not resolved yet, or its result is too old to be kept."""


class ResolveFailed(SymbolicatorError):  # noqa: N818 - as above
    """The event cannot be resolved. ``reason``: a `workers.envelope.Reason`."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason
