r"""Reads Android's tombstones: text and protobuf.

>>> process, signal = b"pid: 7, tid: 8, name: net  >>> shop <<<", b"signal 11 (SIGSEGV), code 1 (SEGV_MAPERR)"
>>> event = READER.read(process + b"\n" + signal)
>>> event.exceptions[0].type
'SIGSEGV'
"""

import re

from msgspec.structs import replace

from native.crashes.android.frames import parse_frame
from native.crashes.android.tombstone import Tombstone
from native.crashes.android.tombstone_event import event_of
from native.crashes.android.tombstone_proto import Field, read_protobuf
from native.crashes.android.tombstone_text import BANNER, PROCESS, SIGNAL, read_text
from native.crashes.protobuf import Message, parse
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode, lines_of

MAX_PROTOBUF_BYTES = 64 * 1024 * 1024
_SURE, _LIKELY, _POSSIBLE = 0.96, 0.85, 0.7
_FINGERPRINT = re.compile(r"(?:[^/\s]{1,100}/){2}[^:\s]{1,100}:[^/\s]{1,100}/\S{1,300}\Z")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_MARKS = re.compile(rf"^(?:{re.escape(BANNER)}|Build fingerprint: '|Native Crash TIME: |ABI: ')", re.MULTILINE)
_PROCESS_LINE = re.compile(rf"^{PROCESS.pattern}", re.MULTILINE)
_SIGNAL_LINE = re.compile(rf"^{SIGNAL.pattern}", re.MULTILINE)
_FIRST_FIELDS = (b"\x08", b"\x12")
"""A message begins with its field 1 or, where that has its default, field 2."""


class TombstoneReader:
    """Reader of tombstones."""

    name = "Android tombstone"

    def detect(self, head: bytes) -> float:
        """By the lines of the text's head; or by what the first fields of the message are."""
        if head.startswith(_FIRST_FIELDS):
            return _SURE if _is_protobuf(head) else 0.0
        text = head.decode("utf-8", "replace")
        has_process, has_signal = (one.search(text) is not None for one in (_PROCESS_LINE, _SIGNAL_LINE))
        if has_process and has_signal:
            return _SURE
        if (has_process or has_signal) and _MARKS.search(text):
            return _LIKELY
        is_part = (has_process or has_signal or "backtrace:" in text) and any(map(parse_frame, lines_of(text)))
        return _POSSIBLE if is_part else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the report. Raises `UnreadableInput` if it holds no thread or is too large."""
        head = bytes(data[:_HEAD])
        return _read_protobuf(data) if head.startswith(_FIRST_FIELDS) and _is_protobuf(head) else _read_text(data)


_HEAD = 64 * 1024


def _is_protobuf(head: bytes) -> bool:
    """Whether the fields are a tombstone's: no other message has a build's fingerprint, a time and a process so."""
    message = parse(head)
    marks = (
        _FINGERPRINT.match(message.text(Field.FINGERPRINT) or ""),
        _TIMESTAMP.match(message.text(Field.TIMESTAMP) or ""),
        message.number(Field.PID) and message.number(Field.TID),
        _has_signal(message),
    )
    return sum(map(bool, marks)) > len(marks) // 2


def _has_signal(message: Message) -> bool:
    signal = message.message(Field.SIGNAL)
    return signal is not None and (signal.text(2) or "").startswith("SIG")


def _read_protobuf(data: Buffer) -> Event:
    if len(data) > MAX_PROTOBUF_BYTES:
        raise UnreadableInput(
            f"The tombstone has {len(data):,} bytes; the limit is {MAX_PROTOBUF_BYTES:,}. Pass one tombstone."
        )
    stone = read_protobuf(data)
    _check(stone)
    return event_of(stone)


def _read_text(data: Buffer) -> Event:
    text = decode(bytes(data))
    stone = read_text(lines_of(text))
    _check(stone)
    return replace(event_of(stone), extra={RAW_REPORT: text})


def _check(stone: Tombstone) -> None:
    if not stone.threads and not stone.signal:
        raise UnreadableInput(
            "No thread of a tombstone was found: expected lines such as "
            "`pid: 1, tid: 2, name: main  >>> com.example <<<` and `#00 pc 0001a2b4  /system/lib64/libc.so`. "
            "Pass the whole tombstone, or its protobuf file (.pb)."
        )


READER = TombstoneReader()
