r"""Reads the backtraces that Swift's runtime (5.9 and later) prints when a program crashes: ``SWIFT_BACKTRACE``.

>>> head = b"*** Program crashed: Bad pointer dereference at 0x4 ***\n\nThread 0 crashed:\n\n"
>>> event = READER.read(head + b"0 0x0000aaaad4a41804 crash() in shop at /src/shop.swift:7:15\n")
>>> event.exceptions[0].value
'Bad pointer dereference at 0x4'

The lines are described in `native.crashes.swift.lines`. What the runtime resolved stays as it is; a stripped program's
frames have an address and, where images are listed, the build id of the file that knows more.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.events import PrintedStack, finish, stacktrace
from native.crashes.images import ImageTable
from native.crashes.log_lines import log_lines
from native.crashes.mappings import MAX_IMAGES
from native.crashes.raw_frames import RawFrame
from native.crashes.signals import signal_mechanism, signal_name
from native.crashes.swift.lines import (
    Heading,
    ImageLine,
    SwiftFrame,
    parse_frame,
    parse_heading,
    parse_image,
    parse_register,
)
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    JSON,
    AbsoluteAddress,
    DebugImage,
    Event,
    ExceptionValue,
    Frame,
    FrameStatus,
    Mechanism,
    ReportedAddress,
    Thread,
)
from symbolicator.model.edit import with_data
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, decode

_SURE = 0.96
_SIGNAL = re.compile(r"\*\*\* Signal (?P<number>[0-9]{1,2}): Backtracing from ")
_REASON = re.compile(r"(?:\*\*\* |💣 )(?P<words>\S.{0,2000}?)(?: \*\*\*)?\Z")
_CRASHED = "Program crashed: "
_CHECK = re.compile(
    r"(?:\S.{0,1000}?: )?(?P<type>Fatal error|Precondition failed|Assertion failed)(?:: (?P<words>.*))?\Z"
)
_PLATFORM = re.compile(r"Platform: (?P<arch>[\w-]{1,20}) (?P<system>\w{1,20})")
_MAC_SIGNALS = {10: "SIGBUS"}
_MAX_REGISTERS = 100
_MAX_THREADS = 5_000
_MAX_ABOVE = 200


class _Thread(Struct):
    heading: Heading
    frames: list[SwiftFrame] = field(default_factory=list)


class _Report(Struct):
    """What the lines say. ``above``: those before the first stack."""

    above: list[str] = field(default_factory=list)
    threads: list[_Thread] = field(default_factory=list)
    images: list[ImageLine] = field(default_factory=list)
    registers: dict[str, ReportedAddress] = field(default_factory=dict)
    left: int = MAX_FRAMES

    @property
    def crashed(self) -> _Thread | None:
        """The thread that says so."""
        return next((thread for thread in self.threads if thread.heading.crashed), None)


class SwiftReader:
    """Reader of Swift's backtraces."""

    name = "Swift backtrace"

    def detect(self, head: bytes) -> float:
        """By a frame below the heading of the thread that crashed."""
        lines = log_lines(head.decode("utf-8", "replace"))
        crashed = (at for at, line in enumerate(lines) if (heading := parse_heading(line)) and heading.crashed)
        return _SURE if any(map(parse_frame, islice(lines, at, at + 4)) for at in islice(crashed, 20) if at) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no frame below a thread's heading."""
        text = decode(data)
        report = _read(log_lines(text))
        if not any(thread.frames for thread in report.threads):
            raise UnreadableInput(
                "No frame of Swift's runtime was found: expected `Thread 0 crashed:` and below it "
                "`0 0x0000aaaad4a41804 crash() in shop at /src/shop.swift:7:15`. Pass all that the runtime printed."
            )
        return _event(report, text)


def _read(lines: Sequence[str]) -> _Report:
    """Goes through the lines once."""
    report = _Report()
    for line in lines:
        heading = parse_heading(line)
        if heading and len(report.threads) < _MAX_THREADS:
            report.threads.append(_Thread(heading))
        elif not report.threads:
            report.above.append(line)
            del report.above[:-_MAX_ABOVE]
        elif frame := parse_frame(line):
            _add(report, frame)
        else:
            _note(report, line)
    return report


