r"""Reads KSCrash's JSON, which apps write with KSCrash itself, with sentry-cocoa, Bugsnag and others.

>>> event = READER.read(b'{"report":{"id":"x"},"crash":{"error":{"type":"signal","signal":{"name":"SIGABRT"}}}}')
>>> event.exceptions[0].type
'SIGABRT'

A report of a crash within the crash handler holds two reports in one: the crash of the app, and the handler's own
(type ``minimal``), either of which may be the outer one. The app's is the event; that there was another is a problem.

Source: the field names of KSCrash (``KSCrashReportFields.h``) and the README of its report format.
"""

import re
from typing import NamedTuple

from native.crashes.apple.events import event_of
from native.crashes.apple.json_fields import Fields, parse_report, text_of
from native.crashes.apple.kscrash_report import report_of
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Problem
from symbolicator.protocols import Buffer

_FIELDS = re.compile(
    rb'"(?:binary_images|image_vmaddr|cpu_subtype|instruction_addr|object_addr|symbol_addr|object_name'
    rb"|notable_addresses|recrash_report|crashed_thread|application_stats|device_app_hash|dump_start"
    rb'|current_thread|process_name|dispatch_queue|major_version|nsexception|kernel_version)"\s{0,8}:'
)
_SECTIONS = re.compile(rb'"(?:binary_images|crash|report|recrash_report|system)"\s{0,8}:\s{0,200}[\[{]')
_EVENT = re.compile(rb'"(?:debug_meta|event_id|breadcrumbs)"\s{0,8}:')
_PARTS = ("report", "system", "crash", "binary_images", "user", "recrash_report")
_ENOUGH = 4
_SURE, _LIKELY = 1.0, 0.5
_MINIMAL = "minimal"


class KSCrashReader:
    """Reader of KSCrash's reports."""

    name = "KSCrash report"

    def detect(self, head: bytes) -> float:
        """By the names of its sections and fields; the fields of a payload of Sentry's say no."""
        if not head.lstrip().startswith(b"{"):
            return 0.0
        sections, fields = len(set(_SECTIONS.findall(head))), len(set(_FIELDS.findall(head)))
        if sections and fields >= _ENOUGH:
            return _SURE if not _EVENT.search(head) else _LIKELY
        return _LIKELY if sections > 1 and fields > 1 else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the report. Raises `UnreadableInput` if it has no crash."""
        document = parse_report(text_of(data), _PARTS)
        outer = document.value if document else Fields()
        chosen = _choose(outer)
        if not chosen.report.fields("crash") and not chosen.report.array("binary_images"):
            raise UnreadableInput(
                "This JSON is no report of KSCrash that can be read: it has no `crash` with `error` and `threads`. "
                "Pass the whole report as the app wrote it."
            )
        problems = [chosen.problem, document.problem if document else None]
        return event_of(report_of(chosen.report, outer, tuple(problem for problem in problems if problem)))


class _Chosen(NamedTuple):
    report: Fields
    problem: Problem | None = None


def _choose(outer: Fields) -> _Chosen:
    """The report of the app's own crash, if there is one."""
    inner = outer.fields("recrash_report")
    if not inner:
        return _Chosen(outer)
    app, handler = (inner, outer) if _is_minimal(outer) else (outer, inner)
    if not app.fields("crash").array("threads"):
        return _Chosen(handler, _crash_in_handler(handler, is_shown=True))
    return _Chosen(app, _crash_in_handler(handler, is_shown=False))


def _is_minimal(report: Fields) -> bool:
    return report.fields("report").text("type") == _MINIMAL or bool(report.fields("crash").fields("crashed_thread"))


def _crash_in_handler(handler: Fields, *, is_shown: bool) -> Problem:
    error = handler.fields("crash").fields("error")
    name = error.fields("mach").text("exception_name") or error.fields("signal").text("name") or "a crash"
    if is_shown:
        message = (
            f"The crash reporter crashed itself ({name}), before it wrote the app's threads: this is its own stack."
        )
    else:
        message = f"The crash reporter crashed itself ({name}) while it wrote this report, which may be incomplete."
    return Problem(
        type="crash_in_crash_handler",
        message=message,
        remedy="Look at `recrash_report` in the report, and at what the app runs when it has crashed (onCrash).",
    )


READER = KSCrashReader()
