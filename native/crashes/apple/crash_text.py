"""A ``.crash`` text taken apart: the fields of its header, threads, the stacks of exceptions, images."""

import re
from collections.abc import Callable, Iterable
from functools import partial

from msgspec import Struct, field

from native.crashes.apple import headings
from native.crashes.apple.frame_lines import parse_frame
from native.crashes.apple.image_lines import parse_image
from native.crashes.apple.report import MAX_FRAMES, MAX_IMAGES, MAX_THREADS, PrintedImage
from native.crashes.raw_frames import RawFrame

MAX_FIELD_LINES = 200
"""Of one field of the header."""
MAX_REGISTERS = 128
_REGISTER = re.compile(r"\b(?P<name>[a-z][a-z0-9]{1,5}):[ \t]{0,8}0x(?P<value>[0-9a-fA-F]{1,16})\b")
_MEANING = re.compile(r"\besr:[ \t]{0,8}0x[0-9a-fA-F]{1,16}[ \t]{1,8}(?P<text>\S.{0,200})")
_LIST = re.compile(r"\([ \t]{0,8}0x[0-9a-fA-F]{1,16}[ \t)]")
_LISTED = re.compile(r"\b0x([0-9a-fA-F]{1,16})\b")
_FIRST_FIELD = "Incident Identifier"

_Take = Callable[[str], None]


class ThreadText(Struct):
    """One thread, as far as it was read."""

    number: int
    mark: str | None = None
    name: str | None = None
    queue: str | None = None
    frames: list[RawFrame] = field(default_factory=list)
    has_heading: bool = False


class CrashText(Struct):
    """The whole text. ``fields``: their lines by name, the value behind the name first."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    threads: dict[int, ThreadText] = field(default_factory=dict)
    last_exception: list[RawFrame] = field(default_factory=list)
    other_backtraces: dict[str, list[RawFrame]] = field(default_factory=dict)
    registers: dict[str, int] = field(default_factory=dict)
    registers_of: int | None = None
    """Number of the thread that has the registers: there are those of one thread."""
    syndrome: str | None = None
    """What the register esr means."""
    images: list[PrintedImage] = field(default_factory=list)

    def first(self, name: str) -> str | None:
        """The value of a field, as far as it stands behind the name."""
        lines = self.fields.get(name)
        return lines[0] if lines and lines[0] else None

    def lines(self, name: str) -> list[str]:
        """All lines of a field that say anything."""
        return [line for line in self.fields.get(name, ()) if line]


def parse(lines: Iterable[str]) -> CrashText:
    """Takes the first report in the text apart; what is no part of one is passed over."""
    text = CrashText()
    take: _Take = _pass_over
    for line in lines:
        stripped = line.strip()
        found = headings.field(stripped)
        if found and found.name == _FIRST_FIELD and text.threads:
            return text
        begun = _begin_field(text, found) if found else _begin_thread(text, stripped)
        if begun:
            take = begun
        else:
            take(line)
    return text


def _begin_field(text: CrashText, found: headings.Field) -> _Take:
    if found.name == headings.IMAGES:
        return partial(_take_image, text.images)
    if headings.begins_backtrace(found.name):
        is_last = found.name == headings.LAST_EXCEPTION
        frames = text.last_exception if is_last else text.other_backtraces.setdefault(found.name, [])
        return partial(_take_frame, frames)
    if found.name in text.fields:
        return _pass_over
    text.fields[found.name] = [found.value]
    return partial(_take_line, text.fields[found.name])


def _begin_thread(text: CrashText, line: str) -> _Take | None:
    if not line.startswith("Thread "):
        return None
    number = headings.thread_state(line)
    if number is not None:
        return _begin_registers(text, number)
    heading = headings.thread_heading(line)
    found = heading or headings.thread_name(line)
    if found is None:
        return None
    if found.number not in text.threads and len(text.threads) > MAX_THREADS:
        return _pass_over
    thread = text.threads.setdefault(found.number, ThreadText(found.number))
    if thread.has_heading:
        return _pass_over
    thread.name, thread.queue = thread.name or found.name, thread.queue or found.queue
    thread.mark, thread.has_heading = found.mark, heading is not None
    return partial(_take_frame, thread.frames)


def _begin_registers(text: CrashText, number: int) -> _Take:
    if text.registers_of is not None:
        return _pass_over
    text.registers_of = number
    return partial(_take_registers, text)


def _pass_over(_line: str) -> None:
    pass


def _take_line(lines: list[str], line: str) -> None:
    if len(lines) < MAX_FIELD_LINES:
        lines.append(line.strip())


def _take_image(images: list[PrintedImage], line: str) -> None:
    image = parse_image(line) if len(images) <= MAX_IMAGES else None
    if image:
        images.append(image)


def _take_frame(frames: list[RawFrame], line: str) -> None:
    if len(frames) > MAX_FRAMES:
        return
    frame = parse_frame(line)
    if frame:
        frames.append(frame)
    elif _LIST.match(line.strip()):
        addresses = (int(match[1], 16) for match in _LISTED.finditer(line))
        frames += [RawFrame(address=address) for address, _ in zip(addresses, range(MAX_FRAMES + 1), strict=False)]


def _take_registers(text: CrashText, line: str) -> None:
    for match in _REGISTER.finditer(line):
        if len(text.registers) < MAX_REGISTERS:
            text.registers.setdefault(match["name"], int(match["value"], 16))
    meaning = _MEANING.search(line)
    if meaning and text.syndrome is None:
        text.syndrome = meaning["text"].strip()
