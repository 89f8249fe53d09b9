"""The text of original sources: from the map, or from a source file among the artifacts where the map has none.

A file is found as the map names it, seen from where the map lies, then as the crash would name it.
"""

from typing import TypeAlias

from msgspec import Struct, field

from sourcemaps.javascript.chains import Trail
from sourcemaps.javascript.context import SourceContext, context_in, context_of
from sourcemaps.javascript.discovery import Found, key_of
from sourcemaps.javascript.identifier import described_file
from sourcemaps.javascript.scripts import scripts_of
from sourcemaps.javascript.urls import components, is_same, resolve
from sourcemaps.ownership import rule_of_source
from sourcemaps.text import split_lines
from symbolicator.enrich.source_files import KIND, SourceFile, is_same_file
from symbolicator.model import Event
from symbolicator.protocols import Artifact, Artifacts, Key

_Source: TypeAlias = tuple[Found, int]
"""A map, and the number of a source in it."""


class Texts(Struct):
    """The texts that the trails of one event end in.

    ``wanted``: what must be known to tell. ``missing``: own sources that nobody has the text of, by their map's name.
    """

    event: Event
    artifacts: Artifacts
    wanted: set[Key] = field(default_factory=set)
    missing: dict[str, dict[str, None]] = field(default_factory=dict)
    _files: dict[_Source, str | None] = field(default_factory=dict)
    _are_scripts: dict[_Source, bool] = field(default_factory=dict)

    def of(self, trail: Trail) -> str | None:
        """The whole text."""
        text = trail.found.index.source_text(trail.position.source)
        return self.in_file(trail) if text is None else text

    def is_script(self, trail: Trail) -> bool:
        """Whether there is a text that functions can be read from."""
        source = (trail.found, trail.position.source)
        if source not in self._are_scripts:
            text = self.of(trail)
            self._are_scripts[source] = text is not None and bool(scripts_of(text, trail.sources[-1] or ""))
        return self._are_scripts[source]

    def context(self, trail: Trail) -> SourceContext | None:
        """The lines around the position; None where there is no text, or not that many lines."""
        context = context_of(trail.found.index, trail.position)
        text = self.in_file(trail) if context is None else None
        if text is None:
            return context
        return context_in(split_lines(text), trail.position.line0, trail.position.column0)

    def in_file(self, trail: Trail) -> str | None:
        """The text in a file of its own, where the map has none."""
        source = (trail.found, trail.position.source)
        if source not in self._files:
            self._files[source] = None if _map_has_text(trail) else self._find(trail)
        return self._files[source]

    def _find(self, trail: Trail) -> str | None:
        raw = trail.found.index.source_name(trail.position.source)
        if raw is None:
            return None
        for wanted in dict.fromkeys((resolve(trail.found.name, raw), resolve(trail.found.base, raw))):
            key = key_of(self.event, KIND, "path", wanted)
            answer = self.artifacts.get(key)
            if answer is None:
                self.wanted.add(key)
                return None
            if isinstance(answer, Artifact) and (text := _original_text(trail, wanted, answer)) is not None:
                return text
        self._note_missing(trail)
        return None

    def _note_missing(self, trail: Trail) -> None:
        """Nobody misses the text of a dependency."""
        source = trail.sources[-1]
        if source is not None and trail.other_by is None:
            self.missing.setdefault(trail.found.name, {})[source] = None


def _map_has_text(trail: Trail) -> bool:
    return trail.found.index.source_lines(trail.position.source, 0, 1) is not None


def _original_text(trail: Trail, wanted: str, answer: Artifact) -> str | None:
    """The text of a file that was found, if it is the source: not the generated file, nor another of that name."""
    if not isinstance(answer.content, SourceFile) or not is_same_file(wanted, answer.name):
        return None
    is_named_only = len(components(answer.name)) == 1 and rule_of_source(wanted) is not None
    is_generated = is_same(answer.name, described_file(trail.found.name, trail.found.index.file))
    return None if is_named_only or is_generated else answer.content.text
