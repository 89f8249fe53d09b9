r"""Reads PLCrashReporter's reports: its own binary files, and the JSON that protobuf libraries make of their message.

>>> READER.detect(b"plcrash\x01")
1.0

A file is the word ``plcrash``, a byte with the version (1) and a protobuf message. The text that
PLCrashReporter formats is like Apple's: `native.crashes.apple.text` reads it.

Source: PLCrashReporter's ``PLCrashReport.proto``; "ProtoJSON Format" of the Protocol Buffers documentation.
"""

import re

from msgspec.structs import replace

from native.crashes.apple.events import event_of
from native.crashes.apple.json_fields import INCOMPLETE, parse, text_of
from native.crashes.apple.plcrash_json import JsonMessage
from native.crashes.apple.plcrash_report import report_of
from native.crashes.protobuf import Budget, Message
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_REPORT_BYTES

_MAGIC = b"plcrash"
_VERSION = 1
_START = len(_MAGIC) + 1
_SECTIONS = re.compile(
    rb'"(?:system_?info|application_?info|binary_?images|machine_?info|report_?info|process_?info)"\s{0,8}:',
    re.IGNORECASE,
)
_ENOUGH = 3
_SURE = 1.0


class PLCrashReader:
    """Reader of PLCrashReporter's reports."""

    name = "PLCrashReporter report"

    def detect(self, head: bytes) -> float:
        """By the first bytes; JSON by its sections."""
        if head.startswith(_MAGIC):
            return _SURE
        if not head.lstrip().startswith(b"{"):
            return 0.0
        sections = {found.lower().replace(b"_", b"") for found in _SECTIONS.findall(head)}
        return _SURE if len(sections) >= _ENOUGH else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the report. Raises `UnreadableInput` if it is of another version, or has no crash."""
        if bytes(data[: len(_MAGIC)]) == _MAGIC:
            return _read_binary(data)
        document = parse(text_of(data))
        if document is None or not document.value:
            raise UnreadableInput(f"This is no JSON of a report of PLCrashReporter. {_REMEDY}")
        problems = (document.problem,) if document.problem else ()
        return _checked(event_of(report_of(JsonMessage.of_report(document.value), problems)))


_REMEDY = "Pass the report's own file (.plcrash), or its text."


def _read_binary(data: Buffer) -> Event:
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableInput(f"The report has {len(data):,} bytes; the limit is {MAX_REPORT_BYTES:,}. {_REMEDY}")
    version = data[_START - 1] if len(data) >= _START else None
    if version != _VERSION:
        raise UnreadableInput(f"The report is of version {version}, and only version {_VERSION} is read. {_REMEDY}")
    budget = Budget()
    report = report_of(Message(data[_START:], budget), ())
    problems = (INCOMPLETE,) if budget.is_damaged else ()
    return _checked(event_of(replace(report, problems=problems)))


def _checked(event: Event) -> Event:
    if not event.thread_list and not event.images:
        raise UnreadableInput(f"The report has no thread and no image: it is empty or damaged. {_REMEDY}")
    return event


READER = PLCrashReader()
