"""Logs of a worker: one JSON object a line on stderr.

::

    {"time":"2026-01-31T12:00:00.000+00:00","level":"info","event":"completed","id":"5d9f…","ms":12}
"""

import logging
import sys
from datetime import UTC, datetime

import msgspec

MAX_CHARACTERS = 2_000
"""dramatiq logs whole messages when something fails: a payload has no place in a log."""


class JsonLines(logging.Formatter):
    """Formats a record as one line; ``extra={"fields": {…}}`` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _cut(record.getMessage()),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = _cut(self.formatException(record.exc_info), from_end=True)
        return msgspec.json.encode(line, enc_hook=str).decode()


def configure() -> None:
    """Sends everything from ``info`` on to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("dramatiq").setLevel(logging.WARNING)  # its own progress is ours, in other words


def _cut(text: str, *, from_end: bool = False) -> str:
    """An error's last lines say what it is, everything else begins with it."""
    text = text.encode("utf-8", "replace").decode()
    if len(text) <= MAX_CHARACTERS:
        return text
    return "…" + text[-MAX_CHARACTERS:] if from_end else text[:MAX_CHARACTERS] + "…"
