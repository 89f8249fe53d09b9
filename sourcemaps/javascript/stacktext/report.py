"""From the lines of a report to its event.

The first stack of the text is the error that was raised; its causes and errors are linked to it as Sentry links them
(``exception_id``, ``parent_id``, ``source``; innermost first in ``exception.values``). Further stacks in the same text
that nothing ties to it become exceptions without ``parent_id``, mechanism ``separate``.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.javascript.stacktext.header import (
    MAX_HEADER_LINES,
    Header,
    column_base_below,
    find_header,
    is_caret,
    parse_header,
)
from sourcemaps.javascript.stacktext.inspected import Budget, ErrorWalk, PrintedError, find_bare_error
from sourcemaps.javascript.stacktext.lines import FrameLine, Omitted, parse_stack_line, without_prefix
from sourcemaps.javascript.stacktext.restore import restore
from sourcemaps.javascript.stacktext.wasm_images import with_wasm_images
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    JSON,
    Event,
    ExceptionValue,
    Mechanism,
    Problem,
    Stacktrace,
    Values,
)
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, lines_of

_NODE_VERSION = re.compile(r"Node\.js (v[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}\S{0,40})\s*\Z")
_NODE_PLACES = ("node:", "internal/")
_INTEGER = re.compile(r"-?[0-9]{1,15}\Z")
_WORDS: dict[str, JSON] = {"true": True, "false": False, "null": None}


class _Tree(Struct, frozen=True):
    """An error that stands on its own, and the header that was read from it."""

    root: PrintedError
    header: Header


def read_report(text: str) -> Event:
    """Reads a report. Raises `UnreadableInput` if it has no frame at all."""
    lines = [without_prefix(line) for line in lines_of(text)]
    budget = Budget()
    trees = list(_trees(lines, budget))
    if not trees:
        raise UnreadableInput(
            "No JavaScript stack frame was found: expected lines such as `at f (app.js:1:20)` or `f@app.js:1:20`. "
            "Pass the whole text of error.stack, with its frames."
        )
    exceptions = _exceptions(trees, budget)
    event = Event(
        platform=_platform(exceptions, lines),
        exception=Values(values=tuple(reversed(exceptions))),
        contexts=_runtime(lines, trees),
        errors=(_TOO_MANY,) if budget.frames <= 0 else (),
        extra={RAW_REPORT: text},
    )
    return with_wasm_images(event)


_TOO_MANY = Problem(
    type="too_many_frames",
    message=f"The report has more than {MAX_FRAMES:,} frames; the rest is only in {RAW_REPORT}.",
    remedy="Pass the part of the report with the stack that matters.",
)


def _trees(lines: Sequence[str], budget: Budget) -> Iterator[_Tree]:
    """The errors of the report one after the other."""
    index = 0
    while budget.frames > 0 and (frame := _next_frame(lines, index)) is not None:
        start = index + _header_start(lines[index:frame])
        column_base = column_base_below(lines[start:frame])
        root, index = ErrorWalk(lines, budget, column_base).read(start, frame)
        yield _Tree(root, _with_how(parse_header(root.header), lines[max(0, start - 2) : start]))


def _header_start(above: Sequence[str]) -> int:
    floor = max(0, len(above) - MAX_HEADER_LINES)
    bare = find_bare_error(above[floor:])
    return find_header(above) if bare is None else floor + bare


def _next_frame(lines: Sequence[str], start: int) -> int | None:
    """Index of the next line that is a frame."""
    return next((i for i in range(start, len(lines)) if isinstance(parse_stack_line(lines[i]), FrameLine)), None)


def _with_how(header: Header, above: Sequence[str]) -> Header:
    if header.how or not any(is_caret(line) for line in above):
        return header
    return replace(header, how="onuncaughtexception")


def _exceptions(trees: Sequence[_Tree], budget: Budget) -> list[ExceptionValue]:
    """All exceptions, the raised one first."""
    found: list[ExceptionValue] = []
    for tree in trees:
        errors = list(_depth_first(tree.root))
        restore([error for error, _ in errors], budget)
        alone = len(trees) == 1 and len(errors) == 1
        first = len(found)
        for number, (error, parent) in enumerate(errors):
            header = tree.header if parent is None else parse_header(error.header)
            link = _link(error, header, None if alone else first + number, None if parent is None else first + parent)
            found.append(_exception(error, header, link))
    return found


def _depth_first(root: PrintedError) -> Iterator[tuple[PrintedError, int | None]]:
    """Each error with the position of its parent in this order; the order in which Sentry numbers them."""
    waiting: list[tuple[PrintedError, int | None]] = [(root, None)]
    position = 0
    while waiting:
        error, parent = waiting.pop()
        yield error, parent
        waiting.extend((child, position) for child in reversed(error.children))
        position += 1


def _link(error: PrintedError, header: Header, number: int | None, parent: int | None) -> Mechanism | None:
    data = _data(error, header)
    if number is None and not data and header.how is None:
        return None
    separate = parent is None and number is not None and number > 0
    kind = "chained" if parent is not None else "separate" if separate else header.how or "generic"
    return Mechanism(
        type=kind,
        handled=False if parent is None and header.how else None,
        source=error.source,
        exception_id=number,
        parent_id=parent,
        is_exception_group=any((child.source or "").startswith("errors[") for child in error.children) or None,
        data=data or None,
    )


def _data(error: PrintedError, header: Header) -> dict[str, JSON]:
    """What the error had beside message and stack: its class, its code, its properties as Node.js printed them."""
    data: dict[str, JSON] = {}
    if header.constructor:
        data["constructor"] = header.constructor
    if header.code:
        data["code"] = header.code
    if error.properties:
        data["properties"] = {name: _printed_value(lines) for name, lines in error.properties.items()}
    return data


def _printed_value(lines: Sequence[str]) -> JSON:
    """Plain strings, integers, booleans and null as themselves; everything else as the text that was printed."""
    text = "\n".join(lines).strip().removesuffix(",")
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    plain = len(text) > 1 and text[0] == text[-1] == "'" and not {"'", "\\", "\n"} & set(text[1:-1])
    return text[1:-1] if plain else text


def _exception(error: PrintedError, header: Header, mechanism: Mechanism | None) -> ExceptionValue:
    return ExceptionValue(
        type=header.type, value=header.value, mechanism=mechanism, stacktrace=_stacktrace(error.stack)
    )


def _stacktrace(stack: Sequence[FrameLine | Omitted]) -> Stacktrace | None:
    """Frames from caller to callee; the text has the newest call first. ``frames_omitted`` is Sentry's [from, to)."""
    if not stack:
        return None
    entries = tuple(reversed(stack))
    frames = tuple(entry.frame for entry in entries if isinstance(entry, FrameLine))
    gap = next((index for index, entry in enumerate(entries) if isinstance(entry, Omitted)), None)
    return Stacktrace(frames=frames, extra={} if gap is None else {"frames_omitted": _gap(entries[gap], gap)})


def _gap(entry: FrameLine | Omitted, start: int) -> JSON:
    return [start, start + (entry.count if isinstance(entry, Omitted) else 0)]


def _platform(exceptions: Sequence[ExceptionValue], lines: Sequence[str]) -> str:
    """Node.js shows itself by its own modules in the stack or by its version below it."""
    places = (frame.filename or "" for value in exceptions if value.stacktrace for frame in value.stacktrace.frames)
    by_frames = any(place.startswith(_NODE_PLACES) for place in places)
    return "node" if by_frames or _version(lines) else "javascript"


def _version(lines: Sequence[str]) -> str | None:
    found = (_NODE_VERSION.match(line) for line in reversed(lines) if line.startswith("Node.js v"))
    return next((match[1] for match in found if match), None)


def _runtime(lines: Sequence[str], trees: Sequence[_Tree]) -> dict[str, JSON] | None:
    version = _version(lines)
    if version:
        return {"runtime": {"name": "node", "version": version}}
    is_listed = any(column_base_below(tree.root.header) == 0 for tree in trees)
    return {"runtime": {"name": "react-native"}} if is_listed else None
