"""Text of sources as source maps count it: lines end as ECMAScript says, columns are UTF-16 units."""

import re

_LINE_END = re.compile("\r\n|[\n\r\u2028\u2029]")


def split_lines(text: str) -> list[str]:
    """The lines without their ends (ECMA-262, LineTerminatorSequence); what follows the last end is a line too."""
    return _LINE_END.split(text)


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


class LineTable:
    """Finds positions of a text by line and column."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [(match.start(), match.end()) for match in _LINE_END.finditer(text)]

    def index(self, line0: int, column0: int) -> int | None:
        """Where a position (0-based, column in UTF-16 units) lies, in code points; None past the last line."""
        if line0 > len(self._ends):
            return None
        start = self._ends[line0 - 1][1] if line0 else 0
        end = self._ends[line0][0] if line0 < len(self._ends) else len(self._text)
        return start + code_points(self._text[start:end], column0)
