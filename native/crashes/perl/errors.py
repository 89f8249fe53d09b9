r"""Errors as Perl prints them.

====================================================================  =============================================
``no price at shop.pl line 12.``                                      message and place (``die``)
``no price at shop.pl line 12, <$h> line 3.``                         with the file that was read last
``\tTill::price("pear") called at shop.pl line 15``                   call, and where it was called (``confess``)
``\teval {...} called at shop.pl line 21``                            the call was made inside of an ``eval``
====================================================================  =============================================

A place is the caller's: a call goes with the place of the line above it, the newest one with that of the message.
Source: perl's util.c (mess_sv), Carp.pm.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from native.crashes.line_reading import read_lines
from symbolicator.model import Frame
from symbolicator.readers.text import MAX_FRAMES

PLATFORM = "perl"
MAX_ERRORS = 1_000
_READ = r"(?:, <[^>\n]{0,200}> (?:line|chunk) [0-9]{1,12})?"
_THROWN = re.compile(rf"(?P<file>[^\n]{{1,2000}}?) line (?P<line>[0-9]{{1,9}}){_READ}\.?\s*\Z")
_CALL = re.compile(
    r"\s{1,8}(?P<function>[\w:']{1,500}|eval \{\.\.\.\}|(?:require|eval) [^\n]{1,1000}?)"
    r"(?P<arguments>\([^\n]{0,60000}\))? "
    rf"called at (?P<file>[^\n]{{1,2000}}?) line (?P<line>[0-9]{{1,9}}){_READ}\s*\Z"
)
_SCRIPT = re.compile(r"(?:.{0,2000}\.(?:pl|pm|t|cgi|psgi|fcgi)|-e|\(eval [0-9]{1,9}\))\Z")


class PrintedError(Struct):
    """An error: ``frames`` from callee to caller; of the oldest one the function is not told."""

    message: str
    frames: list[Frame] = field(default_factory=list)


class Reading:
    """Goes through the lines once."""

    def __init__(self) -> None:
        self.errors: list[PrintedError] = []
        self.left = MAX_FRAMES
        self._thrown: PrintedError | None = None
        """The error of the line above, which may have calls."""

    @property
    def is_full(self) -> bool:
        """Whether a limit was met."""
        return self.left <= 0 or len(self.errors) >= MAX_ERRORS

    def take(self, line: str) -> None:
        """Reads one line without what a log put before it."""
        call = _CALL.match(line) if self._thrown else None
        if call is None:
            self._thrown = thrown = _thrown(line)
            is_script = thrown is not None and _SCRIPT.match(thrown.frames[0].filename or "") is not None
            self.errors += [thrown] if thrown and is_script else []
            self.left -= is_script
        elif self._thrown:
            self.errors += [self._thrown] if not self.errors or self.errors[-1] is not self._thrown else []
            self._thrown.frames[-1] = _called(self._thrown.frames[-1], call)
            self._thrown.frames.append(frame_at(call["file"], int(call["line"]), None))
            self.left -= 1


def _thrown(line: str) -> PrintedError | None:
    message, at, place = line.rpartition(" at ")
    match = _THROWN.match(place) if at else None
    return PrintedError(message.strip(), [frame_at(match["file"], int(match["line"]), None)]) if match else None


def _called(frame: Frame, call: re.Match[str]) -> Frame:
    function, arguments = call["function"], call["arguments"]
    raw = f"{function}{arguments}" if arguments else None
    return frame_at(frame.filename or "", frame.lineno or 0, function, raw)


def frame_at(file: str, line1: int, function: str | None, raw: str | None = None) -> Frame:
    """A call in a file. ``raw``: the function with its arguments."""
    return Frame(
        platform=PLATFORM,
        function=function,
        raw_function=raw,
        filename=file,
        abs_path=file,
        lineno=line1 or None,
    )


def read_errors(lines: Sequence[str]) -> Reading:
    """Reads all errors of the lines: those of scripts, and others that have calls."""
    return read_lines(Reading(), lines)
