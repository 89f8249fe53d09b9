r"""Reads ``.crash`` texts of macOS and iOS, as the system, Xcode and PLCrashReporter write them.

>>> text = b"Process: Cart [7]\nException Type: EXC_CRASH (SIGABRT)\n\nThread 0 Crashed:\n0   Cart   0x1000 main + 8\n"
>>> event = READER.read(text)
>>> event.exceptions[0].type, event.thread_list[0].crashed
('EXC_CRASH', True)

Source: "Examining the fields in a crash report" of Apple's documentation (report versions 12, 15, 104, 105).
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from native.crashes.apple import header
from native.crashes.apple.crash_text import CrashText, ThreadText, parse
from native.crashes.apple.events import event_of
from native.crashes.apple.registers import named
from native.crashes.apple.report import MAX_FRAMES, PrintedThread, Report
from native.crashes.apple.stamps import event_id, timestamp
from native.crashes.raw_frames import RawFrame
from symbolicator.errors import UnreadableInput
from symbolicator.model import Breadcrumb, Event
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode, lines_of

if TYPE_CHECKING:
    from symbolicator.model import JSON

_CERTAIN = (
    re.compile(r"^[ \t]{0,8}Incident Identifier:", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Exception Type:[ \t]{1,20}(?:EXC_|SIG|0000)", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Thread [0-9]{1,6} Crashed::?", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Last Exception Backtrace:", re.MULTILINE),
)
"""What nobody else writes."""
_SIGNS = (
    re.compile(r"^[ \t]{0,8}(?:Process|Identifier|Code Type|Hardware Model):[ \t]", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}(?:Triggered by Thread|Crashed Thread):[ \t]", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Thread [0-9]{1,6} name:", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Binary Images:", re.MULTILINE),
    re.compile(r"^[ \t]{0,8}Report Version:[ \t]{1,20}[0-9]{1,3}", re.MULTILINE),
)
"""What others may write too."""
_CONFIDENCE = (0.0, 0.2, 0.6, 0.9, 0.97)
_JSON = re.compile(r"\s*(?:\{\s*[}\"]|\[\s*[\[{\"])")
_OTHER = re.compile(r"^(?:Analysis of sampling |Sampling process |Call graph:|Event:[ \t]{1,20}\S)", re.MULTILINE)
"""Texts of the same system that are no crash: ``sample``, ``spindump``, hangs."""
_MARKS = frozenset({"Crashed", "Attributed", "Highlighted"})
_MAX_LOG_LINES = 200
_Starts: TypeAlias = Mapping[str | None, int | None]
"""Where the images begin, by their names."""
_NOTHING_FOUND = "None found"


class CrashTextReader:
    """Reader of ``.crash`` texts."""

    name = "Apple crash report"

    def detect(self, head: bytes) -> float:
        """By the fields of the header and the headings of the body."""
        text = head.decode("utf-8", "replace")
        certain = sum(1 for sign in _CERTAIN if sign.search(text))
        if _JSON.match(text) or (not certain and _OTHER.search(text)):
            return 0.0
        found = 2 * certain + sum(1 for sign in _SIGNS if sign.search(text))
        return _CONFIDENCE[min(found, len(_CONFIDENCE) - 1)]

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no stack and says no error."""
        return read_text(decode(data))


def read_text(text: str, known: Report | None = None) -> Event:
    """The event of a report's text. ``known``: what a header in front of it says."""
    report = report_of(parse(lines_of(text)), text)
    if not report.threads and not report.exception_frames and not report.failure.exception:
        raise UnreadableInput(_refusal(text))
    return event_of(_with_known(report, known) if known else report)


def report_of(text: CrashText, raw: str) -> Report:
    """The report of a text that was taken apart."""
    starts = {one.name: one.image.image_addr for one in text.images}
    return Report(
        failure=header.failure(text),
        threads=[_thread(thread, text, starts) for thread in text.threads.values()],
        named_thread=header.named_thread(text),
        images=text.images,
        exception_frames=_settled(_exception_frames(text), starts),
        arch=header.arch(text),
        event_id=event_id(text.first("Incident Identifier")),
        timestamp=timestamp(text.first("Date/Time")),
        contexts=header.contexts(text),
        breadcrumbs=_log(text),
        extra={RAW_REPORT: raw},
    )


def _exception_frames(text: CrashText) -> Sequence[RawFrame]:
    """The last exception's; macOS calls them the application's own backtrace."""
    return text.last_exception or next(iter(text.other_backtraces.values()), [])


def _thread(thread: ThreadText, text: CrashText, starts: _Starts) -> PrintedThread:
    has_registers = thread.number == text.registers_of
    return PrintedThread(
        number=thread.number,
        name=thread.name,
        queue=thread.queue,
        frames=_settled(thread.frames, starts),
        registers=named(text.registers.items()) if has_registers else {},
        is_marked=thread.mark in _MARKS,
    )


def _settled(frames: Sequence[RawFrame], starts: _Starts) -> list[RawFrame]:
    """The frames; what stands for a function is none where it is the image's name with the offset from its start."""
    return [_without_image_as_name(frame, starts) for frame in frames[: MAX_FRAMES + 1]]


def _without_image_as_name(frame: RawFrame, starts: _Starts) -> RawFrame:
    if frame.function is None or frame.function != frame.image:
        return frame
    start = starts.get(frame.image)
    if frame.address is None:
        placed = None if start is None or frame.image_offset is None else start + frame.image_offset
        return replace(frame, function=None, function_offset=None, address=placed)
    if start is None or frame.address - (frame.function_offset or 0) == start:
        return replace(frame, function=None, function_offset=None)
    return replace(frame, image_offset=None)


def _log(text: CrashText) -> list[Breadcrumb]:
    lines = [line for line in text.lines("Filtered syslog") if line != _NOTHING_FOUND]
    return [Breadcrumb(category="syslog", message=line) for line in lines[-_MAX_LOG_LINES:]]


def _with_known(report: Report, known: Report) -> Report:
    contexts: dict[str, JSON] = {**known.contexts, **report.contexts}
    return replace(
        report,
        event_id=report.event_id or known.event_id,
        timestamp=report.timestamp or known.timestamp,
        contexts=contexts,
        extra={**known.extra, **report.extra},
    )


def _refusal(text: str) -> str:
    if _OTHER.search(text):
        return (
            "This is a sample or hang report of macOS, and no crash: it has no thread that crashed. "
            "Pass the .crash or .ips file from Console's crash reports."
        )
    return (
        "No thread and no exception was found: expected headings such as `Thread 0 Crashed:` with lines such as "
        "`0   MyApp   0x0000000104e3c2c8 0x104e34000 + 33480` below. Pass the whole .crash file."
    )


READER = CrashTextReader()
