"""Several maps in a row: a bundle of bundles, Hermes bytecode of a Metro bundle, packages that were compiled before.

Where a position's source is a generated file itself, its own map leads on. That is followed on evidence only:

===============  ================================================================================
``debug-id``     the source's text ends in a ``debugId`` comment, and a map has this id
``embedded``     its ``sourceMappingURL`` holds the map itself
``comment``      its ``sourceMappingURL`` leads to a map that lies exactly there
``generated``    it has no text, and a map says that it describes the file that lies exactly there
===============  ================================================================================

A map that a dependency names and nobody has is no problem: the position before it is a good answer. The deepest map
that names a token names it.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps import backends
from sourcemaps.javascript.columns import place_by_line
from sourcemaps.javascript.comments import find_debug_id, find_source_map_url, text_tail
from sourcemaps.javascript.data_urls import decode_data_url, is_data_url
from sourcemaps.javascript.discovery import Found, Wanted, key_of
from sourcemaps.javascript.identifier import SOURCE_MAP, described_file
from sourcemaps.javascript.places import Place, Place0
from sourcemaps.javascript.urls import is_below, is_same, resolve
from sourcemaps.ownership import rule_of_source
from sourcemaps.protocol import OriginalPosition, ScopeFrame, SourceIndex
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event
from symbolicator.protocols import Artifact, Artifacts, Key

IGNORE_LIST, NO_SOURCE = "source map's ignoreList", "source map without a source"
MAX_DEPTH = 8
MAX_FOLLOWED = 500
"""Sources of one event that are looked at for a map of their own."""
MAX_EMBEDDED_CHARACTERS = 32 * 1024 * 1024
_KEPT_EMBEDDED = 16


class Trail(Struct, frozen=True):
    """The way of one generated position to its original: through ``maps``, the generated file's own first.

    ``generated``: what the last map was asked for. ``position``: what it said; its ``name`` may be of a map before it.
    ``sources``: the source at each step, named as the first map names files. ``ignored``: one of the maps says so, or
    nobody wrote the code there: the file is generated, and its map knows nothing about the position.
    """

    maps: tuple[Found, ...]
    generated: Place0
    position: OriginalPosition
    sources: tuple[str | None, ...]
    ignored: bool

    @property
    def found(self) -> Found:
        """The map that knows the position."""
        return self.maps[-1]

    @property
    def abs_path(self) -> str | None:
        """The source as the crash would name it."""
        raw = self.found.index.source_name(self.position.source)
        return None if raw is None else resolve(self.found.base, raw)

    @property
    def other_by(self) -> str | None:
        """What says that it is not the user's own code, if anything does.

        That is the maps, or the rule for any of the sources: what a dependency was compiled from is the dependency's.
        """
        if self.ignored:
            return IGNORE_LIST
        if None in self.sources:
            return NO_SOURCE
        rules = (rule_of_source(source) for source in self.sources if source is not None)
        return next((rule.id for rule in rules if rule and not rule.in_app), None)


class _Candidate(Struct, frozen=True):
    """A map that may be the next. ``wanted``: where it, or the file that it describes, lies; empty if an id says so."""

    key: Key
    wanted: str
    next: str


def trace(
    found: Found, places: Mapping[Place, Place0], event: Event, artifacts: Artifacts
) -> tuple[dict[Place, Trail], set[Key]]:
    """Follows each place as far as the answers so far lead; and what must be known to go on.

    Places without a segment are left out. Raises `MalformedArtifact` if an index turns out to be damaged.
    """
    trails = _look_up((found,), places, {})
    open_ends, wanted = dict(trails), set[Key]()
    left = MAX_FOLLOWED
    for _ in range(MAX_DEPTH - 1):
        groups = _by_source(open_ends)
        left -= len(groups)
        if not groups or left < 0:
            break
        open_ends = {}
        for members in groups:
            step = _next(next(iter(members.values())), event, artifacts)
            if isinstance(step, Wanted):
                wanted.add(step.key)
            elif step is not None:
                asked = {place: (trail.position.line0, trail.position.column0) for place, trail in members.items()}
                deeper = _look_up((*next(iter(members.values())).maps, step), asked, members)
                open_ends |= deeper
                trails |= {place: replace(members[place], ignored=True) for place in members.keys() - deeper.keys()}
        trails |= open_ends
    return trails, wanted


def trail_of_call(trail: Trail, call: ScopeFrame) -> Trail | None:
    """The way to the call of a function that was inlined: the position in its caller. None if the map says none."""
    if call.source is None or call.line0 is None or call.column0 is None:
        return None
    position = OriginalPosition(call.source, call.line0, call.column0, None)
    outer = _trail(trail.maps, trail.generated, position, None)
    return replace(outer, sources=(*trail.sources[:-1], *outer.sources), ignored=outer.ignored)


def trail_of_line(found: Found, line0: int) -> Trail | None:
    """Where a whole generated line comes from, if that is one original line; column and name mean nothing."""
    position = place_by_line(found.index, line0)
    return None if position is None else _trail((found,), (line0, 0), position, None)


def _look_up(
    maps: tuple[Found, ...], places: Mapping[Place, Place0], before: Mapping[Place, Trail]
) -> dict[Place, Trail]:
    positions = maps[-1].index.original_positions(list(places.values()))
    known = {place: position for place, position in zip(places, positions, strict=True) if position is not None}
    return {place: _trail(maps, places[place], position, before.get(place)) for place, position in known.items()}


def _trail(maps: tuple[Found, ...], generated: Place0, position: OriginalPosition, before: Trail | None) -> Trail:
    found = maps[-1]
    source = found.index.source_name(position.source)
    if source is not None and found.named_from:
        source = resolve(found.named_from, source)
    ignored = found.index.source_ignored(position.source)
    if before is None:
        return Trail(maps, generated, position, (source,), ignored)
    named = replace(position, name=position.name or before.position.name)
    return Trail(maps, generated, named, (*before.sources, source), ignored or before.ignored)


def _by_source(trails: Mapping[Place, Trail]) -> list[dict[Place, Trail]]:
    groups: dict[tuple[tuple[Found, ...], int], dict[Place, Trail]] = {}
    for place, trail in trails.items():
        groups.setdefault((trail.maps, trail.position.source), {})[place] = trail
    return list(groups.values())


def _next(trail: Trail, event: Event, artifacts: Artifacts) -> Found | Wanted | None:
    """The map of the source that a trail ends in, if that is a generated file with evidence for one."""
    raw = trail.found.index.source_name(trail.position.source)
    if raw is None:
        return None
    text = trail.found.index.source_text(trail.position.source)
    if text is None:
        return _first(trail, raw, _by_description(trail, raw, event), "generated", artifacts)
    debug_id, url = _pointers(text)
    step: Found | Wanted | None = None
    if debug_id:
        key = Key(SOURCE_MAP, "debug_id", debug_id)
        step = _first(trail, raw, iter([_Candidate(key, "", "")]), "debug-id", artifacts)
    if step is None and url and is_data_url(url):
        return _embedded_step(trail, raw)
    if step is None and url:
        return _first(trail, raw, _by_comment(trail, raw, url, event), "comment", artifacts)
    return step


def _pointers(text: str) -> tuple[str | None, str | None]:
    """Debug id and map URL that a source's text ends in."""
    tail = text_tail(text)
    if "debugId=" not in tail and "sourceMappingURL=" not in tail:
        return None, None
    return find_debug_id(tail), find_source_map_url(tail)


