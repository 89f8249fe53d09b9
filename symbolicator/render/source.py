"""Source lines around a failing one.

As in::

   9 │     return euros(cart.total(country));
  10 │   } catch (error) {
> 11 │     throw new CheckoutError(cart.customer, error);
     │           ^
  12 │   }
"""

from collections.abc import Iterator, Sequence

from symbolicator.model import Frame
from symbolicator.render.calls import columns_in_utf16
from symbolicator.render.lines import ELLIPSIS, Line, Span, Style, cells, cut, cut_front
from symbolicator.render.safe import TAB, safe_source

INDENT = "    "
_BAR = "│ "
_AHEAD = 3
"""A line that is cut keeps one part in this many of the width to the right of its column."""


def source_block(frame: Frame, platform: str | None, around: int, width: int) -> Iterator[Line]:
    """The failing line with ``around`` lines before and after it, as far as the frame has them."""
    if frame.context_line is None:
        return
    line1 = frame.lineno
    before = _without_blank_start(tuple(frame.pre_context or ())[-around:])
    if line1 is not None:
        before = before[max(0, len(before) - line1 + 1) :]
    after = _without_blank_start(tuple(frame.post_context or ())[:around][::-1])[::-1]
    digits = len(str((line1 or 0) + len(after)))
    gutter = _Gutter(digits, line1, width)
    yield from gutter.lines(before, -len(before))
    yield from gutter.failing(frame.context_line, frame.colno, utf16=columns_in_utf16(platform))
    yield from gutter.lines(after, 1)


def _without_blank_start(lines: tuple[str, ...]) -> tuple[str, ...]:
    blank = next((index for index, text in enumerate(lines) if text.strip()), len(lines))
    return lines[blank:]


class _Gutter:
    """Puts marker and line number in front of source lines. ``line1`` is the failing line's number, 1-based."""

    def __init__(self, digits: int, line1: int | None, width: int) -> None:
        self._digits = digits if line1 is not None else 0
        self._line1 = line1
        self._room = max(8, width - len(INDENT) - 2 - self._digits - 1 - len(_BAR))

    def _margin(self, offset: int | None, marker: str = " ") -> tuple[Span, ...]:
        number = "" if self._line1 is None or offset is None else str(self._line1 + offset)
        gutter = f"{number:>{self._digits}} " if self._digits else ""
        return (Span(f"{INDENT}{marker} ", Style.MARKER), Span(f"{gutter}{_BAR}", Style.DIM))

    def lines(self, texts: Sequence[str], first: int) -> Iterator[Line]:
        for offset, text in enumerate(texts, first):
            source = safe_source(text[: self._room * 2])
            yield (*self._margin(offset), Span(cut(source, self._room), Style.SOURCE))

    def failing(self, text: str, column1: int | None, *, utf16: bool) -> Iterator[Line]:
        at = None if column1 is None else _index_of(text, column1 - 1, utf16=utf16)
        source, caret = _cut_around(text, at, self._room)
        yield (*self._margin(0, ">"), Span(source, Style.FAILING))
        if caret is not None:
            yield (*self._margin(None), Span(" " * caret + "^", Style.MARKER))


def _index_of(text: str, column0: int, *, utf16: bool) -> int | None:
    """Index of the character at a column in UTF-16 units or UTF-8 bytes; None if the line is shorter."""
    if text.isascii():
        return column0 if 0 <= column0 <= len(text) else None
    encoding, unit = ("utf-16-le", 2) if utf16 else ("utf-8", 1)
    encoded = text.encode(encoding, "surrogatepass")
    if not 0 <= column0 * unit <= len(encoded):
        return None
    return len(encoded[: column0 * unit].decode(encoding, "ignore"))


def _cut_around(text: str, at: int | None, room: int) -> tuple[str, int | None]:
    """The part of the line around index ``at`` in ``room`` cells, and the cell of ``at`` within it."""
    if at is None:
        return cut(safe_source(text[: room * 2]), room), None
    head = _escaped_tail(text[:at].expandtabs(TAB), room)
    tail = safe_source(text[: at + room].expandtabs(TAB)[len(text[:at].expandtabs(TAB)) :])
    keep = room - min(cells(tail), room // _AHEAD)
    head = cut_front(head, keep)
    return head + cut(tail, room - cells(head)), cells(head)


def _escaped_tail(text: str, room: int) -> str:
    """The end of the text, of which no more than ``room`` cells are needed."""
    return safe_source(text) if len(text) <= room else ELLIPSIS + safe_source(text[-room:])
