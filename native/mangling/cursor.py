"""A position in a mangled name, with what every reader of a grammar needs, and limits against names that never end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

MAX_DEPTH = 96
MAX_STEPS = 20_000
"""Parts that a name may consist of: references back to parts of itself can repeat without end."""


class NotReadError(Exception):
    """The text does not follow the grammar, or a part of it that is not read."""


class Cursor:
    """Reads from ``at`` on."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._steps = 0

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        """One level down. Raises `NotReadError` beyond the limits."""
        self._depth += 1
        self._steps += 1
        if self._depth > MAX_DEPTH or self._steps > MAX_STEPS:
            raise NotReadError
        yield
        self._depth -= 1

    def _starts(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _starts_with_any(self, letters: str) -> bool:
        return self._text[self._at : self._at + 1] in {*letters}

    def _accept(self, text: str) -> bool:
        """Reads past ``text`` if it is next."""
        found = self._starts(text)
        self._at += len(text) if found else 0
        return found

    def _accept_match(self, pattern: re.Pattern[str]) -> str | None:
        """Reads past what ``pattern`` matches here, if anything."""
        match = pattern.match(self._text, self._at)
        if not match:
            return None
        self._at = match.end()
        return match[0]

    def _require(self, pattern: re.Pattern[str]) -> str:
        found = self._accept_match(pattern)
        if found is None:
            raise NotReadError
        return found

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            raise NotReadError

    def _next(self) -> str:
        letter = self._text[self._at : self._at + 1]
        if not letter:
            raise NotReadError
        self._at += 1
        return letter
