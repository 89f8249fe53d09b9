r"""The statement around a position, found by its indentation, without reading the rest of the file.

A parser takes a second for two megabytes and may stumble over a construct far away. What people and bundlers write
begins its statements at the left: the lines around a position that begin so enclose a piece that parses by itself.

>>> text = "const a = 1;\nfunction total() {\n  return sum();\n}\nrun();\n"
>>> statements_around(text, text.index("sum"))
[(13, 49)]

It is a guess: a piece counts only if it parses without an error and has a function around the position.
"""

import re

MAX_STATEMENT = 256 * 1024
"""Characters."""
MAX_LINES = 10_000
INDENTATIONS = (0, 1, 2, 4, 8)

_BEGINNING = re.compile(r"[ \t]*(?=[\w$@(\[!+\-'\"`])(?!(?:else|catch|finally|case|default\s*:)\b)")


def statements_around(text: str, index: int) -> list[tuple[int, int]]:
    """Ranges in characters around a position, for each indentation from the left the one that fits, largest first."""
    found: list[tuple[int, int]] = []
    for indentation in INDENTATIONS:
        start, end = _start(text, index, indentation), _end(text, index, indentation)
        if start is not None and end is not None and (start, end) not in found:
            found.append((start, end))
    return found


def _start(text: str, index: int, indentation: int) -> int | None:
    """Beginning of the line at or before the position that a statement begins on."""
    at = index
    for _ in range(MAX_LINES):
        at = text.rfind("\n", 0, at) + 1
        if index - at > MAX_STATEMENT:
            return None
        if _begins(text, at, indentation):
            return at
        if at == 0:
            return None
        at -= 1
    return None


def _end(text: str, index: int, indentation: int) -> int | None:
    """Beginning of the next line that a statement begins on, or the end of the text."""
    at = index
    for _ in range(MAX_LINES):
        at = text.find("\n", at) + 1
        if at == 0:
            return len(text) if len(text) - index <= MAX_STATEMENT else None
        if at - index > MAX_STATEMENT:
            return None
        if _begins(text, at, indentation):
            return at
    return None


def _begins(text: str, line_start: int, indentation: int) -> bool:
    found = _BEGINNING.match(text, line_start, line_start + indentation + 16)
    return found is not None and found.end() - line_start <= indentation
