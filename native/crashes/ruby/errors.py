r"""Exceptions as Ruby prints them, and as Rails, rake and loggers write them.

====================================================================  =============================================
``shop.rb:12:in `total': no price (Shop::NoPrice)``                   newest call, message and class
``shop.rb:12:in `total': Shop::NoPrice``, ``…: unhandled exception``  there is no message
``shop.rb:3: syntax error, unexpected `end'``                         class left out before 3.3
``\tfrom shop.rb:20:in `block in sum'``, ``\t 2: from shop.rb:20``    next older call; counted: oldest first (2.5)
``\t ... 5 levels...``                                                calls that are left out
``    item.cents``, ``        ^^^^^^``                                source line and what of it failed (3.1)
``NoMethodError (no such method):``, ``NoMethodError: no such …``     Rails; rake and others: calls follow
``no price (Shop::NoPrice)``, ``#<NoMethodError: no such method>``    Logger, Puma: calls follow
``shop.rb:12:in `total'``                                             their calls, newest first
``Caused by:``                                                        rake: the cause follows
``#<Thread:0x7f@till shop.rb:3 run> terminated with exception …``     what ended a thread
====================================================================  =============================================

A cause is printed right below the exception that it caused. Source: error_print and show_cause in eval_error.c.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.line_reading import read_lines
from native.crashes.ruby.frames import parse_place
from symbolicator.model import Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

MAX_ERRORS = 1_000
_MAX_MESSAGE_LINES = 60
_MAX_HEADING = 8
"""Lines above calls among which the exception of a log is looked for."""
_TYPE = r"[A-Z]\w{0,100}(?:::[A-Z]\w{0,100}){0,20}"
_HEADER = re.compile(r"(?P<place>[^\n]{1,1100}?:[0-9]{1,9}(?::in [`'][^\n]{1,500}?')?): (?P<message>[^\n]{0,20000})\Z")
_FROM = re.compile(r"\s{1,8}(?P<count>[0-9]{1,6}: )?from (?P<place>[^\n]{1,1600})\Z")
_LEVELS = re.compile(r"\s{1,4}\.\.\. (?P<count>[0-9]{1,9}) levels\.\.\.\Z")
_MARKS = re.compile(r"(?P<before> {0,400})\^[\^~]{0,400}\s*\Z")
_NAMED_LAST = re.compile(rf"(?P<value>[^\n]{{0,20000}}?) ?\((?P<type>{_TYPE})\)\Z")
_TYPE_ALONE = re.compile(rf"(?P<type>{_TYPE}):?\Z")
_LOGGED = (
    re.compile(rf"(?P<type>{_TYPE}) \((?P<value>[^\n]{{0,20000}})\):?\Z"),
    re.compile(rf"(?P<type>{_TYPE}): (?P<value>[^\n]{{0,20000}})\Z"),
    re.compile(rf"(?:[^\n]{{0,500}}?: )?#<(?P<type>{_TYPE}): (?P<value>[^\n]{{0,20000}})>\Z"),
    _NAMED_LAST,
)
_THREAD = re.compile(
    r"#<Thread:0x[0-9a-f]{1,16}(?:@(?P<name>[^\n]{1,200}?))? (?P<place>[^\n>]{1,1000}) \w{1,20}> "
    r"terminated with exception"
)
_LOGGER = re.compile(
    r"(?:[A-Z], \[[0-9T:. -]{10,40}#[0-9]{1,9}\] {1,3}[A-Z]{3,7} -- [^:\n]{0,60}: ?)?(?:\[[\w.-]{1,60}\] ?){0,5}"
)
_CAUSED, _UNHANDLED, _SYNTAX, _SYNTAX_ERROR = "Caused by:", "unhandled exception", "syntax error", "SyntaxError"
_SCRIPT = re.compile(r".*(?:\.(?:rb|ru|rake|gemspec)|/?(?:Rake|Gem)file)\Z|\(eval|-e\Z")


class PrintedError(Struct):
    """One exception: ``frames`` from callee to caller, as printed."""

    type: str | None = None
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    cause: "PrintedError | None" = None
    thread: str | None = None
    is_logged: bool = False


class Reading:
    """Goes through the lines once. ``roots``: exceptions that caused no other."""

    def __init__(self) -> None:
        self.roots: list[PrintedError] = []
        self.left = MAX_FRAMES
        self.left_out = 0
        """Calls that Ruby did not print."""
        self._error: PrintedError | None = None
        self._count = 0
        self._below: list[str] = []
        """Lines below the header of the exception or, for that of a log, above its calls."""
        self._older: list[Frame] = []
        """Calls that were printed before their exception, from caller to callee."""
        self._is_cause = False
        self._thread: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether a limit was met."""
        return self.left <= 0 or self._count >= MAX_ERRORS

    def take(self, line: str) -> None:
        """Reads one line without what a log put before it."""
        called = _FROM.match(line)
        header = None if called else _header(line)
        bare = parse_place(line.strip()) if not called and not header else None
        levels = _LEVELS.match(line)
        if called:
            self._take_call(parse_place(called["place"]), is_counted=bool(called["count"]))
        elif header:
            self._begin(header)
        elif bare and bare.function:
            self._take_bare(bare)
        elif levels and self._error:
            self._left_out(int(levels["count"]))
        else:
            self._take_words(line)

    def finish(self) -> None:
        """What is below the last header belongs to its message up to a blank line."""
        self._end_message(is_followed=False)

    def _take_call(self, frame: Frame | None, *, is_counted: bool) -> None:
        if frame is None:
            return
        if is_counted:
            self._older += [frame] if len(self._older) < self.left else []
        elif self._error:
            self._end_message(is_followed=True)
            self._add(frame)

    def _begin(self, error: PrintedError) -> None:
        """A header: the cause of the exception whose calls end right above it, else one of its own."""
        is_all = self._end_message(is_followed=False)
        error.frames += reversed(self._older)
        self._older = []
        above = self._error
        is_whole = above is not None and (len(above.frames) > 1 or (is_all and _is_main(above.frames[0])))
        self._open(error, above if is_whole and above and not above.is_logged else None)

    def _open(self, error: PrintedError, above: PrintedError | None) -> None:
        self._count += 1
        self.left -= len(error.frames)
        error.thread, self._thread = self._thread, None
        if above is None:
            self.roots.append(error)
        else:
            above.cause = error
        self._error, self._below, self._is_cause = error, [], False

    def _take_bare(self, frame: Frame) -> None:
        if self._error and (not self._below or not self._error.is_logged):
            self._end_message(is_followed=True)
        if self._error is None or self._below:
            error = _logged(self._below)
            frame, error.message = _with_source(frame, error.message)
            self._open(error, self._error if self._is_cause else None)
        self._add(frame)

    def _add(self, frame: Frame) -> None:
        if self._error and self.left > 0:
            self._error.frames.append(frame)
            self.left -= 1

    def _left_out(self, levels: int) -> None:
        self._end_message(is_followed=True)
        self.left_out += levels
        if self._error and self._error.frames:
            frames = self._error.frames
            frames[-1] = with_data(frames[-1], extra={"older_calls_left_out": levels})

    def _take_words(self, line: str) -> None:
        thread = _THREAD.match(line)
        if thread:
            self._close()
            self._thread = thread["name"] or thread["place"]
        elif line.strip() == _CAUSED:
            self._is_cause = self._error is not None
            self._below = []
        elif self._error and not self._error.is_logged and len(self._error.frames) > 1:
            self._close()
            self._below = [line]
        else:
            self._below = [*self._below[-_MAX_MESSAGE_LINES:], line]

    def _close(self) -> None:
        self._end_message(is_followed=False)
        self._error, self._below = None, []

    def _end_message(self, *, is_followed: bool) -> bool:
        """The lines below a header: source line with marks, and the rest of the message. Whether they are all of it."""
        error, below = self._error, self._below
        if error is None or error.is_logged or len(error.frames) > 1 or not below:
            return not below
        self._below = []
        if error.frames:
            error.frames[0], below = _with_source(error.frames[0], below)
        blank = next((at for at, line in enumerate(below) if not line.strip()), len(below))
        error.message += below if is_followed else below[:blank]
        return not any(map(str.strip, below[blank:]))


