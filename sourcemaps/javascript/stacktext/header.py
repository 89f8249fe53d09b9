"""What stands above the frames: type and message of the error, and how it got away.

``Uncaught (in promise) TypeError: x is undefined`` is a `TypeError` that nothing handled. Node.js prints two names
where the class and ``error.name`` differ: in ``o [CheckoutError]: …`` the error calls itself CheckoutError and its
(minified) class is ``o``; in ``TypeError [ERR_INVALID_URL]: …`` the brackets hold ``error.code``.
"""

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

_HOW = (
    (re.compile(r"(?:error: )?Uncaught \(in promise\)(?: |:|\Z)"), "onunhandledrejection"),
    (re.compile(r"\(node:[0-9]{1,10}\) UnhandledPromiseRejectionWarning: "), "onunhandledrejection"),
    (re.compile(r"Unhandled (?:Promise Rejection: |rejection )"), "onunhandledrejection"),
    (re.compile(r"Unhandled JS Exception: "), "onerror"),
    (re.compile(r"(?:error: )?Uncaught(?: |:|\Z)"), "onerror"),
)
_CONSOLE_PLACE = re.compile(r"\S{1,500}:[0-9]{1,10} (?=Uncaught )")
_REFERENCE = re.compile(r"<ref \*[0-9]{1,6}> ")
_TYPED = re.compile(r"(?P<type>[^\W\d][\w$.]{0,199}|\$[\w$.]{0,199})(?: \[(?P<tag>[^\]\n]{1,200})\])?(?:: |:?\Z)")
_INVARIANT = re.compile(r"(?P<type>Invariant Violation)(?P<tag>)(?:: |\Z)")
_ERROR_NAME = re.compile(r"(?:error|exception|rejection|warning|violation)\Z", re.IGNORECASE)
_CODE = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_CARET = re.compile(r"\s*\^+\s*\Z")
_JAVA_WRAPPER = re.compile(r"(?:[\w$]+\.){1,8}JavascriptException: ")
_OLD_NODE = re.compile(r"\{ (?=[^\W\d][\w$.]{0,200}: )")
_REACT_NATIVE = ", stack:"
MAX_HEADER_LINES = 500


class Header(Struct, frozen=True):
    """``how``: Sentry's mechanism for it, None where the text does not say."""

    type: str | None = None
    value: str | None = None
    how: str | None = None
    constructor: str | None = None
    code: str | None = None


def parse_header(lines: Sequence[str]) -> Header:
    """Reads the lines of one header, the first of which names the error if anything does."""
    lines, thrown = _without_excerpt(lines)
    if not lines:
        return Header(how=thrown)
    first, how = _without_how(lines[0])
    text = "\n".join([first, *lines[1:]]).rstrip().removesuffix(_REACT_NATIVE)
    first, _, rest = text.partition("\n")
    named = _INVARIANT.match(first) or _TYPED.match(first)
    header = _named(named, first, rest) if named else Header(value=text or None)
    return replace(header, how=how or thrown)


def column_base_below(lines: Sequence[str]) -> int:
    """What the frames below this header count columns from: React Native's list, after ``, stack:``, from 0."""
    return 0 if any(line.rstrip().endswith(_REACT_NATIVE) for line in lines) else 1


def _named(match: re.Match[str], first: str, rest: str) -> Header:
    value = "\n".join(part for part in (first[match.end() :], rest) if part) or None
    tag = match["tag"] or ""
    if _CODE.match(tag):
        return Header(match["type"], value, code=tag)
    if _ERROR_NAME.search(tag):
        return Header(tag, value, constructor=match["type"])
    return Header(match["type"], value)


def find_header(lines: Sequence[str]) -> int:
    """Where the header starts in the lines above the first frame; ``len(lines)`` if there is none.

    In the nearest paragraph that has a line like ``SomeError: …``, it is the first such line: messages go on over
    several lines, and more paragraphs. Without such a line the paragraph right above the frames is the header.
    """
    floor = max(0, len(lines) - MAX_HEADER_LINES)
    end = len(lines)
    while end > floor:
        start = _paragraph(lines, floor, end)
        if end < len(lines) and any(is_caret(line) for line in lines[start:end]):
            break
        named = next((index for index in range(start, end) if names_an_error(lines[index])), None)
        if named is not None:
            return named
        end = start
        while end > floor and not lines[end - 1].strip():
            end -= 1
    return _paragraph(lines, floor, len(lines))


def is_caret(line: str) -> bool:
    """Whether the line points at a column of the source line above it, as Node.js prints for what nothing caught."""
    return bool(_CARET.match(line))


def _paragraph(lines: Sequence[str], floor: int, end: int) -> int:
    """Start of the run of lines with text that ends before ``end``."""
    start = end
    while start > floor and lines[start - 1].strip():
        start -= 1
    return start


def names_an_error(line: str) -> bool:
    """Whether the line starts an error's header beyond doubt."""
    text, how = _without_how(line)
    match = _INVARIANT.match(text) or _TYPED.match(text)
    return bool(match and (how or _ERROR_NAME.search(match["type"]) or _ERROR_NAME.search(match["tag"] or "")))


def may_name_an_error(line: str) -> bool:
    """Whether the line can be an error's header: any name and a colon, or a name alone."""
    text, _ = _without_how(line)
    return bool(_INVARIANT.match(text) or _TYPED.match(text))


def _without_how(line: str) -> tuple[str, str | None]:
    text = line.strip()
    console = _CONSOLE_PLACE.match(text)
    text = text[console.end() :] if console else text
    for pattern, how in _HOW:
        match = pattern.match(text)
        if match:
            return _without_wrapper(text[match.end() :].lstrip()), how
    return _without_wrapper(text), None


def _without_wrapper(text: str) -> str:
    """React Native's Java side, Node.js' mark of an object that refers to itself, and its brace before version 12."""
    for pattern in (_OLD_NODE, _REFERENCE, _JAVA_WRAPPER):
        match = pattern.match(text)
        text = text[match.end() :] if match else text
    return text


def _without_excerpt(lines: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """The lines without the source line and caret that Node.js prints above the header and Deno below it.

    Who prints them does so because nothing caught the error.
    """
    lines = [line for line in lines if line.strip() != "Thrown at:"]
    while lines and not lines[-1].strip():
        lines.pop()
    carets = [index for index, line in enumerate(lines) if is_caret(line)]
    if not carets:
        return lines, None
    if carets[-1] == len(lines) - 1:
        return lines[:-2], "onuncaughtexception"
    rest = lines[carets[-1] + 1 :]
    return rest[next((index for index, line in enumerate(rest) if line.strip()), 0) :], "onuncaughtexception"
