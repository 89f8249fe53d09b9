"""What the crash is called, and who is to blame: one line each."""

from msgspec.structs import replace

from symbolicator.enrich.own_calls import own_calls
from symbolicator.model import Event, Frame
from symbolicator.model.causes import raised_exception

MAX_TITLE = 200


def with_title(event: Event) -> Event:
    """Sets ``title`` and ``culprit`` where the event has none."""
    return replace(event, title=event.title or _title(event), culprit=event.culprit or _culprit(event))


def _title(event: Event) -> str | None:
    index = raised_exception(event)
    if index is None:
        return None
    exception = event.exceptions[index]
    text = ": ".join(part for part in (exception.type, exception.value) if part)
    return text.split("\n", 1)[0][:MAX_TITLE] or None


def _culprit(event: Event) -> str | None:
    """The innermost own call of the merged trace."""
    own = next((frame for frame in own_calls(event) if frame.in_app), None)
    return _place(own) if own else None


def _place(frame: Frame) -> str | None:
    file = frame.filename or frame.module or frame.package
    return f"{frame.function} ({file})" if frame.function and file else frame.function or file
