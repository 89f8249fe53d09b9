"""An error as Node.js prints it: frames, then its properties, its cause and its errors, nested by indentation.

::

    HttpError: outer
        at outer (/srv/a.js:3:49)
        ... 2 lines matching cause stack trace ...
        at f1 (/srv/a.js:4:16) {
      status: 503,
      [cause]: TypeError: inner
          at e (/srv/a.js:2:101) {
        code: 'E_INNER'
      },
      [errors]: [
        Error: first
            at x (/srv/b.js:1:42),
        [Error: without a stack]
      ]
    }

Read line by line with a stack of open errors, never by recursion. ``Caused by: `` (Deno, Chrome) opens a cause too.

Source: Node.js lib/internal/util/inspect.js, formatError and what it calls, for the shape only.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from sourcemaps.javascript.async_calls import separator_of
from sourcemaps.javascript.stacktext.header import may_name_an_error
from sourcemaps.javascript.stacktext.lines import Ends, FrameLine, Omitted, parse_stack_line
from symbolicator.model.edit import with_data
from symbolicator.readers.text import MAX_FRAMES

if TYPE_CHECKING:
    from symbolicator.model import AsyncCall

MAX_ERRORS = 1_000
"""In one report; what is nested beyond stays a property's text."""
_LOOKAHEAD = 50
_INDENT = 2
_CAUSED_BY = "Caused by: "
_WITHOUT_STACK = re.compile(
    r"\[(?P<header>(?!Object|Array|Function|AsyncFunction|GeneratorFunction|Circular|Getter|Setter|class|Symbol)"
    r"[^\W\d][\w$.]{0,199}(?: \[[^\]\n]{1,200}\])?(?:: .*)?)\](?P<rest> \{ .* \}| \{)?,?\Z"
)
_PROPERTY = re.compile(r"(?P<name>\[[^\]\n]{1,200}\]|'(?:[^'\\\n]|\\.){0,200}'|[\w$]{1,200}):(?: (?P<value>.*))?\Z")


class _At(Enum):
    HEADER = auto()
    FRAMES = auto()
    PROPERTIES = auto()
    ERRORS = auto()


class PrintedError(Struct):
    """One error as printed. ``source``: where its parent has it, as in ``cause`` or ``errors[0]``."""

    indent: int
    source: str | None = None
    header: list[str] = field(default_factory=list)
    stack: list[FrameLine | Omitted] = field(default_factory=list)
    properties: dict[str, list[str]] = field(default_factory=dict)
    children: list["PrintedError"] = field(default_factory=list)
    at: _At = _At.HEADER
    elements: int = 0


class Budget(Struct):
    """What the rest of the report may still add."""

    frames: int = MAX_FRAMES
    errors: int = MAX_ERRORS


