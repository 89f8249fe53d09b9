"""Reports of AddressSanitizer, LeakSanitizer, ThreadSanitizer, MemorySanitizer, UndefinedBehaviorSanitizer, libFuzzer.

::

    ==9295==ERROR: AddressSanitizer: heap-use-after-free on address 0x502000000014 at pc 0x55b3 bp 0x7fff sp 0x7ffe
    READ of size 4 at 0x502000000014 thread T0
        #0 0x55b3562b2fb1  (/srv/shift+0x5fb1)              the stack of the error
    0x502000000014 is located 4 bytes inside of 8-byte region
    freed by thread T0 here:
        #0 0x7fac2211a7a2  (/srv/libasan.so+0x11a7a2)       a stack that explains it

The first stack of a report is the exception's. The others become exceptions that are linked to it (mechanism
``sanitizer``, ``parent_id``), with their heading as type; ``source`` is what they tell, as in ``freed by``. A second
report in the same text is an exception that nothing ties to the first (mechanism ``separate``).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from native.crashes.events import PrintedStack, finish, stacktrace
from native.crashes.images import ImageTable
from native.crashes.mappings import mapped_images
from native.crashes.raw_frames import RawFrame, position
from native.crashes.sanitizer_frames import SanitizerFrame, parse_frame
from native.crashes.text import MAX_FRAMES
from symbolicator.model import JSON, Event, ExceptionValue, Mechanism, ReportedAddress

from msgspec.structs import replace

HEADER = re.compile(r"(?:==[0-9]{1,10}== ?)?(?:ERROR|WARNING): (?P<tool>[A-Za-z]{1,40}Sanitizer|libFuzzer): (?P<what>.*)\Z")
_UNDEFINED = re.compile(r"(?P<place>\S.{0,4000}?:[0-9]{1,10}:[0-9]{1,10}): runtime error: (?P<what>.*)\Z")
_KIND_END = re.compile(r" on (?:unknown )?address| on 0x| in thread | \(|:(?: |\Z)|\Z")
_REGISTER = re.compile(r"\b(pc|bp|sp) 0x([0-9a-fA-F]{1,16})\b")
_REGISTERS_START = re.compile(r" at pc 0x| \(pc 0x")
_PROCESS = re.compile(r"==[0-9]{1,10}==")
_RULE = re.compile(r"[=\-]{3,}\Z")
_THREAD = re.compile(r"\b(?:thread )?(T[0-9]{1,9})\b")
_WHOSE = re.compile(r" (?:by )?(?:main )?thread\b.*| T[0-9]{1,9}\b.*| at:?\Z|:\Z")
_SUMMARY = "SUMMARY: "
_MAX_WORDS = 200
_MAX_STACKS = 1_000


@dataclass(slots=True)
class _Stack:
    """Frames, newest call first, and the lines above them that belong to no other stack."""

    words: list[str]
    frames: list[SanitizerFrame] = field(default_factory=list)


@dataclass(slots=True)
class _Report:
    """One report. ``kind`` as in ``AddressSanitizer: heap-use-after-free``, ``about`` what its header says besides."""

    kind: str | None = None
    about: str = ""
    place: RawFrame | None = None
    stacks: list[_Stack] = field(default_factory=list)
    summary: str | None = None


def has_header(line: str) -> bool:
    """Whether a report starts here."""
    return bool(HEADER.match(line.strip()) or (": runtime error: " in line and _UNDEFINED.match(line.strip())))


def read(lines: Sequence[str], text: str) -> Event:
    """The event of a report that has frames in this form."""
    reports = [report for report in _reports(lines) if report.kind or report.stacks]
    raws = [frame.raw for report in reports for stack in report.stacks for frame in stack.frames]
    table = ImageTable(raws, mapped_images(lines), relative=True)
    values: list[ExceptionValue] = []
    several = sum(max(1, len(report.stacks)) for report in reports) > 1
    for report in reports:
        values.extend(_exceptions(report, table, len(values) if several else None))
    return finish(values, (), table, text)


def _reports(lines: Sequence[str]) -> Iterator[_Report]:
    report, words, frames = _Report(), list[str](), 0
    in_stack = False
    for line in lines:
        text = line.strip()
        frame = parse_frame(line)
        if frame and (frame.certain or report.kind or frame.raw.address is not None):
            if not in_stack or frame.number <= report.stacks[-1].frames[-1].number:
                report.stacks.append(_Stack(words))
                words = []
            report.stacks[-1].frames.append(frame)
            frames += 1
            in_stack = True
            if frames >= MAX_FRAMES or len(report.stacks) > _MAX_STACKS:
                break
            continue
        in_stack = False
        if has_header(text):
            yield report
            report, words = _start(text), []
        elif text.startswith(_SUMMARY):
            report.summary, words = report.summary or text.removeprefix(_SUMMARY), []
        elif text and not _RULE.match(text):
            words.append(_PROCESS.sub("", text))
            del words[:-_MAX_WORDS]
    yield report
