"""The JSON of a source map, checked field by field: a list of plain maps, one or as many as there are sections.

Reading is lenient: what makes no sense is passed over and noted. Source: ECMA-426, "Source map format".
"""

import json
import re

from msgspec import Struct, field

from sourcemaps.backends.metro import Metro, read_metro
from sourcemaps.backends.sections import END, Placed, Position, place_maps
from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.text import clean
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Buffer

MAX_BYTES = 128 * 1024 * 1024
MAX_VALUES = 16_000_000
"""Bound for the JSON's values: small ones take twenty times their text in memory."""
_ROOT_ALLOWANCE = 1 << 20
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^/]*")
_FIRST_LINE = re.compile(r"[^\n\r]*")


class PlainMap(Struct, frozen=True):
    """One map without sections, and the part of the generated file that it describes."""

    start: Position
    limit: Position
    sources: tuple[str | None, ...]
    contents: tuple[str | None, ...]
    names: tuple[str, ...]
    mappings: str
    ignored: frozenset[int]
    function_maps: tuple[object, ...]
    scopes: object = None
    ranges: object = None
    range_mappings: object = None


class Document(Struct):
    """A source map, flattened. ``size``: bytes of the map; ``sections``: how many plain maps an indexed one has."""

    size: int
    file: str | None
    debug_id: str | None
    sections: int = 0
    maps: list[PlainMap] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)
    metro: Metro = field(default_factory=Metro)


def parse_document(data: Buffer) -> Document:
    """Parses and flattens a source map. Raises MalformedArtifact if ``data`` is none."""
    top = _json_object(_text(data))
    if "mappings" not in top and "sections" not in top:
        raise MalformedArtifact(
            "This is no source map: it has neither `mappings` nor `sections`. Pass the .map file of the build."
        )
    document = Document(len(data), _string(top.get("file")), _debug_id(top))
    if top.get("version") != 3:  # noqa: PLR2004 - the only version there is
        document.defects["`version` is not 3."] = None
    document.metro = read_metro(top, document.defects)
    segments = document.metro.segments.values()
    limit = min((segment.start for segment in segments), default=END)
    document.maps.extend(
        _plain(placed, document) for placed in place_maps(Placed(top, (0, 0), limit), document.defects)
    )
    document.sections = len(document.maps) if "sections" in top else 0
    for segment in segments:
        placed_maps = place_maps(Placed(segment.raw, segment.start, segment.limit), document.defects)
        document.maps.extend(_plain(placed, document) for placed in placed_maps)
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


def _plain(placed: Placed, document: Document) -> PlainMap:
    raw, defects = placed.raw, document.defects
    sources = _strings(raw.get("sources"), "sources", defects)
    contents = _strings(raw.get("sourcesContent"), "sourcesContent", defects)
    mappings = raw.get("mappings")
    if not isinstance(mappings, str):
        defects["A map whose `mappings` are no text was read as having none."] = None
    return PlainMap(
        placed.start,
        placed.limit,
        _with_root(raw.get("sourceRoot"), sources, document),
        (*contents[: len(sources)], *[None] * (len(sources) - len(contents))),
        tuple(name or "" for name in _strings(raw.get("names"), "names", defects)),
        mappings if isinstance(mappings, str) else "",
        _ignored(raw),
        _list(raw.get("x_facebook_sources")),
        raw.get("scopes"),
        raw.get("ranges"),
        raw.get("rangeMappings"),
    )


def _strings(value: object, field_name: str, defects: dict[str, None]) -> tuple[str | None, ...]:
    """A list of strings; null and what is no string become None."""
    items = _list(value)
    if not all(item is None or isinstance(item, str) for item in items) or not isinstance(value, list | None):
        defects[f"`{field_name}` has entries that are no text."] = None
    return tuple(clean(item) if isinstance(item, str) else None for item in items)


def _with_root(root: object, sources: tuple[str | None, ...], document: Document) -> tuple[str | None, ...]:
    """The sources below ``sourceRoot``, unless a long root would take a multiple of the map's own size."""
    if not isinstance(root, str) or not root:
        return sources
    if len(root) * len(sources) > document.size + _ROOT_ALLOWANCE:
        document.defects["`sourceRoot` is too long for so many sources and was passed over."] = None
        return sources
    return tuple(None if source is None else _join(clean(root), source) for source in sources)


def _join(root: str, source: str) -> str:
    """A URL stays as it is; a path from the root keeps the root's host only."""
    if _SCHEME.match(source):
        return source
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
