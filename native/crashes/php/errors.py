r"""Exceptions and fatal errors as PHP prints them, and as Laravel logs them.

::

    PHP Fatal error:  Uncaught TypeError: no cents in /srv/till.php:17
    Stack trace:
    #0 /srv/till.php(11): Shop\Till::price()
    #1 {main}

    Next Shop\NoPrice: no price
    of today in /srv/shop.php:16
    Stack trace:
    #0 {main}
      thrown in /srv/shop.php on line 16

``Next`` is the exception that the one above it led to. Laravel has the one that was raised first::

    [2026-11-28 09:50:03] local.ERROR: no price {"exception":"[object] (Shop\\NoPrice(code: 7): no at /srv/a.php:16)
    [stacktrace]
    #0 {main}

    [previous exception] [object] (TypeError(code: 0): no cents at /srv/till.php:17)

A fatal error that is no exception has a place and no trace: ``PHP Parse error:  syntax error in /srv/a.php on line 1``.
Source: zend_exceptions.c, main.c (php_error_cb); Monolog's LineFormatter.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from native.crashes.line_reading import read_lines
from native.crashes.php.frames import Call, Place, parse_call
from symbolicator.readers.text import MAX_FRAMES

MAX_ERRORS = 1_000
_MAX_MESSAGE_LINES = 30
_TYPE = r"\\?[A-Za-z_]\w{0,100}(?:\\{1,2}\w{1,100}){0,20}(?:@anonymous)?"
_TRACES = frozenset({"Stack trace:", "[stacktrace]"})
_MARKED = re.compile(rf"(?:[^\n]{{0,1000}}?Uncaught |Next )(?P<type>{_TYPE})(?:: |\Z)")
_PLAIN = re.compile(rf"(?P<type>{_TYPE})(?:: |\Z)")
_PLACE = re.compile(r"(?P<file>[^\n]{1,2000}):(?P<line>[0-9]{1,9})\Z")
_LOGGED = re.compile(
    rf"(?:[^\n]{{0,60000}}?\{{\"exception\":\"|\[previous exception\] )\[object\] \((?P<type>{_TYPE})"
    r"\(code: [^()\n]{1,20}\): (?P<value>[^\n]{0,20000}) at (?P<file>[^\n]{1,2000}):(?P<line>[0-9]{1,9})\)\s*\Z"
)
_FATAL = re.compile(
    r"(?:[^\n]{0,1000}?: |\[[^\]\n]{1,60}\] )?(?:PHP )?(?P<type>Fatal error|Parse error|Compile error|Core error|"
    r"Recoverable fatal error): {1,2}(?P<value>[^\n]{1,20000}) in (?P<file>[^\n]{1,2000}) on line (?P<line>[0-9]{1,9})"
    r"[\"\s]*\Z"
)


class PrintedError(Struct):
    """One exception: ``calls`` newest first. ``cause``: the one before it."""

    type: str
    value: str | None
    place: Place
    calls: list[Call] = field(default_factory=list)
    cause: "PrintedError | None" = None


class Reading:
    """Goes through the lines once. ``roots``: exceptions that led to no other."""

    def __init__(self) -> None:
        self.roots: list[PrintedError] = []
        self.left = MAX_FRAMES
        self._count = 0
        self._open: PrintedError | None = None
        self._named: tuple[PrintedError, bool] | None = None
        """The exception whose calls are to follow, and whether the one before it led to it."""
        self._above: list[str] = []

    @property
    def is_full(self) -> bool:
        """Whether a limit was met."""
        return self.left <= 0 or self._count >= MAX_ERRORS

    def take(self, line: str) -> None:
        """Reads one line without what a log put before it."""
        call = parse_call(line)
        logged = _LOGGED.match(line) if "[object] (" in line else None
        if call:
            self._take_call(call)
        elif logged:
            self._begin(_error(logged), leads_on=False, is_cause=line.startswith("[previous"))
        elif line.strip() in _TRACES:
            self._take_heading()
        elif self._is_fatal(line):
            self._above = []
        else:
            self._above = [*self._above[-_MAX_MESSAGE_LINES:], line]

    def _is_fatal(self, line: str) -> bool:
        fatal = _FATAL.match(line) if " on line " in line and "rror: " in line else None
        if fatal:
            self._begin(_error(fatal), leads_on=False, is_cause=False)
        return fatal is not None

    def _take_call(self, call: Call) -> None:
        if self._named:
            error, leads_on = self._named
            self._begin(error, leads_on=leads_on, is_cause=False)
        if self._open:
            self._open.calls.append(call)
            self.left -= 1

    def _take_heading(self) -> None:
        """The exception that is named above a trace; there is none where Laravel has named it already."""
        *above, last = self._above or [""]
        words, _, where = last.rpartition(" in ")
        place = _PLACE.match(where) if words else None
        if place:
            self._named = _named([*above, words], Place(place["file"], int(place["line"]) or None))
        self._above = []

    def _begin(self, error: PrintedError, *, leads_on: bool, is_cause: bool) -> None:
        self._count += 1
        before = self._open
        if leads_on and before and self.roots:
            error.cause = self.roots.pop()
        if is_cause and before:
            before.cause = error
        else:
            self.roots.append(error)
        self._open, self._named, self._above = error, None, []


def _named(lines: Sequence[str], place: Place) -> tuple[PrintedError, bool] | None:
    """The exception, and whether the one before it led to it; its message may go on over several lines."""
    marked = ((at, match) for at in reversed(range(len(lines))) if (match := _MARKED.match(lines[at])))
    plain = _PLAIN.match(lines[-1])
    at, start = next(marked, (len(lines) - 1, plain))
    if start is None:
        return None
    value = "\n".join([lines[at][start.end() :], *lines[at + 1 :]])
    return PrintedError(start["type"], value or None, place), start[0].startswith("Next ")


def _error(match: re.Match[str]) -> PrintedError:
    name = match["type"].replace("\\\\", "\\")
    return PrintedError(name, match["value"] or None, Place(match["file"], int(match["line"]) or None))


def read_errors(lines: Sequence[str]) -> Reading:
    """Reads all exceptions of the lines."""
    return read_lines(Reading(), lines)


def chain_of(root: PrintedError) -> Iterator[PrintedError]:
    """The exception and those before it, the newest first."""
    error: PrintedError | None = root
    while error:
        yield error
        error = error.cause
