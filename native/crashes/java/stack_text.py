r"""Java and Kotlin stack texts: exceptions with their causes and what was suppressed.

::

    Exception in thread "main" java.lang.IllegalStateException: no price
        at shop.Cart.total(Cart.java:12)
        at shop.Main.main(Main.java:30)
        Suppressed: java.io.IOException: not closed
                at shop.Cart.close(Cart.java:40)
                ... 2 more
    Caused by: java.lang.NullPointerException
        at shop.Price.of(Price.java:7)
        ... 2 more

``... 2 more`` are the last two frames of the enclosing exception. ``Wrapped by:`` is the other way round: the innermost
cause comes first. Indentation says what a ``Suppressed:`` and the causes below it belong to.

Source: java.lang.Throwable.printStackTrace; logback's ThrowableProxyConverter.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from native.crashes.java.coroutines import marker_of
from native.crashes.java.frames import PLATFORM, parse_frame
from native.crashes.java.headers import (
    MAX_MESSAGE_LINES,
    Header,
    find_header,
    parse_header,
    relation_of,
    without_relation,
)
from symbolicator.model import AsyncCall, Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

MAX_EXCEPTIONS = 200
RESTORED = "restored"
"""Field of a frame's ``data``: printed only in the enclosing exception's stack."""
_MORE = re.compile(r"\s*\.\.\. (?P<count>[0-9]{1,6}) (?:more|common frames omitted|frames? (?:truncated|excluded))\b")
_UNKNOWN = re.compile(r"\s{1,40}at (?P<what>\S[^\n]{0,4000})\Z")
_ART = re.compile(r"\s*(?:- (?:locked|waiting|sleeping)|native: #)")


class Throwable(Struct):
    """One exception of a text; ``frames`` have the newest call first."""

    header: Header
    frames: list[Frame] = field(default_factory=list)
    omitted: int = 0
    """Frames that are the enclosing exception's last ones."""
    cause: "Throwable | None" = None
    suppressed: list["Throwable"] = field(default_factory=list)
    async_call: AsyncCall | None = None
    """Of the frames from here on: their calls had returned when what is above ran."""

    @property
    def children(self) -> tuple[tuple[str, "Throwable"], ...]:
        """What led to it, each with its ``source`` as Sentry names it."""
        cause = (("cause", self.cause),) if self.cause else ()
        return (*cause, *((f"suppressed[{index}]", child) for index, child in enumerate(self.suppressed)))


class StackText(Struct):
    """All exceptions of a text that stand on their own, in its order. ``full``: a limit was met."""

    roots: list[Throwable] = field(default_factory=list)
    full: bool = False


def read_stack_text(lines: Sequence[str]) -> StackText:
    """Reads the exceptions of a text."""
    parser = _Parser()
    for line in lines:
        parser.take(line)
        if parser.text.full:
            break
    parser.finish()
    for root in parser.text.roots:
        _restore(root)
    return parser.text


def walk(root: Throwable) -> Iterator[tuple[Throwable, int | None, str | None]]:
    """The exceptions of a tree, each before what led to it, with its parent's position and its ``source``."""
    waiting: list[tuple[Throwable, int | None, str | None]] = [(root, None, None)]
    position = 0
    while waiting:
        one, parent, source = waiting.pop()
        yield one, parent, source
        waiting.extend((child, position, name) for name, child in reversed(one.children))
        position += 1


