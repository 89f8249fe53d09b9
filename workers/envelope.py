"""What a worker answers, as JSON.

::

    {"status": "completed", "event": {…}}
    {"status": "failed", "reason": "unreadable", "message": "The input is empty. …"}

A failed event is an answer like any other: it is stored, acknowledged and never tried again.
"""

from enum import StrEnum

import msgspec
from dramatiq.encoder import Encoder, MessageData

from symbolicator import codec
from symbolicator.model import Event
from workers.errors import ResolveFailed

COMPLETED = "completed"
FAILED = "failed"
MAX_RESULT_BYTES = 128 * 1024 * 1024


class Reason(StrEnum):
    """Why an event failed."""

    UNREADABLE = "unreadable"
    """The payload is no crash report."""
    TIME_LIMIT = "time_limit"
    """Resolving took too long."""
    TOO_LARGE = "too_large"
    """The resolved event is larger than a result may be."""
    CRASHED_WORKER = "crashed_worker"
    """The worker died each time that it was tried."""
    STORE = "store"
    """The store of artifacts could not be read, also later."""
    BUG = "bug"
    """Ours."""


def completed(event: Event) -> MessageData:
    """The envelope of a resolved event."""
    encoded = codec.encode(event)
    if len(encoded) > MAX_RESULT_BYTES:
        return failed(
            Reason.TOO_LARGE,
            f"The resolved event has {len(encoded)} bytes, more than {MAX_RESULT_BYTES}: send it without attachments.",
        )
    return {"status": COMPLETED, "event": msgspec.Raw(encoded)}


def failed(reason: Reason, message: str) -> MessageData:
    """The envelope of an event that cannot be resolved."""
    return {"status": FAILED, "reason": reason.value, "message": message}


def status_of(envelope: MessageData) -> str:
    """``completed``, or why not: for the log."""
    return str(envelope.get("reason", envelope["status"]))


class EnvelopeEncoder(Encoder):
    """Writes envelopes as JSON and reads them without decoding the event in them."""

    def encode(self, data: MessageData) -> bytes:
        """The envelope as JSON."""
        return msgspec.json.encode(data)

    def decode(self, data: bytes) -> MessageData:
        """The envelope with undecoded values."""
        return dict(msgspec.json.decode(data, type=dict[str, msgspec.Raw]))


def event_of(envelope: MessageData) -> Event:
    """The event in an envelope that was read. Raises `ResolveFailed` with the worker's words if there is none."""
    if _text(envelope, "status") == COMPLETED:
        return codec.decode(bytes(envelope["event"]))
    raise ResolveFailed(_text(envelope, "message"), reason=_text(envelope, "reason"))


def _text(envelope: MessageData, field: str) -> str:
    return msgspec.json.decode(envelope[field], type=str)
