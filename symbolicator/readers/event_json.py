"""Reads the event payload itself, as Sentry's SDKs send it."""

import re

from symbolicator import codec
from symbolicator.model import Event
from symbolicator.protocols import Buffer

_FIELDS = re.compile(
    rb'"(?:exception|threads|stacktrace|debug_meta|event_id|platform|breadcrumbs|contexts|logentry)"\s*:'
)
_OBJECT, _PER_FIELD, _MOST = 0.1, 0.4, 0.85
"""Crash reports in JSON have fields of those names too: a reader that knows its report by more is surer."""


class EventJsonReader:
    """Reader of event payloads."""

    name = "event JSON"

    def detect(self, head: bytes) -> float:
        """An object is a candidate; each field that events have makes it more so."""
        if not head.lstrip().startswith(b"{"):
            return 0.0
        return min(_MOST, _OBJECT + _PER_FIELD * len(set(_FIELDS.findall(head))))

    def read(self, data: Buffer) -> Event:
        """Reads the payload. Raises `UnreadableInput` that names the field."""
        return codec.decode(data)


READER = EventJsonReader()
