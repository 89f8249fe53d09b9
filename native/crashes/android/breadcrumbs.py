"""Lines of Android's log as what happened before the crash."""

from collections.abc import Iterable

from native.crashes.android.tombstone import LogLine
from symbolicator.model import Breadcrumb, Values

MAX_BREADCRUMBS = 200
"""The last ones are kept."""
_LEVELS = {"V": "debug", "D": "debug", "I": "info", "W": "warning", "E": "error", "F": "fatal", "A": "fatal"}


def breadcrumbs(lines: Iterable[LogLine]) -> Values[Breadcrumb] | None:
    """The newest lines, oldest first; None if there are none. Timestamps stay as printed: they have no year."""
    kept = list(lines)[-MAX_BREADCRUMBS:]
    return Values(values=tuple(map(_breadcrumb, kept))) if kept else None


def _breadcrumb(line: LogLine) -> Breadcrumb:
    return Breadcrumb(
        timestamp=line.timestamp or None,
        type="debug",
        category=line.tag or None,
        level=_LEVELS.get(line.priority),
        message=line.message,
    )
