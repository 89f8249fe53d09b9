r"""Many globs against one text: which of them match, without trying each.

>>> globs = Globs(in_path)
>>> globs.add("*/node_modules/*", 0)
>>> globs.add("*.dll", 1)
>>> globs.hits("node_modules\\x\\a.DLL")
(0, 1)

``*`` stands for any text, ``?`` for a character, ``*/`` in front also for nothing; nothing else is special. In paths
slashes match in either direction and case does not matter. Each text is looked at once: the same packages, files and
classes come again and again. Time is linear in the text for each glob, whatever is in either.
"""

import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import Final

MAX_VALUE: Final = 4_000
"""Of a text; what follows is not looked at."""
_MAX_KEPT = 20_000
_ANY, _FOLDER = "*", "*/"


def as_it_is(text: str) -> str:
    """How names are compared."""
    return text


def in_path(text: str) -> str:
    """How paths are compared."""
    return text.replace("\\", "/").lower()


def file_name(text: str) -> str:
    """How paths are compared of which only the last component counts, in an archive the one behind its ``!``."""
    return in_path(text).rstrip("/").rpartition("/")[2].rpartition("!")[2]


class Globs:
    """Globs by number. ``prepare``: how globs and texts are compared."""

    def __init__(self, prepare: Callable[[str], str] = as_it_is) -> None:
        self._prepare = prepare
        self._exact: dict[str, list[int]] = {}
        self._starts: dict[str, list[int]] = {}
        self._inside: dict[str, list[int]] = {}
        self._others: list[tuple[str, re.Pattern[str] | tuple[str, ...], int]] = []
        self._first: tuple[str, ...] = ()
        self._known: dict[str, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._exact or self._starts or self._inside or self._others)

    def add(self, glob: str, number: int) -> None:
        """Adds a glob; a number may stand for several."""
        glob = self._prepare(glob)
        body = glob.strip(_ANY)
        is_plain = _ANY not in body and "?" not in body
        if is_plain and glob == body:
            self._exact.setdefault(body, []).append(number)
        elif is_plain and glob == f"{body}{_ANY}":
            self._starts.setdefault(body, []).append(number)
            self._first = tuple(self._starts)
        elif is_plain and glob == f"{_ANY}{body}{_ANY}":
            self._inside.setdefault(body, []).append(number)
        else:
            self._others.append((glob, _compiled(glob), number))

    def hits(self, text: str) -> tuple[int, ...]:
        """The numbers of the globs that match, each once, in order."""
        text = text[:MAX_VALUE]
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _MAX_KEPT:
                self._known.clear()
            found = self._known[text] = tuple(sorted(set(self._found(self._prepare(text)))))
        return found

    def _found(self, text: str) -> Iterator[int]:
        below_root = f"/{text}"
        yield from self._exact.get(text, ())
        if text.startswith(self._first):
            yield from (one for start, numbers in self._starts.items() if text.startswith(start) for one in numbers)
        for body, numbers in self._inside.items():
            if body in below_root if body.startswith("/") else body in text:
                yield from numbers
        for glob, pattern, number in self._others:
            if _fits(pattern, below_root if glob.startswith(_FOLDER) else text):
                yield number


def _compiled(glob: str) -> re.Pattern[str] | tuple[str, ...]:
    """The texts between stars, which are found faster than a pattern is compiled."""
    return re.compile(translate(glob.replace("[", "[[]"))) if "?" in glob else tuple(glob.split(_ANY))


def _fits(pattern: re.Pattern[str] | tuple[str, ...], text: str) -> bool:
    if isinstance(pattern, re.Pattern):
        return pattern.match(text) is not None
    first, *middle, last = pattern
    at, end = len(first), len(text) - len(last)
    if end < at or not text.startswith(first) or not text.endswith(last):
        return False
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