def _is_main(frame: Frame) -> bool:
    """Whether nothing of Ruby called it."""
    return (frame.function or "").endswith("<main>")


def _header(line: str) -> PrintedError | None:
    match = _HEADER.match(line) if ": " in line else None
    frame = parse_place(match["place"].strip()) if match else None
    if match is None or frame is None:
        return None
    message = match["message"]
    named, alone = _NAMED_LAST.match(message), _TYPE_ALONE.match(message)
    if named and (frame.function or named["type"] == _SYNTAX_ERROR):
        return PrintedError(named["type"], [named["value"]], [frame])
    if alone and frame.function:
        return PrintedError(alone["type"], [], [frame])
    if message == _UNHANDLED and frame.function:
        return PrintedError("RuntimeError", [], [frame])
    is_syntax = message.startswith(_SYNTAX) and _SCRIPT.match(frame.filename or "")
    return PrintedError(_SYNTAX_ERROR, [message], [frame]) if is_syntax else None


def _logged(above: Sequence[str]) -> PrintedError:
    """The exception that is named above its calls."""
    error = PrintedError(is_logged=True)
    lines = [line.rstrip() for line in above[-_MAX_HEADING:]]
    for at in range(len(lines) - 1, -1, -1):
        match = next((found for form in _LOGGED if (found := form.match(lines[at].strip()))), None)
        if match:
            error.type = match["type"]
            error.message = [match["value"], *lines[at + 1 :]]
            return error
    error.message = lines[-1:]
    return error


def _with_source(frame: Frame, lines: Sequence[str]) -> tuple[Frame, list[str]]:
    """The frame with its source line, where the last lines are that and marks under it; and the other lines."""
    told = "\n".join(lines).rstrip("\n").split("\n")
    marks = _MARKS.match(told[-1]) if len(told) > 1 else None
    if marks is None:
        return frame, list(lines)
    return replace(frame, context_line=told[-2], colno=len(marks["before"]) + 1), told[:-2]


def read_errors(lines: Sequence[str]) -> Reading:
    """Reads all exceptions of the lines."""
    reading = read_lines(Reading(), (_LOGGER.sub("", line, count=1) for line in lines))
    reading.finish()
    return reading
