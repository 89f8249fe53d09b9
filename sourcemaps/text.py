"""Text of sources as source maps count it: lines end as ECMAScript says, columns are UTF-16 units."""

import re

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """The lines without their ends (ECMA-262, LineTerminatorSequence); what follows the last end is a line too."""
    return _LINE_END.split(text)


def line_span(text: str, line0: int) -> tuple[int, int] | None:
    """Where line ``line0`` starts and ends in ``text`` (code points, without its end); None past the last line."""
    start = 0
    for _ in range(line0):
        end = _LINE_END.search(text, start)
        if end is None:
            return None
        start = end.end()
    end = _LINE_END.search(text, start)
    return start, end.start() if end else len(text)


def clean(text: str) -> str:
    r"""The text without lone surrogates: JSON's ``\ud800`` alone is no character and cannot be written out again."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def code_points(line: str, utf16_units: int) -> int:
    """How many code points of ``line`` the first ``utf16_units`` UTF-16 units are; its length where it is shorter."""
    if line.isascii():
        return min(utf16_units, len(line))
    units = line.encode("utf-16-le", "surrogatepass")[: 2 * utf16_units]
    return len(units.decode("utf-16-le", "ignore"))
