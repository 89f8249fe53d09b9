"""Where the search for one event stands: the map of each generated file, the way of each position, the sources' texts.

What is wanted is asked for in this order, because each step needs the whole of the one before: the maps of generated
files, the maps that those lead to, the texts that the maps do not have.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sourcemaps.javascript.builtins import is_builtin
from sourcemaps.javascript.chains import trace, trail_of_line
from sourcemaps.javascript.discovery import Found, NotFound, Wanted, discover, key_of
from sourcemaps.javascript.generated import Generated
from sourcemaps.javascript.identifier import MINIFIED, SOURCE_MAP
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.texts import Texts
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event, Frame
from symbolicator.model.edit import platform_of, stacks_of
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

if TYPE_CHECKING:
    from sourcemaps.javascript.chains import Trail
    from sourcemaps.javascript.discovery import Discovery
    from sourcemaps.javascript.places import Place

MAX_FILES = 500
"""Generated files that one event is searched maps for."""

MAX_LINES = 50
"""Lines without a column that one event is searched for: each is a thousand lookups."""

PLATFORMS = frozenset({"javascript", "node"})


def is_own(event: Event, frame: Frame) -> bool:
    """Whether it is for JavaScript to resolve the frame."""
    return frame.status is None and platform_of(event, frame) in PLATFORMS


class Survey:
    """What the artifacts so far say about the own frames of one event.

    ``trails``: by generated file and place. ``lines``: by generated file and line (1-based), of frames without column.
    """

    def __init__(self, event: Event, artifacts: Artifacts) -> None:
        self.generated = Generated.of(event)
        self.texts = Texts(event, artifacts)
        self.trails: dict[str, dict[Place, Trail]] = {}
        self.lines: dict[tuple[str, int], Trail | None] = {}
        self._event, self._artifacts = event, artifacts
        self._frames = self._frames_by_file()
        self._next: set[Key] = set()
        self.states: dict[str, Discovery] = {path: discover(path, event, artifacts) for path in self._frames}

    def _frames_by_file(self) -> dict[str, list[Frame]]:
        """The generated files to find maps for, in the order of the stacks, with their frames."""
        files: dict[str, list[Frame]] = {}
        for frame in _own_frames(self._event):
            path = self.generated.path(frame)
            if path and self.generated.has_line(frame) and (path in files or len(files) < MAX_FILES):
                files.setdefault(path, []).append(frame)
        return files

    def wanted(self) -> frozenset[Key]:
        """What must be known to go on; nothing once everything is known."""
        maps = {state.key for state in self.states.values() if isinstance(state, Wanted)}
        if maps:
            return frozenset(maps)
        scripts = self._unknown_scripts() if self.generated.counts_code_points else set()
        if scripts:
            return frozenset(scripts)
        self.follow()
        if not self._next:
            self._each(self._look_for_texts)
        return frozenset(self._next or self.texts.wanted)

    def _unknown_scripts(self) -> set[Key]:
        """The generated files whose columns cannot be told without their text."""
        found = (path for path, state in self.states.items() if isinstance(state, Found))
        return {key_of(self._event, MINIFIED, "url", path) for path in found} - self._artifacts.keys()

    def follow(self) -> None:
        """Looks all positions up."""
        self._each(self._trace)

    def _each(self, step: Callable[[str, Found], None]) -> None:
        """Takes a step for every file with a map. One that turns out to be damaged costs its own frames."""
        for path, state in list(self.states.items()):
            if isinstance(state, Found):
                try:
                    step(path, state)
                except MalformedArtifact as error:
                    self.give_up(path, error)

    def _trace(self, path: str, found: Found) -> None:
        places = sorted({place for frame in self._frames[path] if (place := self.place(frame))})
        asked = {place: (place[0] - 1, place[1] - 1) for place in places}
        self.trails[path], wanted = trace(found, asked, self._event, self._artifacts)
        self._next |= wanted
        for line1 in sorted({frame.lineno or 0 for frame in self._frames[path] if not self.generated.has_place(frame)}):
            if (path, line1) not in self.lines and len(self.lines) < MAX_LINES:
                self.lines[path, line1] = trail_of_line(found, line1 - 1)

    def place(self, frame: Frame) -> "Place | None":
        """Where the map of the frame's file is to be asked, if there is one and the frame has a place there."""
        path = self.generated.path(frame)
        state = self.states.get(path or "")
        if path is None or not isinstance(state, Found):
            return None
        answer = self._artifacts.get(key_of(self._event, MINIFIED, "url", path))
        file = answer.content if isinstance(answer, Artifact) and isinstance(answer.content, MinifiedFile) else None
        return self.generated.place(frame, state.index, file)

    def _look_for_texts(self, path: str, _found: Found) -> None:
        for trail in self.trails.get(path, {}).values():
            self.texts.in_file(trail)

    def give_up(self, path: str, error: MalformedArtifact) -> None:
        """Notes that the map of a file, or one that it leads to, cannot be read."""
        self.trails.pop(path, None)
        self.states[path] = NotFound(None, (Missing(Key(SOURCE_MAP, "url", path), str(error), malformed=True),))


def _own_frames(event: Event) -> Iterator[Frame]:
    for _, stack in stacks_of(event):
        yield from (frame for frame in stack.frames if is_own(event, frame) and not is_builtin(frame))
