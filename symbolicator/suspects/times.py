"""Times of events and commits: seconds since 1970, and ISO 8601 for people.

>>> seconds_of("2024-05-01T12:00:00Z")
1714564800.0
"""

from datetime import UTC, datetime

from symbolicator.model import JSON, Event

_FIRST_SEEN = ("first_seen", "firstSeen")
_MAX_SECONDS = 253_402_300_799.0
"""The end of the year 9999."""


def crash_time(event: Event) -> float | None:
    """When it was first seen, or else when it crashed."""
    seen = (seconds_of(event.extra.get(name)) for name in _FIRST_SEEN)
    return next((time for time in seen if time is not None), None) or seconds_of(event.timestamp)


def seconds_of(value: JSON) -> float | None:
    """A timestamp of an event; text without a zone is UTC (Sentry's rule). None where it is none."""
    if isinstance(value, str):
        return _seconds_of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_SECONDS:
        return float(value)
    return None


def _seconds_of_text(text: str) -> float | None:
    try:
        time = datetime.fromisoformat(text.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def iso(seconds: float) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if not 0 <= seconds <= _MAX_SECONDS:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")