def _add(report: _Report, frame: SwiftFrame) -> None:
    frames = report.threads[-1].frames
    if report.left > 0 and (not frames or frame.number > frames[-1].number):
        frames.append(frame)
        report.left -= 1


def _note(report: _Report, line: str) -> None:
    image, register = parse_image(line), parse_register(line)
    if image and len(report.images) < MAX_IMAGES:
        report.images.append(image)
    elif register and len(report.registers) < _MAX_REGISTERS:
        report.registers.setdefault(register[0], ReportedAddress(register[1]))


def _event(report: _Report, text: str) -> Event:
    platform = next((match for line in report.above if (match := _PLATFORM.match(line))), None)
    is_apple = platform is not None and platform["system"].lower() == "macos"
    table = ImageTable(_all_frames(report), [_image(image, is_apple=is_apple) for image in report.images])
    threads = [_thread(thread, report, table) for thread in report.threads]
    values = [_exception(report, report.crashed, is_apple=is_apple)] if report.crashed else []
    event = finish(values, threads, table, text, full=report.left <= 0)
    return replace(event, contexts=_contexts(platform))


def _contexts(platform: re.Match[str] | None) -> dict[str, JSON]:
    contexts: dict[str, JSON] = {"runtime": {"name": "Swift"}}
    return contexts | ({"os": {"name": platform["system"]}, "device": {"arch": platform["arch"]}} if platform else {})


def _all_frames(report: _Report) -> Iterator[RawFrame]:
    for thread in report.threads:
        yield from _raw_frames(thread, report)


def _raw_frames(thread: _Thread, report: _Report) -> Iterator[RawFrame]:
    """The frames with the paths of their images."""
    paths = {image.name: image.path or image.name for image in report.images}
    for frame in thread.frames:
        yield replace(frame.raw, image=paths.get(frame.raw.image or "", frame.raw.image))


def _image(image: ImageLine, *, is_apple: bool) -> DebugImage:
    """On macOS the id is the file's UUID."""
    return DebugImage(
        type="macho" if is_apple else "elf",
        code_file=image.path or image.name,
        code_id=None if is_apple else image.build_id,
        debug_id=image.build_id if is_apple else None,
        image_addr=AbsoluteAddress(image.start),
        image_size=max(0, image.end - image.start),
    )


def _thread(thread: _Thread, report: _Report, table: ImageTable) -> Thread:
    stack = stacktrace(PrintedStack(list(_raw_frames(thread, report))), table)
    crashed = thread is report.crashed
    if stack:
        frames = zip(stack.frames, reversed(thread.frames), strict=True)
        stack = replace(stack, frames=tuple(_unwritten(one) if line.is_system else one for one, line in frames))
    if stack and crashed and report.registers:
        stack = replace(stack, registers=dict(report.registers))
    heading = thread.heading
    return Thread(
        id=heading.number, name=heading.name, crashed=crashed or None, current=crashed or None, stacktrace=stack
    )


def _unwritten(frame: Frame) -> Frame:
    """A frame of nobody's code: its name is all that there is to know."""
    frame = replace(frame, in_app=False)
    return with_data(frame, status=FrameStatus.AS_IS) if frame.function else frame


def _exception(report: _Report, crashed: _Thread, *, is_apple: bool) -> ExceptionValue:
    """What the program itself said before it died says more than the signal."""
    signal = next((match for line in report.above if (match := _SIGNAL.match(line))), None)
    name = _signal(int(signal["number"]), is_apple=is_apple) if signal else None
    reasons = (match["words"] for line in report.above if not _SIGNAL.match(line) if (match := _REASON.match(line)))
    reason = next(reasons, "").removeprefix(_CRASHED) or None
    check = next((match for line in report.above if (match := _CHECK.match(line))), None)
    mechanism = signal_mechanism(name, {}) or Mechanism(type="generic", handled=False)
    return ExceptionValue(
        type=check["type"] if check else name or "Crash",
        value=check["words"] if check else reason,
        thread_id=crashed.heading.number,
        mechanism=mechanism,
    )


def _signal(number: int, *, is_apple: bool) -> str | None:
    return (_MAC_SIGNALS.get(number) if is_apple else None) or signal_name(number)


READER = SwiftReader()
