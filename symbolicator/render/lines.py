"""Lines of styled text, and how wide they are on a terminal. What a style looks like is decided where it is shown."""

import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, TypeAlias

ELLIPSIS = "…"
_MARKS_PER_CELL = 4
"""Characters without a width that one cell may carry, so that zero-width text cannot grow without bound."""


class Style(StrEnum):
    """What a piece of text is."""

    PLAIN = "plain"
    ERROR = "error"
    MESSAGE = "message"
    CONTEXT = "context"
    HEADING = "heading"
    OWN = "own"
    LIBRARY = "library"
    LOCATION = "location"
    TAG = "tag"
    NOTE = "note"
    SOURCE = "source"
    FAILING = "failing"
    MARKER = "marker"
    DIM = "dim"
    SEAM = "seam"
    REFERENCE = "reference"
    PROBLEM = "problem"
    REMEDY = "remedy"
    GOOD = "good"
    BAD = "bad"


class Span(NamedTuple):
    """A piece of a line. ``text`` is safe to print."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Span, ...]

BLANK: Line = ()


def line(text: str, style: Style = Style.PLAIN) -> Line:
    """A line of one style."""
    return (Span(text, style),)


def plain(lines: Iterable[Line]) -> Iterator[str]:
    """The lines without styles and without spaces at their ends."""
    for spans in lines:
        yield "".join(span.text for span in spans).rstrip()


def cells(text: str) -> int:
    """Width on a terminal: wide East Asian characters take two cells, combining ones none (Unicode UAX 11)."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """The start of the text in at most ``width`` cells; an ellipsis says that there was more."""
    if _fits(text, width):
        return text
    return "".join(_take(text, width - 1)) + ELLIPSIS if width > 0 else ""


def cut_front(text: str, width: int) -> str:
    """The end of the text in at most ``width`` cells."""
    if _fits(text, width):
        return text
    return ELLIPSIS + "".join(reversed(list(_take(text[::-1], width - 1)))) if width > 0 else ""


def _fits(text: str, width: int) -> bool:
    return len(text) <= width * _MARKS_PER_CELL and cells(text) <= width


def _take(text: str, width: int) -> Iterator[str]:
    for character in text[: width * _MARKS_PER_CELL]:
        width -= _cell(character)
        if width < 0:
            return
        yield character


def fit(spans: Line, width: int) -> Line:
    """The line in at most ``width`` cells."""
    fitted: list[Span] = []
    for span in spans:
        text = cut(span.text, width)
        fitted.append(Span(text, span.style))
        width -= cells(text)
        if text != span.text:
            break
    return tuple(fitted)


def wrap(text: str, width: int) -> Iterator[str]:
    """Breaks a paragraph at spaces, words longer than a line wherever they must; inner spacing is kept."""
    while not _fits(text, width):
        head = "".join(_take(text, width))
        space = head.rfind(" ", len(head) // 2)
        end = space if space > 0 else max(1, len(head))
        yield text[:end].rstrip()
        text = text[end:].lstrip(" ")
    yield text


def indented(paragraphs: Iterable[str], width: int, style: Style, *, first: str, rest: str) -> Iterator[Line]:
    """Paragraphs wrapped to ``width``, the very first line after ``first``, every other one after ``rest``."""
    margin = first
    for paragraph in paragraphs:
        for piece in wrap(paragraph, width - cells(rest)):
            yield (Span(margin), Span(piece, style))
            margin = rest
