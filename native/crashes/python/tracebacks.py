r"""Tracebacks as Python prints them: their calls, messages, causes, and the exceptions of a group.

====================================================================  =============================================
``Traceback (most recent call last):``, also below a log's own words  calls follow, the oldest first
``    return price["cents"]``, ``           ~~~~~^^^^^^^^^``            source line, and what of it failed (3.11)
``  [Previous line repeated 996 more times]``                         the call above, again
``shop.errors.PriceError: no price``                                  module, type and message, which may go on
``The above exception was the direct cause of the following …``       ``__cause__``
``During handling of the above exception, another exception …``       ``__context__``
``  + Exception Group Traceback (most recent call last):``            group (PEP 654): margin, two spaces a level
``  +-+---------------- 1 ----------------``                          the first exception of the group
====================================================================  =============================================

Python 3.11 leaves the margin out in front of further lines of a message and of repeated lines. Notes (PEP 678) stand
below the message, and nothing tells them apart from it. Source: Lib/traceback.py for the shapes.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.line_reading import read_lines
from native.crashes.log_lines import without_prefix
from native.crashes.python.frames import parse_frame
from symbolicator.model import Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

START = "Traceback (most recent call last):"
MAX_ERRORS = 1_000
_MAX_MESSAGE_LINES = 200
_LINKS = {
    "The above exception was the direct cause of the following exception:": "__cause__",
    "During handling of the above exception, another exception occurred:": "__context__",
}
_MARGIN = re.compile(r"(?P<spaces>(?:  ){1,100})(?:(?P<rule>\+-[-+ .0-9]{10,120})|[|+](?: (?P<text>.*))?)\Z")
_CHILD = re.compile(r"\+(?P<opens>-\+)?-{4,40} (?:[0-9]{1,9}|\.\.\.) -{4,40}\Z")
_TYPE = re.compile(r"(?P<type>[^\W\d](?:\w|\.(?=[\w<])|<locals>){0,400})(?:: (?P<value>.*)|:?\Z)")
_REPEATED = re.compile(r"  \[Previous line repeated (?P<count>[0-9]{1,9}) more times?\]\Z")
_MARKS = re.compile(r" {4,}(?P<marks>[~^][~^ ]*)\Z")
_THREAD = re.compile(r"Exception in thread (?P<name>\S.{0,200}?):\Z")
_IGNORED = "Exception ignored in"


class PrintedError(Struct):
    """One exception: ``frames`` from caller to callee, ``message`` its lines, the first one with the type.

    ``cause``: what it is linked to by ``source``. ``thread`` and ``ignored``: what was said above the traceback.
    """

    frames: list[Frame] = field(default_factory=list)
    message: list[str] = field(default_factory=list)
    cause: "PrintedError | None" = None
    source: str | None = None
    children: list["PrintedError"] = field(default_factory=list)
    thread: str | None = None
    ignored: bool = False
    ended: bool = False

    @property
    def named(self) -> tuple[str | None, str | None]:
        """Type with its module, and message."""
        first, *rest = self.message or [""]
        match = _TYPE.match(first)
        told = [match["value"] or "" if match else first, *rest]
        return match["type"] if match else None, "\n".join(told).strip("\n") or None


class _Level(Struct):
    """Exceptions that are printed at one level of groups, one linked to the next."""

    error: PrintedError | None = None
    link: str | None = None


class Reading:
    """Goes through the lines once. ``roots``: exceptions that nothing links to an earlier one."""

    def __init__(self) -> None:
        self.roots: list[PrintedError] = []
        self.left = MAX_FRAMES
        self.errors = 0
        self._levels = [_Level()]
        self._thread: str | None = None
        self._ignored = False

    @property
    def is_full(self) -> bool:
        """Whether a limit was met."""
        return self.left <= 0 or self.errors >= MAX_ERRORS

    def take(self, raw: str) -> None:
        """Reads one line as it is in the log."""
        line = without_prefix(raw)
        margin = _MARGIN.match(line) if line.startswith("  ") else None
        if margin is None or (margin["text"] is None and margin["rule"] is None and margin[0].endswith("+")):
            self._take_text(line, is_logged=line != raw)
        elif margin["rule"]:
            self._take_rule(margin["rule"], len(margin["spaces"]) // 2)
        elif self._is_grouped(margin["text"] or ""):
            self._level(len(margin["spaces"]) // 2)
            self._take_text(margin["text"] or "", is_logged=False)
        else:
            self._take_text(line, is_logged=False)

    def _is_grouped(self, text: str) -> bool:
        """Whether a margin is one: sources of other tools have bars in front of them too."""
        is_known = len(self._levels) > 1 or self._levels[0].error is not None
        return is_known or text.endswith(START) or _is_group(text)

    def _level(self, depth: int) -> _Level:
        """The level with that margin; deeper ones are over. Depth 0 and 1 are both the outermost."""
        del self._levels[max(depth, 1) :]
        return self._levels[-1]

    def _take_rule(self, rule: str, depth: int) -> None:
        child = _CHILD.match(rule)
        opens = depth + 1 if child and child["opens"] else depth
        group = self._level(opens - 1).error
        if child and group and opens > 1:
            group.ended = True
            self._levels.append(_Level())

    def _take_text(self, text: str, *, is_logged: bool) -> None:
        level = self._levels[-1]
        error = level.error
        if text.endswith(START):
            self._begin()
        elif text in _LINKS:
            level.link = _LINKS[text] if error else None
        elif error and error.ended:
            self._between(text)
        elif error is None:
            self._outside(text)
        else:
            self._inside(error, text, is_logged=is_logged)

    def _begin(self) -> PrintedError:
        level = self._levels[-1]
        before = level.error
        error = PrintedError(thread=self._thread, ignored=self._ignored)
        self._thread, self._ignored = None, False
        self.errors += 1
        if before and level.link:
            is_told = bool(before.frames or before.message)
            error.cause, error.source = (before, level.link) if is_told else (before.cause, before.source)
            self._replace(before, error)
        else:
            self._add(error)
        level.error, level.link = error, None
        return error

    def _siblings(self) -> list[PrintedError]:
        group = self._levels[-2].error if len(self._levels) > 1 else None
        return group.children if group else self.roots

    def _add(self, error: PrintedError) -> None:
        self._siblings().append(error)

    def _replace(self, before: PrintedError, error: PrintedError) -> None:
        siblings = self._siblings()
        if siblings and siblings[-1] is before:
            siblings[-1] = error

    def _outside(self, text: str) -> None:
        """Before a traceback: a call without heading; in a group an exception that was never raised."""
        if parse_frame(text):
            self._inside(self._begin(), text, is_logged=False)
        elif (len(self._levels) > 1 and text and not text[0].isspace()) or _is_group(text):
            self._begin().message.append(text)
        else:
            self._between(text)

    def _between(self, text: str) -> None:
        thread = _THREAD.search(text[-250:]) if text.endswith(":") else None
        self._thread = thread["name"] if thread else self._thread
        self._ignored = self._ignored or text.startswith(_IGNORED)
        if parse_frame(text) and len(self._levels) == 1 and self._levels[0].link is None:
            self._inside(self._begin(), text, is_logged=False)

    def _inside(self, error: PrintedError, text: str, *, is_logged: bool) -> None:
        if error.message:
            self._go_on(error, text, is_logged=is_logged)
            return
        frame, repeated = parse_frame(text), _REPEATED.match(text)
        if frame:
            self._add_frames(error, [frame])
        elif repeated and error.frames:
            self._add_frames(error, [error.frames[-1]] * min(int(repeated["count"]), self.left))
        elif text[:1].isspace():
            _add_source(error, text)
        elif text:
            error.message.append(text)

    def _go_on(self, error: PrintedError, text: str, *, is_logged: bool) -> None:
        """A further line of a message: up to a blank line, or one that the log started anew."""
        if not text.strip() or is_logged or len(error.message) >= _MAX_MESSAGE_LINES:
            error.ended = True
        else:
            error.message.append(text)

    def _add_frames(self, error: PrintedError, frames: Sequence[Frame]) -> None:
        error.frames += frames[: self.left]
        self.left -= len(frames)


def _is_group(text: str) -> bool:
    """Whether a group that was never raised stands here: it has no traceback of its own."""
    match = _TYPE.match(text) if "ExceptionGroup: " in text[:400] else None
    return match is not None and match["type"].endswith("ExceptionGroup")


def _add_source(error: PrintedError, text: str) -> None:
    """The source line of the newest call so far, then the marks under it."""
    if not error.frames or not text.startswith("    "):
        return
    frame = error.frames[-1]
    marks = _MARKS.match(text)
    if frame.context_line is None:
        error.frames[-1] = replace(frame, context_line=text.removeprefix("    "))
    elif marks and (frame.data is None or "marked" not in frame.data.extra):
        start, end = marks.start("marks") - 4, marks.end("marks") - 4
        error.frames[-1] = with_data(frame, extra={"marked": frame.context_line[start:end]})


def read_tracebacks(lines: Sequence[str]) -> Reading:
    """Reads all tracebacks of the lines, which have their logs' prefixes."""
    return read_lines(Reading(), lines)
