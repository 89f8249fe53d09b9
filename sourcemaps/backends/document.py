"""The JSON of a source map, checked and flattened: nested sections become a list of plain maps with offsets.

An indexed map holds others, each with the generated position that it starts at::

    {"version": 3, "sections": [{"offset": {"line": 0, "column": 0}, "map": {"version": 3, "sources": ["a.js"], …}}]}

Reading is lenient: what makes no sense is passed over and noted. Source: ECMA-426, "Source map format" and "Index map".
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.text import clean
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Buffer

MAX_BYTES = 128 * 1024 * 1024
MAX_VALUES = 16_000_000
"""Bound for the JSON's values: small ones take twenty times their text in memory."""
MAX_SECTIONS = 200_000
MAX_DEPTH = 32
MAX_OFFSET = 2**31 - 1

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/]*")
_FIRST_LINE = re.compile(r"[^\n\r]*")


@dataclass(frozen=True, slots=True)
class PlainMap:
    """One map without sections, and the generated position (0-based) that it starts at."""

    line0: int
    column0: int
    sources: tuple[str | None, ...]
    contents: tuple[str | None, ...]
    names: tuple[str, ...]
    mappings: str
    ignored: frozenset[int]
    function_maps: tuple[object, ...]


@dataclass(slots=True)
class Document:
    """A source map, flattened. ``sections`` counts those of the top level."""

    file: str | None
    debug_id: str | None
    sections: int
    maps: list[PlainMap] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)


def parse_document(data: Buffer) -> Document:
    """Parses and flattens a source map. Raises MalformedArtifact if ``data`` is none."""
    top = _json_object(_text(data))
    sections = top.get("sections")
    if not isinstance(sections, list) and not isinstance(top.get("mappings"), str):
        raise MalformedArtifact(
            "This is no source map: it has neither `mappings` nor `sections`. Pass the .map file of the build."
        )
    document = Document(_string(top.get("file")), _debug_id(top), len(sections) if isinstance(sections, list) else 0)
    if top.get("version") != 3:  # noqa: PLR2004 - the only version there is
        document.defects["`version` is not 3."] = None
    document.maps.extend(_flatten(top, document))
    return document


def _text(data: Buffer) -> str:
    """The map's text without byte order mark and without the line that keeps it from being run as a script."""
    if len(data) > MAX_BYTES:
        raise MalformedArtifact(
            f"The source map has more than {MAX_BYTES // 2**20} MiB, too much for the pure-Python backend: "
            "install the compiled core (`symbolicator doctor`)."
        )
    text = bytes(data).decode("utf-8-sig", "replace")
    return _FIRST_LINE.sub("", text, count=1) if text.startswith(")]}'") else text


def _json_object(text: str) -> dict[str, object]:
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        raise MalformedArtifact(f"The source map has more than {MAX_VALUES} values: install the compiled core.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedArtifact(
            f"The source map is no valid JSON ({error}): it is damaged or cut off, build and pass it again."
        ) from error
    if not isinstance(value, dict):
        raise MalformedArtifact("This is no source map: a JSON object is expected. Pass the .map file of the build.")
    return value


def _flatten(top: dict[str, object], document: Document) -> Iterator[PlainMap]:
    """The plain maps in the order of their sections; a stack stands for recursion."""
    pending: list[tuple[dict[str, object], int, int, int]] = [(top, 0, 0, 0)]
    taken = 0
    while pending:
        raw, line0, column0, depth = pending.pop()
        sections = raw.get("sections")
        if not isinstance(sections, list):
            yield _plain(raw, line0, column0, document.defects)
            continue
        taken += len(sections)
        if taken > MAX_SECTIONS or depth >= MAX_DEPTH:
            raise MalformedArtifact(
                f"The source map has more than {MAX_SECTIONS} sections or nests them deeper than {MAX_DEPTH}: build it "
                "again without so many parts."
            )
        if "mappings" in raw:
            document.defects["`mappings` beside `sections` were passed over."] = None
        inner = [_section(entry, line0, column0, document.defects) for entry in sections]
        pending.extend((*section, depth + 1) for section in reversed(inner) if section)


def _section(
    entry: object, line0: int, column0: int, defects: dict[str, None]
) -> tuple[dict[str, object], int, int] | None:
    """A section's map and where it starts in the whole file; None if it makes no sense."""
    offset, inner = (entry.get("offset"), entry.get("map")) if isinstance(entry, dict) else (None, None)
    if not isinstance(offset, dict) or not isinstance(inner, dict):
        defects["Sections without `offset` or `map` were passed over."] = None
        return None
    line, column = _offset(offset.get("line")), _offset(offset.get("column"))
    if line is None or column is None:
        defects["Sections whose `offset` is no line and column were passed over."] = None
        return None
    return inner, line0 + line, column + (column0 if line == 0 else 0)


def _offset(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= MAX_OFFSET else None


def _plain(raw: dict[str, object], line0: int, column0: int, defects: dict[str, None]) -> PlainMap:
    sources = _strings(raw.get("sources"), "sources", defects)
    contents = _strings(raw.get("sourcesContent"), "sourcesContent", defects)
    mappings = raw.get("mappings")
    if not isinstance(mappings, str):
        defects["A map without `mappings` was read as having none."] = None
    return PlainMap(
        line0,
        column0,
        tuple(_with_root(raw.get("sourceRoot"), source) for source in sources),
        (*contents[: len(sources)], *[None] * (len(sources) - len(contents))),
        tuple(name or "" for name in _strings(raw.get("names"), "names", defects)),
        mappings if isinstance(mappings, str) else "",
        _ignored(raw),
        _list(raw.get("x_facebook_sources")),
    )


def _strings(value: object, field_name: str, defects: dict[str, None]) -> tuple[str | None, ...]:
    """A list of strings; null and what is no string become None."""
    items = _list(value)
    if not all(item is None or isinstance(item, str) for item in items) or not isinstance(value, list | None):
        defects[f"`{field_name}` has entries that are no text."] = None
    return tuple(clean(item) if isinstance(item, str) else None for item in items)


def _with_root(root: object, source: str | None) -> str | None:
    """The source below ``sourceRoot``. A URL stays as it is; a path from the root keeps the root's host only."""
    if source is None or not isinstance(root, str) or not root or _SCHEME.match(source):
        return source
    root = clean(root)
    if source.startswith("/"):
        origin = _ORIGIN.match(root)
        return (origin.group() if origin else "") + source
    return root + ("" if root.endswith("/") else "/") + source


def _ignored(raw: dict[str, object]) -> frozenset[int]:
    """``ignoreList``, or the name it had before the standard took it over."""
    listed = raw.get("ignoreList", raw.get("x_google_ignoreList"))
    return frozenset(item for item in _list(listed) if type(item) is int)


def _list(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list) else ()


def _string(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _debug_id(top: dict[str, object]) -> str | None:
    """``debug_id`` is the older name and what tools inject last, so it wins over ``debugId``."""
    for key in ("debug_id", "debugId"):
        value = top.get(key)
        found = normalize_debug_id(value) if isinstance(value, str) else None
        if found:
            return found
    return None
