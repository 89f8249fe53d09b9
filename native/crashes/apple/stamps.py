"""When a report was made, and its id, in the forms of Sentry's payload."""

import re
from datetime import UTC, datetime
from uuid import UUID

_DATE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?P<part>\.[0-9]{1,9})?"
    r"[ \t]{0,4}(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_MAX_SECONDS = 253_402_300_799
"""The last second of the year 9999."""


def event_id(uuid: str | bytes | None) -> str | None:
    """An event's id, if the report's is a UUID."""
    try:
        return UUID(bytes=uuid).hex if isinstance(uuid, bytes) else UUID(uuid or "").hex
    except ValueError:
        return None


def timestamp(text: str | None) -> str | None:
    """RFC 3339 of ``2021-01-29 10:57:34.6246 -0500``; without zone where none is told."""
    match = _DATE.match((text or "").strip())
    if match is None:
        return None
    zone = match["zone"] or ""
    if zone not in ("", "Z") and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{match['day']}T{match['time']}{match['part'] or ''}{zone}"


def timestamp_of(seconds: float | None) -> str | None:
    """RFC 3339 of seconds since 1970; None of those that are no time of a crash."""
    if not seconds or not 0 < seconds <= _MAX_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
