"""What a sanitizer printed: reports, each with its header, its stacks and the words above them."""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.raw_frames import RawFrame, position
from native.crashes.sanitizer_frames import SanitizerFrame, parse_frame
from symbolicator.readers.text import MAX_FRAMES

_HEADER = re.compile(
    r"(?:==[0-9]{1,10}== ?)?(?:ERROR|WARNING): (?P<tool>[A-Za-z]{1,40}Sanitizer|libFuzzer): (?P<what>.*)\Z"
)
_UNDEFINED = ": runtime error: "
_KIND_END = re.compile(r" on (?:unknown )?address| on 0x| in thread | \(|:(?: |\Z)|\Z")
_PROCESS = re.compile(r"==[0-9]{1,10}== ?")
_RULE = re.compile(r"[=-]{3,}\Z")
_SUMMARY, _CAUSE = "SUMMARY: ", "Cause: "
_MAX_WORDS = 200
MAX_REPORTS = 1_000


class PrintedTrace(Struct):
    """Frames, newest call first, and the lines above them that belong to no other stack."""

    words: list[str]
    frames: list[SanitizerFrame] = field(default_factory=list)


class Report(Struct):
    """One report. ``kind`` as in ``AddressSanitizer: heap-use-after-free``, ``about`` what its header says besides.

    ``cause``: what HWAddressSanitizer takes for it.
    ``place``: of undefined behaviour, which is reported with its source position alone.
    """

    kind: str | None = None
    about: str = ""
    place: RawFrame | None = None
    stacks: list[PrintedTrace] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    summary: str | None = None
    cause: str | None = None


def starts_report(line: str) -> bool:
    """Whether a report starts on this line."""
    return _start(line.strip()) is not None


def read_reports(lines: Sequence[str]) -> list[Report]:
    """The reports of the text; frames without a header make one too."""
    reading = _Reading()
    for line in lines:
        if reading.full:
            break
        reading.take(line)
    return [report for report in reading.reports if report.kind or report.stacks]


class _Reading:
    """Goes through the lines once."""

    def __init__(self) -> None:
        self.reports = [Report()]
        self._frames = 0
        self._in_stack = False

    @property
    def full(self) -> bool:
        """Whether nothing more is read."""
        return self._frames >= MAX_FRAMES or len(self.reports) > MAX_REPORTS

    def take(self, line: str) -> None:
        """Reads one line."""
        report = self.reports[-1]
        frame = parse_frame(line) if "#" in line else None
        if frame and (frame.certain or report.kind or frame.raw.address is not None):
            self._add(report, frame)
        else:
            self._in_stack = False
            self._take_words(report, line.strip())

    def _add(self, report: Report, frame: SanitizerFrame) -> None:
        """Numbers that do not go up, or words in between, start another stack."""
        if not self._in_stack or frame.number <= report.stacks[-1].frames[-1].number:
            report.stacks.append(PrintedTrace(report.words))
            report.words = []
        report.stacks[-1].frames.append(frame)
        self._frames += 1
        self._in_stack = True

    def _take_words(self, report: Report, text: str) -> None:
        started = _start(text)
        if started:
            self.reports.append(started)
        elif text.startswith(_SUMMARY):
            report.summary = report.summary or text.removeprefix(_SUMMARY)
            report.words = []
        elif text.startswith(_CAUSE):
            report.cause = report.cause or text.removeprefix(_CAUSE)
        elif text and not _RULE.match(text):
            report.words.append(_PROCESS.sub("", text))
            del report.words[:-_MAX_WORDS]


def _start(text: str) -> Report | None:
    header = _HEADER.match(text)
    if header:
        what = header["what"]
        end = _KIND_END.search(what)
        cut = end.start() if end else len(what)
        return Report(f"{header['tool']}: {what[:cut]}", what[cut:].strip(" :"))
    file, line, column = position(text.partition(_UNDEFINED)[0]) if _UNDEFINED in text else ("", None, None)
    if line is None:
        return None
    place = RawFrame(file=file, line1=line, column1=column)
    return Report("UndefinedBehaviorSanitizer: runtime error", text.partition(_UNDEFINED)[2], place)
