r"""Reads the crash in what logcat and Android Studio print.

>>> lines = b"E/AndroidRuntime(  7): FATAL EXCEPTION: main\nE/AndroidRuntime(  7): java.lang.Error: no price\n"
>>> event = READER.read(lines + b"E/AndroidRuntime(  7): \tat shop.Cart.total(Cart.java:12)")
>>> event.exceptions[0].type
'Error'

What the lines look like says `native.crashes.android.log_line`.
"""

from msgspec.structs import replace

from native.crashes.android import tombstone_event
from native.crashes.android.breadcrumbs import MAX_BREADCRUMBS, breadcrumbs
from native.crashes.android.logcat import LoggedCrash, find_crash
from native.crashes.android.tombstone_text import read_text
from native.crashes.java import stack_reader
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode, lines_of

_SURE = {"native": 0.97, "uncaught": 0.97, "logged": 0.8}


class LogcatReader:
    """Reader of Android's log."""

    name = "logcat"

    def detect(self, head: bytes) -> float:
        """By the first crash that it holds; a log without one of Android's is left to others."""
        crash = find_crash(lines_of(head.decode("utf-8", "replace")), 0)
        return _SURE[crash.kind] if crash else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the first crash of the log. Raises `UnreadableInput` if it has none or is too large."""
        text = decode(bytes(data))
        crash = find_crash(lines_of(text), MAX_BREADCRUMBS)
        if crash is None:
            raise UnreadableInput(
                "No crash was found in the log: expected lines such as "
                "`F DEBUG   : #00 pc 0001a2b4  /system/lib/libc.so` or "
                "`E AndroidRuntime: FATAL EXCEPTION: main`. Pass the part of the log with the crash."
            )
        event = _native(crash) if crash.kind == "native" else _java(crash, text)
        return replace(event, breadcrumbs=event.breadcrumbs or breadcrumbs(crash.before), extra={RAW_REPORT: text})


def _native(crash: LoggedCrash) -> Event:
    return tombstone_event.event_of(read_text(crash.lines))


def _java(crash: LoggedCrash, text: str) -> Event:
    return stack_reader.event_of(crash.lines, text)


READER = LogcatReader()
