r"""Crash reports of Ruby's interpreter.

::

    shop.rb:30: [BUG] Segmentation fault at 0x0000000000000008
    ruby 3.1.2p20 (2022-04-12 revision 4491bb740a) [x86_64-linux-gnu]

    -- Control frame information -----------------------------------------------
    c:0002 p:0020 s:0006 e:000005 EVAL   shop.rb:39 [FINISH]

    -- Ruby level backtrace information ----------------------------------------
    shop.rb:39:in `<main>'

    -- Machine register context ------------------------------------------------
     RIP: 0x00007feb75b53356 RBP: 0x0000000055550083 RSP: 0x00007ffc1a4ae1a0

    -- C level backtrace information -------------------------------------------
    /srv/relay.so(relay_read+0x18) [0x7feb75b53356]

    -- Other runtime information -----------------------------------------------
    * Loaded script: shop.rb
    * Loaded features:
        0 enumerator.so
    * Process memory map:
    56277244b000-56277244c000 r--p 00000000 fe:00 10168811    /usr/bin/ruby3.1

Since 3.2 ``-- Threading information`` counts ractors and threads. Source: rb_vm_bugreport in vm_dump.c,
bug_report_begin in error.c.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.raw_frames import RawFrame
from native.crashes.ruby.control_frames import ControlFrame, parse_control_frame
from native.crashes.ruby.frames import parse_place
from native.crashes.ruby.native_frames import parse_native_frame
from symbolicator.model import Frame
from symbolicator.readers.text import MAX_FRAMES

BUG = "[BUG] "
_SECTION = re.compile(r"-- (?P<title>[A-Z][\w ]{3,60}?) -{3,80}\s*\Z")
_VERSION = re.compile(r"ruby (?P<version>[0-9][\w.]{1,30})[^\n]{0,200}?(?: \[(?P<platform>[\w.-]{3,60})\])?\s*\Z")
_REGISTER = re.compile(r"\b(?P<name>[A-Za-z][A-Za-z0-9]{1,5}): {0,2}0x(?P<value>[0-9a-fA-F]{1,16})\b")
_COUNT = re.compile(r"(?P<what>[A-Z][\w ]{1,60}): (?P<count>[0-9]{1,9})\s*\Z")
_SCRIPT = "* Loaded script: "
_GEM = re.compile(
    r"\s*[0-9]{1,6} [^\n]{0,1000}?/gems/(?P<name>[\w.-]{1,100}?)-(?P<version>[0-9][\w.]{0,40})(?:-[^/]{1,40})?/lib/"
)
_MAX_MAP, _MAX_GEMS, _MAX_ROW = 70_000, 5_000, 1_000


class BugReport(Struct):
    """A report. ``control`` and ``native`` are newest first, ``backtrace`` oldest first, as printed."""

    place: Frame | None = None
    """Where Ruby was."""
    what: str | None = None
    version: str | None = None
    description: str | None = None
    target: str | None = None
    """Processor and system that it was built for: ``x86_64-linux-gnu``."""
    control: list[ControlFrame] = field(default_factory=list)
    backtrace: list[Frame] = field(default_factory=list)
    native: list[RawFrame] = field(default_factory=list)
    registers: dict[str, int] = field(default_factory=dict)
    map: list[str] = field(default_factory=list)
    script: str | None = None
    gems: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """Of ractors and threads."""
    is_full: bool = False


def is_bug_report(lines: Sequence[str]) -> bool:
    """Whether the lines hold such a report, or the part of one that has its stacks."""
    titles = {match["title"] for line in lines if line.startswith("-- ") and (match := _SECTION.match(line))}
    return bool(titles & {"Control frame information", "Ruby level backtrace information"}) or (
        "C level backtrace information" in titles and any(BUG in line for line in lines)
    )


def read_bug_report(lines: Sequence[str]) -> BugReport:
    """Reads a report; of one that breaks off what there is."""
    parser = _Parser()
    for line in lines:
        parser.take(line)
    return parser.report


class _Parser:
    def __init__(self) -> None:
        self.report = BugReport()
        self._take = self._head
        self._sections = {
            "Control frame information": self._control,
            "Threading information": self._threading,
            "Ruby level backtrace information": self._backtrace,
            "Machine register context": self._register,
            "C level backtrace information": self._native,
            "Other runtime information": self._other,
        }

    def take(self, line: str) -> None:
        section = _SECTION.match(line) if line.startswith("-- ") else None
        if section:
            self._take = self._sections.get(section["title"], self._nothing)
        else:
            self._take(line)

    def _nothing(self, line: str) -> None:
        pass

    def _head(self, line: str) -> None:
        report = self.report
        version = _VERSION.match(line) if line.startswith("ruby ") else None
        if BUG in line and report.what is None:
            before, _, what = line.partition(BUG)
            report.what = what.strip()
            report.place = parse_place(before.strip().removesuffix(":"))
        elif version and report.version is None:
            report.version, report.target = version["version"], version["platform"]
            report.description = line.strip()

    def _control(self, line: str) -> None:
        frame = parse_control_frame(line)
        if frame and self._has_room(self.report.control):
            self.report.control.append(frame)

    def _backtrace(self, line: str) -> None:
        frame = parse_place(line.strip())
        if frame and self._has_room(self.report.backtrace):
            self.report.backtrace.append(frame)

    def _native(self, line: str) -> None:
        native = self.report.native
        raw = parse_native_frame(line, native[-1] if native else None)
        if raw and self._has_room(native):
            native.append(raw)

    def _has_room(self, frames: Sequence[object]) -> bool:
        self.report.is_full = self.report.is_full or len(frames) >= MAX_FRAMES
        return not self.report.is_full

    def _register(self, line: str) -> None:
        for match in _REGISTER.finditer(line[:_MAX_ROW]):
            self.report.registers.setdefault(match["name"].lower(), int(match["value"], 16))

    def _threading(self, line: str) -> None:
        count = _COUNT.match(line)
        if count and len(self.report.counts) < _MAX_ROW:
            self.report.counts[count["what"]] = int(count["count"])

    def _other(self, line: str) -> None:
        report = self.report
        gem = _GEM.match(line)
        if line.startswith(_SCRIPT):
            report.script = line.removeprefix(_SCRIPT).strip()
        elif gem and len(report.gems) < _MAX_GEMS:
            report.gems[gem["name"]] = gem["version"]
        elif line[:1].isalnum() and len(report.map) < _MAX_MAP:
            report.map.append(line)
