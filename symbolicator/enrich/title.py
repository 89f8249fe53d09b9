"""What the crash is called, what kind it is, and who is to blame: one line each."""

import re

from msgspec.structs import replace

from symbolicator.enrich.kinds import kind_of
from symbolicator.enrich.kinds.table import ABORT, TRAP
from symbolicator.enrich.own_calls import own_calls
from symbolicator.model import CrashKind, Event, ExceptionValue, Frame
from symbolicator.model.causes import raised_exception

MAX_TITLE = 200
_CODE_NAME = re.compile(r"SIG[A-Z0-9+]{2,12}|EXC_[A-Z_]{3,30}|(?:EXCEPTION|STATUS)_[A-Z_]{3,50}|[Aa]ccess violation")
"""Types that say by what the system noticed it, not what happened."""


def with_title(event: Event) -> Event:
    """Sets ``crash_kind``, and ``title`` and ``culprit`` where the event has none."""
    event = replace(event, crash_kind=kind_of(event))
    return replace(event, title=event.title or _title(event), culprit=event.culprit or _culprit(event))


def _title(event: Event) -> str | None:
    index = raised_exception(event)
    if index is None:
        return None
    exception = event.exceptions[index]
    told = _told(exception)
    kind = event.crash_kind
    return (_in_words(kind, exception, told) if kind else told)[:MAX_TITLE] or None


def _told(exception: ExceptionValue) -> str:
    """``type: value``, as the report has it."""
    return ": ".join(dict.fromkeys(_first_line(part) for part in (exception.type, exception.value) if part))


def _in_words(kind: CrashKind, exception: ExceptionValue, told: str) -> str:
    """``Null pointer dereference (SIGSEGV)``, ``Ran out of memory: std::bad_alloc``."""
    if kind.words is None:
        return told
    words = kind.words[:1].upper() + kind.words[1:]
    if exception.type and _CODE_NAME.fullmatch(exception.type):
        return f"{words}{_quoted(kind, exception)} ({exception.type})"
    if kind.is_told:
        return told
    if ": " in kind.words and exception.type:
        return f"{words} ({exception.type})"
    return f"{words}: {told}" if exception.value else f"{words} ({told})"


def _quoted(kind: CrashKind, exception: ExceptionValue) -> str:
    """What the program said before it ended itself; of other crashes the value has addresses and codes."""
    line = _first_line(exception.value or "")
    return f": {line}" if kind.family in (ABORT, TRAP) and " " in line else ""


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _culprit(event: Event) -> str | None:
    """The innermost own call of the merged trace."""
    own = next((frame for frame in own_calls(event) if frame.in_app), None)
    return _place(own) if own else None


def _place(frame: Frame) -> str | None:
    file = frame.filename or frame.module or frame.package
    return f"{frame.function} ({file})" if frame.function and file else frame.function or file
