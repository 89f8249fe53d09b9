"""Finding the source map of a generated file: which keys to ask for next, and which answer is the one.

Tried in this order; the first that is found wins, and nothing after it is asked for:

===============  ================================================================================
``debug-id``     an image of the event says the file's debug id
``debug-id``     the generated file itself says it
``header``       the ``SourceMap`` (or ``X-SourceMap``) header that the generated file is served with
``comment``      its ``sourceMappingURL``, seen from where it lies, then from the URL it crashed under
``embedded``     the same, where the map itself stands in a ``data:`` URL
``generated``    a map says that it describes this file: no generated file needed
``convention``   ``app.js.map``, then ``app.map``; for ``app.min.js`` also those of ``app.js``
===============  ================================================================================

The generated file is asked for after the first. Names are those of the event's release and dist. Source of the order:
ECMA-426 ("Linking generated code to source maps", where a header comes before a comment) and the debug-id proposal.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from msgspec import Struct

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.javascript.data_urls import is_data_url
from sourcemaps.javascript.identifier import MINIFIED, SOURCE_MAP
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.urls import resolve, without_query
from sourcemaps.protocol import SourceIndex
from symbolicator.model import DebugImage, Event
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

MAX_IMAGES = 8
_SCRIPT_SUFFIX = re.compile(r"\.(?:[mc]?js|bundle|jsbundle)\Z", re.IGNORECASE)
_MINIFIED_SUFFIX = re.compile(r"[.\-]min(\.[mc]?js)\Z", re.IGNORECASE)
_HEADERS = ("sourcemap", "x-sourcemap")
"""The second is what the first was called before it was registered."""


class Found(Struct, frozen=True):
    """The map of a generated file.

    ``name``: where it lies. ``base``: what its sources are relative to, URL or path, as the crash names files.
    ``named_from``: the same as the map before it in a chain names files; empty for the first.
    """

    index: SourceIndex
    name: str
    base: str
    resolved_with: str
    named_from: str = ""


class Wanted(Struct, frozen=True):
    """What must be known before it can go on."""

    key: Key


class NotFound(Struct, frozen=True):
    """No map. ``minified``: the generated file, where that was found."""

    minified: Artifact | None
    misses: tuple[Missing, ...]

    @property
    def malformed(self) -> bool:
        """Whether there is a map that cannot be read."""
        return any(miss.malformed for miss in self.misses)


class _Candidate(Struct, frozen=True):
    key: Key
    base: str
    resolved_with: str


Discovery: TypeAlias = Found | Wanted | NotFound


def discover(path: str, event: Event, artifacts: Artifacts) -> Discovery:
    """Where the search for the map of ``path`` stands, given the answers so far."""
    misses: list[Missing] = []
    outcome = _first(_by_image(path, event.images), artifacts, misses)
    if outcome:
        return outcome
    minified = generated_file(path, event, artifacts, misses)
    if isinstance(minified, Wanted):
        return minified
    outcome = _first(_by_file(path, minified, event), artifacts, misses)
    return outcome or NotFound(minified, tuple(misses))


def key_of(event: Event, kind: str, by: str, value: str) -> Key:
    """A key by name, of the event's release and dist."""
    return Key(kind, by, value, event.release or "", event.dist or "")


def generated_file(path: str, event: Event, artifacts: Artifacts, misses: list[Missing]) -> Artifact | Wanted | None:
    """The file that crashed, by its debug id or by the URL it crashed under; notes in ``misses`` what is not there."""
    keys = [Key(MINIFIED, "debug_id", debug_id) for debug_id in _debug_ids(path, event.images)]
    for key in (*keys, key_of(event, MINIFIED, "url", path)):
        answer = artifacts.get(key)
        if answer is None:
            return Wanted(key)
        if isinstance(answer, Artifact):
            return answer
        misses.append(answer)
    return None


def _first(candidates: Iterator[_Candidate], artifacts: Artifacts, misses: list[Missing]) -> Found | Wanted | None:
    """The first candidate that is there or still unknown; notes those that are neither."""
    for candidate in candidates:
        answer = artifacts.get(candidate.key)
        if answer is None:
            return Wanted(candidate.key)
        if isinstance(answer, Artifact):
            index = cast("SourceIndex", answer.content)  # what our identifier loads for this kind
            return Found(index, answer.name, candidate.base, candidate.resolved_with)
        misses.append(answer)
    return None


def _by_image(path: str, images: Sequence[DebugImage]) -> Iterator[_Candidate]:
    for debug_id in _debug_ids(path, images):
        yield _Candidate(Key(SOURCE_MAP, "debug_id", debug_id), path, "debug-id")


def _debug_ids(path: str, images: Sequence[DebugImage]) -> list[str]:
    """Debug ids of the event's images that are this generated file."""
    own = [image.debug_id or "" for image in images if image.type == SOURCE_MAP and image.code_file == path]
    return [debug_id for raw in own[:MAX_IMAGES] if (debug_id := normalize_debug_id(raw))]


def _by_file(path: str, minified: Artifact | None, event: Event) -> Iterator[_Candidate]:
    if minified and isinstance(minified.content, MinifiedFile):
        yield from _named_by(path, minified, minified.content, event)
    yield _Candidate(key_of(event, SOURCE_MAP, "generated", path), path, "generated")
    for conventional in conventional_names(path):
        yield _Candidate(key_of(event, SOURCE_MAP, "url", conventional), conventional, "convention")


def _named_by(path: str, minified: Artifact, file: MinifiedFile, event: Event) -> Iterator[_Candidate]:
    """What the generated file says about its map, and the server about the file."""
    if file.debug_id:
        yield _Candidate(Key(SOURCE_MAP, "debug_id", file.debug_id), path, "debug-id")
    if header := _header(minified.headers):
        yield from _pointed_to(path, minified.name, header, "header", event)
    if file.source_map_url:
        yield from _pointed_to(path, minified.name, file.source_map_url, "comment", event)
    if file.embedded:
        yield _Candidate(key_of(event, SOURCE_MAP, "url", minified.name), path, "embedded")


def _header(headers: Mapping[str, str]) -> str | None:
    """The map's URL; nobody can send a whole map in a header."""
    found = next((headers[name].strip() for name in _HEADERS if headers.get(name, "").strip()), None)
    return None if found is None or is_data_url(found) else found


def _pointed_to(path: str, name: str, url: str, resolved_with: str, event: Event) -> Iterator[_Candidate]:
    """``url`` as a file says it that crashed as ``path`` and lies at ``name``, which need not be where it ran."""
    seen_from_crash = resolve(path, url)
    for seen in dict.fromkeys((resolve(name, url), seen_from_crash)):
        yield _Candidate(key_of(event, SOURCE_MAP, "url", seen), seen_from_crash, resolved_with)


def conventional_names(path: str) -> list[str]:
    """What tools call the map of a file that does not say."""
    bare = without_query(path)
    unminified = _MINIFIED_SUFFIX.sub(r"\1", bare)
    names = (name for file in (bare, unminified) for name in (file + ".map", _SCRIPT_SUFFIX.sub("", file) + ".map"))
    return list(dict.fromkeys(names))