class ErrorWalk:
    """Reads one error, with all that is nested in it."""

    def __init__(self, lines: Sequence[str], budget: Budget, column_base: int) -> None:
        self._lines = lines
        self._budget = budget
        self._column_base = column_base
        self._open: list[PrintedError] = []
        self._gap: AsyncCall | None = None

    def read(self, start: int, first_frame: int) -> tuple[PrintedError, int]:
        """The error whose header starts at line ``start`` (0-based), and the line after it.

        Where the error has no frames of its own, its properties start right below the header.
        """
        root = PrintedError(_indent_of(self._lines[start]), at=_At.FRAMES)
        bare = _WITHOUT_STACK.match(self._lines[start].strip())
        if bare:
            root.at = _At.PROPERTIES
        root.header.extend([bare["header"]] if bare else self._lines[start:first_frame])
        self._open.append(root)
        index = start + 1 if bare else first_frame
        while index < len(self._lines) and self._open and self._budget.frames > 0:
            index += self._step(index)
        return root, index

    def _step(self, index: int) -> int:
        """Takes one line, or closes the innermost error; returns how many lines that used up."""
        error = self._open[-1]
        line = self._lines[index]
        match error.at:
            case _At.HEADER:
                return self._in_header(error, line)
            case _At.FRAMES:
                return self._in_frames(error, index)
            case _At.PROPERTIES:
                return self._in_properties(error, index)
            case _At.ERRORS:
                return self._in_errors(error, index)

    def _close(self) -> int:
        self._open.pop()
        return 0

    def _in_header(self, error: PrintedError, line: str) -> int:
        entry = parse_stack_line(line, column_base=self._column_base)
        if entry:
            error.at = _At.FRAMES
            return 0
        error.header.append(_dedented(line, error.indent))
        return 1

    def _in_frames(self, error: PrintedError, index: int) -> int:
        line = self._lines[index]
        entry = parse_stack_line(line, column_base=self._column_base)
        if entry:
            error.stack.append(self._below_gap(entry))
            self._budget.frames -= 1
            return self._after_frame(error, entry.ends)
        self._gap = separator_of(line)
        if line.strip().startswith(_CAUSED_BY) and self._leads_to_frame(index):
            return self._open_child(error, "cause", line.strip().removeprefix(_CAUSED_BY), error.indent)
        return 1 if self._is_noise(index) else self._close()

    def _below_gap(self, entry: FrameLine | Omitted) -> FrameLine | Omitted:
        """The first frame below a separator scheduled what is above it."""
        gap, self._gap = self._gap, None
        if gap is None or isinstance(entry, Omitted):
            return entry
        return replace(entry, frame=with_data(entry.frame, async_call=gap))

    def _after_frame(self, error: PrintedError, ends: Ends) -> int:
        if ends == "{":
            error.at = _At.PROPERTIES
        elif ends == ",":
            self._close()
        return 1

    def _is_noise(self, index: int) -> bool:
        """A line in the middle of the frames that is nothing of ours and starts nothing new."""
        line = self._lines[index]
        nested = len(self._open) > 1 or not line.strip() or index + 1 >= len(self._lines)
        if nested or may_name_an_error(line):
            return False
        return parse_stack_line(self._lines[index + 1], column_base=self._column_base) is not None

    def _in_properties(self, error: PrintedError, index: int) -> int:
        line = self._lines[index]
        text, indent = line.strip(), _indent_of(line)
        if indent <= error.indent and text in ("}", "},"):
            self._close()
            return 1
        named = _PROPERTY.match(text) if indent <= error.indent + _INDENT else None
        if named:
            return self._property(error, index, named)
        if indent <= error.indent and text:
            return self._close()
        if error.properties:
            error.properties[next(reversed(error.properties))].append(_dedented(line, error.indent + _INDENT))
        return 1

    def _property(self, error: PrintedError, index: int, named: re.Match[str]) -> int:
        name, value = named["name"].strip("[]'"), named["value"] or ""
        if name == "errors" and value == "[":
            error.at = _At.ERRORS
            return 1
        if self._is_error(value, index):
            return self._open_child(error, name, value, error.indent + _INDENT)
        error.properties[name] = [value]
        return 1

    def _in_errors(self, error: PrintedError, index: int) -> int:
        line = self._lines[index]
        text = line.strip()
        if text in ("]", "],"):
            error.at = _At.PROPERTIES
            return 1
        if _indent_of(line) <= error.indent and text:
            return self._close()
        source = f"errors[{error.elements}]"
        error.elements += 1
        if self._is_error(text, index):
            return self._open_child(error, source, text, error.indent + 2 * _INDENT)
        error.properties[source] = [text]
        return 1

    def _is_error(self, value: str, index: int) -> bool:
        if self._budget.errors <= 0:
            return False
        if _WITHOUT_STACK.match(value):
            return True
        return may_name_an_error(value) and self._leads_to_frame(index)

    def _leads_to_frame(self, index: int) -> bool:
        """Whether frames follow, before anything that is indented less."""
        indent = _indent_of(self._lines[index])
        for line in self._lines[index + 1 : index + 1 + _LOOKAHEAD]:
            if parse_stack_line(line, column_base=self._column_base):
                return _indent_of(line) >= indent
            if line.strip() and _indent_of(line) < indent:
                return False
        return False

    def _open_child(self, parent: PrintedError, source: str, header: str, indent: int) -> int:
        child = PrintedError(indent, source)
        parent.children.append(child)
        self._budget.errors -= 1
        bare = _WITHOUT_STACK.match(header)
        child.header.append(bare["header"] if bare else header)
        rest = bare["rest"] or "" if bare else ""
        if rest.endswith("}"):
            child.properties["properties"] = [rest.removeprefix(" { ").removesuffix(" }")]
        if rest.endswith("{"):
            child.at = _At.PROPERTIES
        if not bare or rest.endswith("{"):
            self._open.append(child)
        return 1


def find_bare_error(lines: Sequence[str]) -> int | None:
    """Index of ``[AggregateError: …] {`` in the lines above a frame that is part of it: an error without a stack."""
    found: int | None = None
    shallowest: int | None = None
    for index in reversed(range(len(lines))):
        if not lines[index].strip():
            continue
        indent = _indent_of(lines[index])
        bare = _WITHOUT_STACK.match(lines[index].strip()) if shallowest is None or indent < shallowest else None
        if bare and (bare["rest"] or "").endswith("{"):
            found = index
        shallowest = indent if shallowest is None else min(shallowest, indent)
    return found


def _dedented(line: str, indent: int) -> str:
    return line if line[:indent].strip() else line[indent:]


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
