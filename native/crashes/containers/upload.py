"""The body of a crash reporter's upload: the minidump becomes the event, other fields are annotations.

Crashpad and Breakpad post ``multipart/form-data``, which may be compressed with gzip; so may be a dump alone.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from native.crashes.containers.inflate import GZIP, head_of, inflated
from native.crashes.containers.log_tail import log_tail
from native.crashes.containers.multipart import Part, is_multipart, parts_of
from native.crashes.containers.other_dumps import with_other_dumps
from native.crashes.minidump.reader import MAGICS, event_in
from symbolicator.errors import UnreadableInput
from symbolicator.model import JSON, Event, Values
from symbolicator.protocols import Buffer

DUMP_FIELD = "upload_file_minidump"
_GZIP_MAGIC = b"\x1f\x8b\x08"
_HEAD = 4096
_MAX_FIELD = 64 * 1024
_MAX_SENTRY = 1024 * 1024
_SENTRY_FIELD = "sentry"
_APP = {"prod": "app_name", "ver": "app_version"}
"""Fields of Chromium's collector that Sentry's payload has a name for."""


class CrashUploadReader:
    """Reads uploads of crash reporters."""

    name = "crash upload (multipart)"

    def detect(self, head: bytes) -> float:
        """Certain by the first field, or by the beginning of what gzip holds."""
        if head.startswith(_GZIP_MAGIC):
            head = head_of(head, GZIP, _HEAD)
            return 0.97 if head.startswith(MAGICS) or is_multipart(head) else 0.0
        return 0.97 if is_multipart(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the body. Raises `UnreadableInput`."""
        body = inflated(data, GZIP) if bytes(data[:3]) == _GZIP_MAGIC else data
        if bytes(body[:4]) in MAGICS:
            return event_in(body)
        parts = tuple(parts_of(memoryview(body)))
        dump = _dump(parts)
        if dump is None:
            raise UnreadableInput(
                f"The upload has no minidump: none of its {len(parts)} fields is {DUMP_FIELD}. Pass the whole body."
            )
        others = [part for part in parts if part is not dump]
        event = with_other_dumps(
            event_in(dump.content), [part.filename or part.name for part in others if _is_dump(part)]
        )
        return _with_fields(event, others)


def _dump(parts: Sequence[Part]) -> Part | None:
    """The field of that name, else the first file that is a dump."""
    named = (part for part in parts if part.name == DUMP_FIELD)
    return next(named, None) or next(filter(_is_dump, parts), None)


def _is_dump(part: Part) -> bool:
    return bytes(part.content[:4]) in MAGICS


def _with_fields(event: Event, parts: Sequence[Part]) -> Event:
    fields = {part.name: part.text for part in parts if part.filename is None and len(part.content) <= _MAX_FIELD}
    fields.pop(_SENTRY_FIELD, None)
    contexts = dict(event.contexts or {})
    contexts["app"] = _merged(contexts.get("app"), {_APP[key]: fields[key] for key in _APP if key in fields})
    contexts["crashpad"] = _merged(contexts.get("crashpad"), fields)
    files = [part for part in parts if part.filename is not None]
    names: list[JSON] = [{"name": part.filename, "field": part.name, "size": len(part.content)} for part in files]
    return _with_sentry(
        replace(
            event,
            contexts={name: context for name, context in contexts.items() if context},
            breadcrumbs=_breadcrumbs(files) or event.breadcrumbs,
            extra=event.extra | ({"attachments": names} if names else {}),
        ),
        parts,
    )


def _merged(context: JSON, fields: dict[str, str]) -> dict[str, JSON]:
    """The dump's own fields go before those of the upload."""
    known = context if isinstance(context, dict) else {}
    more: dict[str, JSON] = dict(fields)
    return more | known


def _breadcrumbs(files: Sequence[Part]) -> Values[object] | None:
    log = next((part for part in files if (part.filename or "").lower().endswith(".log")), None)
    tail = log_tail(log.content) if log else ()
    return Values(values=tail) if tail else None


class _SentryFields(msgspec.Struct, frozen=True):
    """What Sentry's field (JSON) may say about the build."""

    release: str | None = None
    dist: str | None = None
    environment: str | None = None
    transaction: str | None = None


def _with_sentry(event: Event, parts: Sequence[Part]) -> Event:
    field = next((part for part in parts if part.name == _SENTRY_FIELD and len(part.content) <= _MAX_SENTRY), None)
    try:
        said = msgspec.json.decode(bytes(field.content), type=_SentryFields) if field else _SentryFields()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return event
    known = {name: value for name, value in msgspec.structs.asdict(said).items() if value is not None}
    return replace(event, **known)


READER = CrashUploadReader()