def _by_description(trail: Trail, raw: str, event: Event) -> Iterator[_Candidate]:
    wanted = resolve(trail.found.name, raw)
    yield _Candidate(key_of(event, SOURCE_MAP, "generated", wanted), wanted, "")


def _by_comment(trail: Trail, raw: str, url: str, event: Event) -> Iterator[_Candidate]:
    """Seen from where the map lies that names the source, then from where the crash saw it."""
    for place in (trail.found.name, trail.found.base):
        wanted = resolve(resolve(place, raw), url)
        yield _Candidate(key_of(event, SOURCE_MAP, "url", wanted), wanted, url)


def _first(
    trail: Trail, raw: str, candidates: Iterator[_Candidate], resolved_with: str, artifacts: Artifacts
) -> Found | Wanted | None:
    for candidate in candidates:
        answer = artifacts.get(candidate.key)
        if answer is None:
            return Wanted(candidate.key)
        if isinstance(answer, Artifact):
            index = cast("SourceIndex", answer.content)  # what our identifier loads for this kind
            if _is_meant(candidate, answer.name, index) and not _is_known(trail, answer.name, index):
                base = resolve(resolve(trail.found.base, raw), candidate.next)
                return Found(index, answer.name, base, resolved_with, resolve(trail.sources[-1] or raw, candidate.next))
    return None


def _is_meant(candidate: _Candidate, name: str, index: SourceIndex) -> bool:
    """Stores answer with what fits best; here only the very file will do."""
    if not candidate.wanted:
        return True
    if candidate.key.by == "generated":
        return is_same(candidate.wanted, described_file(name, index.file))
    return is_below(candidate.wanted, name)


def _is_known(trail: Trail, name: str, index: SourceIndex) -> bool:
    """Whether the map is on the way already: it would lead round in a circle."""
    return any(found.index is index or found.name == name for found in trail.maps)


def _embedded_step(trail: Trail, raw: str) -> Found | None:
    index = _embedded(trail.found, trail.position.source)
    if index is None:
        return None
    base, name = resolve(trail.found.base, raw), resolve(trail.found.name, raw)
    return Found(index, name, base, "embedded", trail.sources[-1] or raw)


@lru_cache(maxsize=_KEPT_EMBEDDED)
def _embedded(found: Found, source: int) -> SourceIndex | None:
    """The map inside a source's text; None if it cannot be read. Kept, as each round of `needs` comes here again."""
    text = found.index.source_text(source) or ""
    url = _pointers(text)[1] or ""
    if len(url) > MAX_EMBEDDED_CHARACTERS:
        return None
    try:
        return backends.select().parse(found.name, decode_data_url(url))
    except MalformedArtifact:
        return None