class _Parser:
    def __init__(self) -> None:
        self.text = StackText()
        self._open: list[Throwable] = []
        self._words: list[str] = []
        self._count = self._exceptions = 0

    def take(self, line: str) -> None:
        if marker := marker_of(line):
            self._resume(marker)
        elif frame := parse_frame(line) or self._unknown_frame(line):
            self._add(frame)
        elif (more := _MORE.match(line)) and self._open:
            self._settle()
            for last in self._open[-1:]:
                last.omitted = int(more["count"])
        elif relation_of(line):
            self._settle()
            self._words = [line]
        elif not (_ART.match(line) and self._open and not self._words):
            self._say(line)

    def _unknown_frame(self, line: str) -> Frame | None:
        """A line in the midst of frames that says that it is one, in a way that nobody knows."""
        match = _UNKNOWN.match(line) if self._open and not self._words else None
        return Frame(platform=PLATFORM, function=match["what"]) if match else None

    def finish(self) -> None:
        """An exception at the end may have no frames; one that stands on its own is then just words."""
        if self._words and relation_of(self._words[0]):
            self._settle()

    def _say(self, line: str) -> None:
        """A line that is no part of a stack: it may be a header, or more of a message."""
        if self._open and not line.strip() and not self._words:
            return
        self._words.append(line)
        if len(self._words) > MAX_MESSAGE_LINES + 1:
            keep = 1 if relation_of(self._words[0]) else 0
            del self._words[keep : len(self._words) - MAX_MESSAGE_LINES]

    def _add(self, frame: Frame) -> None:
        self._settle()
        if not self._open:
            self._open_new(Header())
        top = self._open[-1]
        top.frames.append(with_data(frame, async_call=top.async_call) if top.async_call else frame)
        self._count += 1
        self.text.full = self.text.full or self._count >= MAX_FRAMES

    def _resume(self, marker: AsyncCall) -> None:
        self._settle()
        if self._open:
            self._open[-1].async_call = marker

    def _settle(self) -> None:
        """The words so far are the header of what follows."""
        words, self._words = self._words, []
        if not words:
            return
        is_linked = relation_of(words[0]) is not None
        header = _linked_header(words) if is_linked else find_header(words)
        if header is not None:
            self._open_new(header)
        elif self._open and not is_linked and any(word.strip() for word in words):
            self._open = []

    def _open_new(self, header: Header) -> None:
        self._exceptions += 1
        self.text.full = self.text.full or self._exceptions >= MAX_EXCEPTIONS
        new = Throwable(header)
        match header.relation if self._open else None:
            case "cause":
                self._add_cause(new)
            case "suppressed":
                self._add_suppressed(new)
            case "wrapper":
                self._wrap(new)
            case _:
                self._start(new)

    def _start(self, new: Throwable) -> None:
        self.text.roots.append(new)
        self._open = [new]

    def _add_cause(self, new: Throwable) -> None:
        """Of the last exception at the same indentation. Where that has its cause already, the text is damaged."""
        while len(self._open) > 1 and self._open[-1].header.indent > new.header.indent:
            self._open.pop()
        parent = self._open[-1]
        if parent.cause is None:
            parent.cause = new
            self._open.append(new)
        else:
            self._start(new)

    def _add_suppressed(self, new: Throwable) -> None:
        """Of the last exception that is indented less."""
        while len(self._open) > 1 and self._open[-1].header.indent >= new.header.indent:
            self._open.pop()
        self._open[-1].suppressed.append(new)
        self._open.append(new)

    def _wrap(self, new: Throwable) -> None:
        """The exception before is the cause of this one."""
        new.cause = self.text.roots.pop()
        self._start(new)


def _linked_header(words: Sequence[str]) -> Header:
    """``Caused by:`` with all lines of its message; what is no class is a message too."""
    header = parse_header(words[0])
    if header is None:
        indent = len(words[0]) - len(words[0].lstrip())
        header = Header(value=without_relation(words[0]), relation=relation_of(words[0]), indent=indent)
    text = "\n".join([header.value or "", *words[1:]]).rstrip()
    return replace(header, value=text or None)


def _restore(root: Throwable) -> None:
    """Appends what each exception shares with the one around it; the outer ones are complete first."""
    left = MAX_FRAMES
    order = list(walk(root))
    for one, parent, _ in order:
        shared = order[parent][0].frames if parent is not None else []
        if 0 < one.omitted <= min(len(shared), left):
            left -= one.omitted
            one.frames += [_restored(frame) for frame in shared[-one.omitted :]]
            one.omitted = 0


def _restored(frame: Frame) -> Frame:
    extra = {**(frame.data.extra if frame.data else {}), RESTORED: True}
    return with_data(frame, extra=extra)
