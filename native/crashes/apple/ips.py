r"""Reads ``.ips`` files: a line of JSON that says what the report is about, and the report.

>>> event = READER.read(b'{"bug_type":"309"}\n{"exception":{"type":"EXC_CRASH"},"threads":[{"triggered":true,"id":7}]}')
>>> event.exceptions[0].type, event.thread_list[0].crashed
('EXC_CRASH', True)

=============  ================================================================================
bug type 309   a crash: JSON of iOS 15 and macOS 12 on
bug type 109   a crash of before: below the line stands a ``.crash`` text (`native.crashes.apple.text`)
bug type 298   memory pressure: which process was killed, which was the largest (`native.crashes.apple.jetsam`)
=============  ================================================================================

Source: "Interpreting the JSON format of a crash report" of Apple's documentation.
"""

import re
from typing import NamedTuple

from msgspec.structs import replace

from native.crashes.apple import jetsam
from native.crashes.apple.events import event_of
from native.crashes.apple.ips_report import header_contexts, header_extra, report_of
from native.crashes.apple.json_fields import INCOMPLETE, Document, Fields, parse, parse_report, text_of
from native.crashes.apple.report import Report
from native.crashes.apple.stamps import event_id, timestamp
from native.crashes.apple.text import READER as TEXT_READER
from native.crashes.apple.text import read_text
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event
from symbolicator.protocols import Buffer

_HEADER = re.compile(rb'\s{0,100}\{[^\n]{0,8000}"bug_type"\s{0,8}:')
_FIELDS = re.compile(
    rb'"(?:bug_type|usedImages|faultingThread|procName|incident|lastExceptionBacktrace|procPath|osVersion'
    rb"|crashReporterKey|legacyInfo|coalitionName|threadState|imageOffset|largestProcess|memoryStatus"
    rb'|incident_id|bundleInfo)"\s{0,8}:'
)
_SECTIONS = (
    "exception", "termination", "asi", "faultingThread", "lastExceptionBacktrace", "threads", "usedImages", "osVersion",
    "bundleInfo", "memoryStatus", "largestProcess", "processes",
)  # fmt: skip
_ENOUGH = 3
_HEAD_BYTES = 64 * 1024
_SURE, _LIKELY = 1.0, 0.5
_MEMORY, _CRASHES = "298", ("309", "109")
_OTHER_KINDS = {
    "145": "writes to disk that went over a limit",
    "151": "diagnostics of a single process",
    "202": "processor time that went over a limit",
    "206": "wakeups that went over a limit",
    "210": "a panic of the kernel",
    "211": "usage statistics",
    "288": "the state of the whole system (stackshot)",
    "142": "wakeups that went over a limit",
}


class _Parts(NamedTuple):
    """``body`` is None where a text stands below the header."""

    header: Fields
    body: Document | None
    text: bytes = b""


class IpsReader:
    """Reader of ``.ips`` files."""

    name = "Apple .ips report"

    def detect(self, head: bytes) -> float:
        """By the header's line, or by the names that the body's fields have."""
        if not head.lstrip().startswith(b"{"):
            return 0.0
        found = len(set(_FIELDS.findall(head)))
        if found >= _ENOUGH or (_HEADER.match(head) and found > 1):
            return _SURE
        return _LIKELY if found > 1 or _HEADER.match(head) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the file. Raises `UnreadableInput` if it is no crash and no report of memory pressure."""
        header, body, below = _parts(text_of(data))
        kind = header.text("bug_type") or (body.value.text("bug_type") if body else None)
        if body is None:
            return _read_text(header, below, kind)
        if kind == _MEMORY or jetsam.is_memory_report(body.value):
            return event_of(jetsam.report_of(header, body))
        if not {"threads", "exception", "termination", "lastExceptionBacktrace"}.intersection(
            name for name, _ in body.value.pairs()
        ):
            raise UnreadableInput(_refusal(kind))
        return event_of(report_of(header, body))


def _parts(data: bytes) -> _Parts:
    """The header and what stands below it; of a file with one document that is the body.

    A damaged header costs what it says, and not the report.
    """
    first, _, below = data.lstrip().partition(b"\n")
    if below.lstrip().startswith(b"{"):
        header = parse(first) or Document(Fields(), INCOMPLETE)
        body = parse_report(below, _SECTIONS)
        return _Parts(header.value, body and replace(body, problem=body.problem or header.problem))
    if TEXT_READER.detect(below[:_HEAD_BYTES]) >= _LIKELY:
        header = parse(first) or Document(Fields())
        return _Parts(header.value, None, below)
    return _Parts(Fields(), parse_report(data, _SECTIONS), data)


def _read_text(header: Fields, below: bytes, kind: str | None) -> Event:
    if kind is not None and kind not in _CRASHES:
        raise UnreadableInput(_refusal(kind))
    known = Report(
        event_id=event_id(header.text("incident_id")),
        timestamp=timestamp(header.text("timestamp")),
        contexts=header_contexts(header),
        extra=header_extra(header),
    )
    return read_text(below.decode("utf-8", "replace"), known)


def _refusal(kind: str | None) -> str:
    about = f"is about {_OTHER_KINDS[kind]}, and no crash" if kind in _OTHER_KINDS else "has no thread and no exception"
    named = f" (bug_type {kind})" if kind else ""
    remedy = "Pass a crash report: its bug_type is 309, or 298 for memory pressure."
    if kind in _CRASHES:
        remedy = "Pass the whole file: it is cut off or damaged."
    return f"This .ips report{named} {about}. {remedy}"


READER = IpsReader()
