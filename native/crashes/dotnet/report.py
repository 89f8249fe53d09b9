r"""Exceptions in text of .NET: what happened, inside which other exception, and where.

===================================================================  ==============================================
``Unhandled exception. System.InvalidOperationException: no price``  .NET; ``Unhandled Exception: …`` .NET Framework
``Unhandled Exception:``, the exception on the next line             mono, which says it twice
`` ---> System.ArgumentException: bad``                              inner exception, in the outer one's line or below
``   --- End of inner exception stack trace ---``                    the outer one's calls follow
`` ---> (Inner Exception #1) System.Exception: b … <---``            the further ones of an `AggregateException`
``--- End of stack trace from previous location ---``                what is below awaited what is above
===================================================================  ==============================================

Source: Exception.ToString, StackTrace.ToString and AggregateException.ToString of .NET for the shapes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct, field

from native.crashes.dotnet.frames import parse_engine_frame, parse_frame
from native.crashes.line_reading import read_lines
from symbolicator.model import AsyncCall, Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

MAX_ERRORS = 1_000
_MAX_HEADER_LINES = 200
_UNHANDLED = re.compile(
    r"(?:\[ERROR\] FATAL UNHANDLED EXCEPTION: |Unhandled [Ee]xception[.:] ?|Process terminated\. |"
    r"Unbehandelte Ausnahme: |Exception non gérée : |Excepción no controlada: )"
)
_TYPE = re.compile(
    r"(?P<type>(?:[^\W\d]\w*[.+`])*[^\W\d][\w`]*(?:\[[\w.,`\[\] ]{1,400}\])?)"
    r"(?: \((?P<code>-?[0-9]{1,10}|0x[0-9A-Fa-f]{1,8})\))?(?:: |:?\Z)"
)
_INNER = re.compile(r"(?:\A| )---> (?:\(Inner Exception #[0-9]{1,6}\) )?")
_END_OF_INNER = re.compile(
    r"\s*--- .{0,120}(?:[Ii]nner exception|inneren Ausnahme|exception interne|excepción interna).{0,60} ---\Z"
)
_AWAITED = re.compile(r"\s*--- .{0,160}(?:previous location|vorheriger Stelle|précédent|anterior).{0,80}---\Z")
_REJOINED = AsyncCall(rule="dotnet-await")
_ERROR_NAME = re.compile(r"(?:Exception|Error|Fault)(?:`[0-9]{1,3})?(?:\[.*)?\Z")
_CLOSES = "<---"


class PrintedError(Struct):
    """One exception: ``frames`` newest first. ``told``: the words above them."""

    told: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    children: list["PrintedError"] = field(default_factory=list)
    unhandled: bool = False

    @property
    def named(self) -> tuple[str | None, str | None]:
        """Type and message."""
        first, *rest = self.told or [""]
        match = _TYPE.match(first)
        if match is None or not (_ERROR_NAME.search(match["type"]) or "." in match["type"]):
            return None, "\n".join(self.told).strip() or None
        return match["type"], "\n".join([first[match.end() :], *rest]).strip() or None


class Reading:
    """Goes through the lines once. ``roots``: exceptions in no other one."""

    def __init__(self) -> None:
        self.roots: list[PrintedError] = []
        self.left = MAX_FRAMES
        self.errors = 0
        self._open: list[PrintedError] = []
        self._above: list[str] = []
        self._awaited = False

    @property
    def is_full(self) -> bool:
        """Whether a limit was met."""
        return self.left <= 0 or self.errors >= MAX_ERRORS

    def take(self, line: str) -> None:
        """Reads one line."""
        frame = parse_frame(line) or (parse_engine_frame(line) if self._open else None)
        if frame:
            self._add(frame)
        elif self._open and _END_OF_INNER.match(line[:400]):
            self._leave()
        elif self._open and _AWAITED.match(line[:400]):
            self._awaited = True
        elif self._open and self._open[-1].frames and line.lstrip().startswith("---> "):
            self._enter_sibling(line)
        elif self._open and line.strip() == _CLOSES:
            self._leave()
        elif self._open:
            self._end(line)
        else:
            self._above.append(line)
            del self._above[:-_MAX_HEADER_LINES]

    def _add(self, frame: Frame) -> None:
        if not self._open:
            self._begin()
        frames = self._open[-1].frames
        frames.append(with_data(frame, async_call=_REJOINED) if self._awaited and frames else frame)
        self._awaited = False
        self.left -= 1

    def _begin(self) -> None:
        """The words above the first call are those of all exceptions that are inside one another."""
        header, unhandled = header_in(self._above)
        parts = list(_split(header)) or [[]]
        errors = [PrintedError(told) for told in parts[:MAX_ERRORS]]
        errors[0].unhandled = unhandled
        for outer, inner in pairwise(errors):
            outer.children.append(inner)
        self.roots.append(errors[0])
        self.errors += len(errors)
        self._open, self._above = errors, []

    def _leave(self) -> None:
        if len(self._open) > 1:
            self._open.pop()

    def _enter_sibling(self, line: str) -> None:
        """A further exception of the group; the first one stands in the words above."""
        text = _INNER.sub("", line.lstrip(), count=1)
        error = PrintedError([text.removesuffix(_CLOSES)])
        self._open[-1].children.append(error)
        self.errors += 1
        if not text.endswith(_CLOSES):
            self._open.append(error)

    def _end(self, line: str) -> None:
        """Words below calls end them all; of an exception that has none yet they are the message."""
        if not self._open[-1].frames and len(self._open[-1].told) < _MAX_HEADER_LINES and line.strip():
            self._open[-1].told.append(line)
        elif not line.endswith(_CLOSES):
            self._open, self._above = [], [line]


def header_in(above: Sequence[str]) -> tuple[list[str], bool]:
    """The lines that name the exception, and whether nothing handled it."""
    for at, line in enumerate(above):
        unhandled = _UNHANDLED.search(line[:300])
        if unhandled:
            rest = [line[unhandled.end() :], *above[at + 1 :]]
            return rest[0 if rest[0].strip() else 1 :], True
    start = next((at for at, line in enumerate(above) if _names_an_error(line)), None)
    if start is not None:
        return [above[start].strip(), *above[start + 1 :]], False
    words = [line.strip() for line in above if line.strip()]
    return words[-1:], False


def _names_an_error(line: str) -> bool:
    match = _TYPE.match(line.strip()[:1000])
    return match is not None and _ERROR_NAME.search(match["type"]) is not None


def _split(header: Sequence[str]) -> Iterator[list[str]]:
    """The words of each exception, the outermost first."""
    told: list[str] = []
    for line in header:
        first, *inner = _INNER.split(line)
        told += [first] if first.strip() or not inner else []
        for text in inner:
            yield told
            told = [text]
    if told:
        yield told


def read_exceptions(lines: Sequence[str]) -> Reading:
    """Reads all exceptions of the lines."""
    return read_lines(Reading(), lines)
