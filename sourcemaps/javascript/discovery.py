"""Finding the source map of a generated file: which keys to ask for next, and which answer is the one.

Tried in this order; the first that is found wins, and nothing after it is asked for:

===============  ================================================================================
``debug-id``     an image of the event says the file's debug id
``debug-id``     the generated file itself says it
``embedded``     the generated file carries the map in a ``data:`` URL
``comment``      its ``sourceMappingURL``, seen from where it lies, then from the URL it crashed under
``generated``    a map says that it describes this file: no generated file needed
``convention``   ``app.js.map``, then ``app.map``
===============  ================================================================================

The generated file is asked for after the first. Source of the order: ECMA-426 ("Linking generated code to source maps")
and the debug-id proposal.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias, cast

from msgspec import Struct

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.javascript.identifier import MINIFIED, SOURCE_MAP
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.urls import resolve, without_query
from sourcemaps.protocol import SourceIndex
from symbolicator.model import DebugImage
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

MAX_IMAGES = 8
_SCRIPT_SUFFIX = re.compile(r"\.(?:[mc]?js|bundle|jsbundle)\Z", re.IGNORECASE)


class Found(Struct, frozen=True):
    """The map of a generated file. ``base``: what its sources are relative to, URL or path."""

    index: SourceIndex
    name: str
    base: str
    resolved_with: str


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


def discover(path: str, images: Sequence[DebugImage], artifacts: Artifacts) -> Discovery:
    """Where the search for the map of ``path`` stands, given the answers so far."""
    misses: list[Missing] = []
    outcome = _first(_by_image(path, images), artifacts, misses)
    if outcome:
        return outcome
    minified = _generated_file(path, images, artifacts, misses)
    if isinstance(minified, Wanted):
        return minified
    outcome = _first(_by_file(path, minified), artifacts, misses)
    return outcome or NotFound(minified, tuple(misses))


def _generated_file(
    path: str, images: Sequence[DebugImage], artifacts: Artifacts, misses: list[Missing]
) -> Artifact | Wanted | None:
    """The file that crashed, by its debug id or by the URL it crashed under."""
    keys = [Key(MINIFIED, "debug_id", debug_id) for debug_id in _debug_ids(path, images)]
    for key in (*keys, Key(MINIFIED, "url", path)):
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


def _by_file(path: str, minified: Artifact | None) -> Iterator[_Candidate]:
    if minified and isinstance(minified.content, MinifiedFile):
        yield from _named_by(path, minified.name, minified.content)
    yield _Candidate(Key(SOURCE_MAP, "generated", path), path, "generated")
    bare = without_query(path)
    for conventional in dict.fromkeys((bare + ".map", _SCRIPT_SUFFIX.sub("", bare) + ".map")):
        yield _Candidate(Key(SOURCE_MAP, "url", conventional), conventional, "convention")


def _named_by(path: str, name: str, file: MinifiedFile) -> Iterator[_Candidate]:
    """What the generated file says about its map. ``name``: where it lies, which need not be where it ran."""
    if file.debug_id:
        yield _Candidate(Key(SOURCE_MAP, "debug_id", file.debug_id), path, "debug-id")
    if file.embedded:
        yield _Candidate(Key(SOURCE_MAP, "url", name), path, "embedded")
    if file.source_map_url:
        seen_from_crash = resolve(path, file.source_map_url)
        for url in dict.fromkeys((resolve(name, file.source_map_url), seen_from_crash)):
            yield _Candidate(Key(SOURCE_MAP, "url", url), seen_from_crash, "comment")
