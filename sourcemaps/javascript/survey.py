"""Where the search for one event stands: the map of each generated file, the way of each position, the sources' texts.

What is wanted is asked for in this order, because each step needs the whole of the one before: the maps of generated
files, the maps that those lead to, the texts that the maps do not have.
"""

from typing import TYPE_CHECKING

from sourcemaps.javascript.builtins import is_builtin, path_of
from sourcemaps.javascript.chains import Place, trace
from sourcemaps.javascript.discovery import Found, NotFound, Wanted, discover
from sourcemaps.javascript.identifier import SOURCE_MAP
from sourcemaps.javascript.texts import Texts
from symbolicator.errors import MalformedArtifact
from symbolicator.model import Event, Frame
from symbolicator.model.edit import platform_of, stacks_of
from symbolicator.protocols import Artifacts, Key, Missing

if TYPE_CHECKING:
    from sourcemaps.javascript.chains import Trail
    from sourcemaps.javascript.discovery import Discovery

MAX_FILES = 500
"""Generated files that one event is searched maps for."""

PLATFORMS = frozenset({"javascript", "node"})


def is_own(event: Event, frame: Frame) -> bool:
    """Whether it is for JavaScript to resolve the frame."""
    return frame.status is None and platform_of(event, frame) in PLATFORMS


def place_of(frame: Frame) -> Place | None:
    """Generated line and column, if both are there and make sense."""
    line1, column1 = frame.lineno, frame.colno
    return (line1, column1) if line1 and column1 and line1 > 0 and column1 > 0 else None


def places_of(event: Event) -> dict[str, list[Place]]:
    """The generated files to find maps for, in the order of the stacks, and the places of their frames, each once."""
    places: dict[str, dict[Place, None]] = {}
    for _, stack in stacks_of(event):
        for frame in stack.frames:
            path, place = path_of(frame), place_of(frame)
            if path and place and is_own(event, frame) and not is_builtin(frame):
                places.setdefault(path, {})[place] = None
    return {path: sorted(places[path]) for path in list(places)[:MAX_FILES]}


class Survey:
    """What the artifacts so far say about the own frames of one event."""

    def __init__(self, event: Event, artifacts: Artifacts) -> None:
        self.texts = Texts(event, artifacts)
        self.trails: dict[str, dict[Place, Trail]] = {}
        self._event, self._artifacts = event, artifacts
        self._places = places_of(event)
        self._next_maps: set[Key] = set()
        self.states: dict[str, Discovery] = {path: discover(path, event, artifacts) for path in self._places}

    def wanted(self) -> frozenset[Key]:
        """What must be known to go on; nothing once everything is known."""
        maps = {state.key for state in self.states.values() if isinstance(state, Wanted)}
        if maps:
            return frozenset(maps)
        self.follow()
        if not self._next_maps:
            self._look_for_texts()
        return frozenset(self._next_maps or self.texts.wanted)

    def follow(self) -> None:
        """Looks all positions up. An index may turn out to be damaged only now: that costs its own frames."""
        for path, state in list(self.states.items()):
            if not isinstance(state, Found):
                continue
            places = {place: (place[0] - 1, place[1] - 1) for place in self._places[path]}
            try:
                self.trails[path], wanted = trace(state, places, self._event, self._artifacts)
            except MalformedArtifact as error:
                self.give_up(path, error)
            else:
                self._next_maps |= wanted

    def _look_for_texts(self) -> None:
        for path, trails in list(self.trails.items()):
            try:
                for trail in trails.values():
                    self.texts.in_file(trail)
            except MalformedArtifact as error:
                self.give_up(path, error)

    def give_up(self, path: str, error: MalformedArtifact) -> None:
        """Notes that the map of a file, or one that it leads to, cannot be read."""
        self.trails.pop(path, None)
        self.states[path] = NotFound(None, (Missing(Key(SOURCE_MAP, "url", path), str(error), malformed=True),))
