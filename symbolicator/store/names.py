r"""Which of the known names is meant: URLs and paths compared the way that builds and deployments change them.

A bundle is thrown as ``https://cdn.example/static/app.js?v=3`` and lies on disk as ``dist/static/app.js``. The first
rule that fits decides, and it never guesses: several names that fit equally well are no match.

1. equal
2. equal without query and fragment
3. equal without scheme and host (``~/static/app.js`` stands for any host)
4. most trailing path components in common, at least the file name

>>> match("https://cdn.example/static/app.js?v=3", ["dist/static/app.js", "dist/admin/app.js"])
'dist/static/app.js'
>>> match("app.js", ["shop/app.js", "admin/app.js"]) is None
True

Separators are ``/`` and ``\``, ``.`` and ``..`` are resolved, percent-encoding is undone, case counts. The ``~/`` form
and the order of the first three rules are those of Sentry's release artifacts.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

from msgspec import Struct

T = TypeVar("T")

MAX_NAME_CHARACTERS = 4096
"""A longer name only ever equals itself: it is no path (``data:`` URLs, attacks)."""
MAX_CANDIDATES = 200
"""How many equally good names are told apart; with more the answer is ambiguous anyway."""

_ORIGIN = re.compile(r"(?:blob:)?[A-Za-z][A-Za-z0-9+.\-]*://[^/\\?#]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Name(Struct, frozen=True):
    """A URL or path, taken apart."""

    bare: str
    """Without query and fragment."""
    parts: tuple[str, ...]
    """Path components, decoded, from the root to the file name; empty if it has none."""
    rooted: bool
    """Whether ``parts`` start at the root of a site: a URL, or ``~/…``."""


def parse(raw: str) -> Name:
    """Takes a URL or path apart; never fails."""
    if len(raw) > MAX_NAME_CHARACTERS:
        return Name(raw, (), rooted=False)
    origin = _ORIGIN.match(raw)
    bare = _without_query(raw, is_url=origin is not None)
    path = bare[origin.end() :] if origin else bare
    rooted = origin is not None or path.startswith("~/")
    return Name(bare, _components(path.removeprefix("~/")), rooted)


def file_name(raw: str) -> str:
    """The last path component, decoded, without query; empty if there is none."""
    parts = parse(raw).parts
    return parts[-1] if parts else ""


def storable(raw: str) -> str:
    """The name without lone surrogates (a file name's undecodable bytes, broken JSON), percent-encoded instead."""
    return _SURROGATE.sub(_percent_encoded, raw)


def _percent_encoded(found: re.Match[str]) -> str:
    is_raw_byte = "\udc80" <= found[0] <= "\udcff"
    return quote(found[0].encode("utf-8", "surrogateescape" if is_raw_byte else "surrogatepass"))


def _without_query(raw: str, *, is_url: bool) -> str:
    bare = raw.partition("?")[0]
    head, mark, tail = bare.partition("#")
    is_folder = mark and not is_url and ("/" in tail or "\\" in tail)  # as in C#/main.cs
    return bare if is_folder else head


def _components(path: str) -> tuple[str, ...]:
    kept: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(unquote(part))
    return tuple(kept)


class NameIndex(Generic[T]):
    """Known names, each with what it stands for, ready to be asked for many others: O(log n) each."""

    def __init__(self, known: Iterable[tuple[str, T]]) -> None:
        self._by_raw: dict[str, list[tuple[str, T]]] = {}
        self._by_bare: dict[str, list[tuple[str, T]]] = {}
        self._by_root: dict[tuple[str, ...], list[tuple[str, T]]] = {}
        reversed_parts: list[tuple[tuple[str, ...], tuple[str, T]]] = []
        for entry in known:
            name = parse(entry[0])
            self._by_raw.setdefault(entry[0], []).append(entry)
            self._by_bare.setdefault(name.bare, []).append(entry)
            if name.parts:
                reversed_parts.append((name.parts[::-1], entry))
            if name.parts and name.rooted:
                self._by_root.setdefault(name.parts, []).append(entry)
        reversed_parts.sort(key=lambda pair: pair[0])
        self._suffixes = [parts for parts, _ in reversed_parts]
        self._by_suffix = [entry for _, entry in reversed_parts]

    def find(self, wanted: str) -> tuple[tuple[str, T], ...]:
        """The best candidates by the first rule that has any. One is a match, several are ambiguous, none is none."""
        name = parse(wanted)
        found = self._by_raw.get(wanted) or self._by_bare.get(name.bare)
        if not found and name.rooted:
            found = _without_host_first(self._by_root.get(name.parts, []))
        return tuple((found or self._find_by_suffix(name.parts[::-1]))[: MAX_CANDIDATES + 1])

    def _find_by_suffix(self, wanted: tuple[str, ...]) -> list[tuple[str, T]]:
        """In the sorted list the longest common start is found beside the place where ``wanted`` would stand."""
        at = bisect_left(self._suffixes, wanted)
        length = max((_common(wanted, parts) for parts in self._suffixes[max(at - 1, 0) : at + 1]), default=0)
        if not length:
            return []
        start = bisect_left(self._suffixes, wanted[:length])
        end = bisect_right(self._suffixes, wanted[:length], lo=start, key=lambda parts: parts[:length])
        return self._by_suffix[start : min(end, start + MAX_CANDIDATES + 1)]


def _without_host_first(found: list[tuple[str, T]]) -> list[tuple[str, T]]:
    """``~/path`` is meant for any host, another host's URL only as a second choice."""
    return [entry for entry in found if entry[0].startswith("~/")] or found


def _common(left: tuple[str, ...], right: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def match(wanted: str, known: Iterable[str]) -> str | None:
    """The one known name that ``wanted`` means; None if there is none or several fit equally well."""
    found = NameIndex((name, name) for name in dict.fromkeys(known)).find(wanted)
    return found[0][0] if len(found) == 1 else None
