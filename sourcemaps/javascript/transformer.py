"""Resolves minified JavaScript frames through source maps.

Own frames: platform ``javascript`` or ``node``, with no status yet. `needs` asks round by round for what `discovery`
says; `transform` looks every position up and puts the original frames in place.
"""

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.javascript import problems
from sourcemaps.javascript.builtins import is_builtin, is_bundle_start, is_original
from sourcemaps.javascript.discovery import Discovery, Found, NotFound, Wanted, discover
from sourcemaps.javascript.frames import builtin_frame, line_frame, plain_frame, resolved_frame
from sourcemaps.javascript.generated import Generated
from sourcemaps.javascript.identifier import MINIFIED, SOURCE_MAP
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.resolution import Place, Resolution, resolve_line, resolve_places
from sourcemaps.javascript.syntax import Budget
from sourcemaps.javascript.urls import components
from symbolicator.errors import MalformedArtifact
from symbolicator.model import DebugImage, Event, Frame, FrameStatus, Problem, Stacktrace
from symbolicator.model.edit import platform_of, rewrite_frames, stacks_of, unresolved, with_problems
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

MAX_FILES = 500
"""Generated files that one event is searched maps for."""

MAX_LINES = 50
"""Lines without a column that one event is searched for: each is a thousand lookups."""

PLATFORMS = frozenset({"javascript", "node"})


class JavaScriptTransformer:
    """Resolves the frames of JavaScript."""

    name = "javascript"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """The next key for every generated file whose map is not found yet."""
        generated = Generated.of(event)
        states = {path: discover(path, event.images, artifacts) for path in _paths(event, generated)}
        wanted = {state.key for state in states.values() if isinstance(state, Wanted)}
        if generated.counts_code_points:
            wanted |= {Key(MINIFIED, "url", path) for path, state in states.items() if isinstance(state, Found)}
        return frozenset(wanted)

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Puts original frames in place of the generated ones; those that do not resolve say why."""
        work = _Work(event, artifacts)
        changed = rewrite_frames(event, work.resolve)
        return with_problems(_with_image_statuses(changed, artifacts), work.problems.values())


TRANSFORMER = JavaScriptTransformer()


def _is_own(event: Event, frame: Frame) -> bool:
    return frame.status is None and platform_of(event, frame) in PLATFORMS


def _paths(event: Event, generated: Generated) -> list[str]:
    """The generated files to find maps for, each once, in the order of the stacks."""
    own = (frame for _, stack in stacks_of(event) for frame in stack.frames if _is_own(event, frame))
    paths = (generated.path(frame) for frame in own if generated.has_line(frame) and not is_builtin(frame))
    return list(dict.fromkeys(path for path in paths if path))[:MAX_FILES]


class _Work(Struct):
    """One event on its way: where each file's search ended, and what its positions are."""

    event: Event
    artifacts: Artifacts
    problems: dict[str, Problem] = field(default_factory=dict)
    _states: dict[str, Discovery] = field(default_factory=dict)
    _resolutions: dict[str, Mapping[Place, Resolution | None]] = field(default_factory=dict)
    _lines: dict[tuple[str, int], Resolution | None] = field(default_factory=dict)
    _generated: Generated = field(default_factory=lambda: Generated.of(Event()))

    def __post_init__(self) -> None:
        self._generated = Generated.of(self.event)
        for path in _paths(self.event, self._generated):
            self._states[path] = discover(path, self.event.images, self.artifacts)
        budget = Budget()
        for path, places in self._places().items():
            state = self._states.get(path)
            if isinstance(state, Found):
                self._look_up(path, state, places, budget)

    def _look_up(self, path: str, found: Found, places: list[Place], budget: Budget) -> None:
        """An index may turn out to be damaged only now: that costs its own frames."""
        try:
            self._resolutions[path] = resolve_places(found, places, budget)
        except MalformedArtifact as error:
            miss = Missing(Key(SOURCE_MAP, "url", found.name), str(error), malformed=True)
            self._states[path] = NotFound(None, (miss,))

    def _places(self) -> dict[str, list[Place]]:
        places: dict[str, list[Place]] = {}
        for _, stack in stacks_of(self.event):
            for frame in stack.frames:
                path = self._generated.path(frame)
                place = self._place(frame, path) if _is_own(self.event, frame) else None
                if path and place:
                    places.setdefault(path, []).append(place)
        return places

    def _place(self, frame: Frame, path: str | None) -> Place | None:
        """Where the file's map is to be asked, if there is one."""
        state = self._states.get(path or "")
        if path is None or not isinstance(state, Found):
            return None
        answer = self.artifacts.get(Key(MINIFIED, "url", path))
        file = answer.content if isinstance(answer, Artifact) and isinstance(answer.content, MinifiedFile) else None
        return self._generated.place(frame, state.index, file)

    def resolve(self, stack: Stacktrace, index: int) -> tuple[Frame, ...] | None:
        """What takes the place of a frame; None for a frame that is not JavaScript's."""
        frame = stack.frames[index]
        if not _is_own(self.event, frame):
            return None
        if is_builtin(frame):
            return (builtin_frame(frame),)
        return (self._resolved(frame, self._callee_token(stack, index)),)

    def _resolved(self, frame: Frame, callee_token: str | None) -> Frame:
        path = self._generated.path(frame)
        if path is None:
            return self._failed(frame, FrameStatus.MISSING, problems.no_file_name())
        state = self._states.get(path)
        if not self._generated.has_place(frame):
            return self._by_line(frame, path, state)
        if isinstance(state, Found):
            return self._at(frame, state, path, callee_token)
        return self._without_map(frame, path, state)

    def _by_line(self, frame: Frame, path: str, state: Discovery | None) -> Frame:
        """A line without a column: enough where the whole generated line comes from one original line."""
        file = _same_file(path, state.minified) if isinstance(state, NotFound) else None
        if is_original(path) or _has_line(file, frame):
            return plain_frame(frame, file.lines if file else ())
        resolution = self._line(frame, path, state) if isinstance(state, Found) else None
        if resolution is None or not isinstance(state, Found):
            return self._failed(frame, FrameStatus.MISSING_SYMBOL, problems.no_column(path))
        return line_frame(frame, state, resolution)

    def _line(self, frame: Frame, path: str, found: Found) -> Resolution | None:
        key = (path, frame.lineno or 0)
        if key not in self._lines and len(self._lines) < MAX_LINES and key[1] > 0:
            try:
                self._lines[key] = resolve_line(found, key[1])
            except MalformedArtifact:  # said where frames with columns are looked up
                self._lines[key] = None
        return self._lines.get(key)

    def _at(self, frame: Frame, found: Found, path: str, callee_token: str | None) -> Frame:
        place = self._place(frame, path)
        resolution = self._resolutions.get(path, {}).get(place) if place else None
        if resolution is not None:
            return resolved_frame(frame, found, resolution, callee_token)
        if is_bundle_start(frame):
            return builtin_frame(frame)
        said = place or (frame.lineno or 0, frame.colno or 0)
        return self._failed(frame, FrameStatus.MISSING_SYMBOL, problems.invalid_location(path, found.name, *said))

    def _without_map(self, frame: Frame, path: str, state: Discovery | None) -> Frame:
        if not isinstance(state, NotFound):
            return self._failed(frame, FrameStatus.MISSING, problems.too_many_files(MAX_FILES))
        if state.malformed:
            return self._failed(frame, FrameStatus.MALFORMED, problems.invalid_source_map(path, state.misses))
        file = _same_file(path, state.minified)
        if _has_line(file, frame) or is_original(path):
            return plain_frame(frame, file.lines if file else ())
        if file is None or state.minified is None:
            return self._failed(frame, FrameStatus.MISSING, problems.no_source(path, state.misses))
        problem = problems.no_source_map(path, state.minified.name, file.source_map_url, state.misses)
        return self._failed(frame, FrameStatus.MISSING, problem)

    def _failed(self, frame: Frame, status: FrameStatus, problem: Problem) -> Frame:
        """The first frame's words stand for all that have the same problem."""
        return unresolved(frame, status, self.problems.setdefault(problem.id, problem))

    def _callee_token(self, stack: Stacktrace, index: int) -> str | None:
        """The name at the position of the caller: what it calls there. A resumed frame was called by nobody there."""
        frame, caller = stack.frames[index], stack.frames[index - 1] if index else None
        if caller is None or (frame.data and frame.data.is_async) or not _is_own(self.event, caller):
            return None
        path = self._generated.path(caller)
        place = self._place(caller, path)
        resolution = self._resolutions.get(path, {}).get(place) if path and place else None
        return resolution.position.name if resolution else None


def _has_line(file: MinifiedFile | None, frame: Frame) -> bool:
    return file is not None and 0 < (frame.lineno or 0) <= len(file.lines)


def _same_file(path: str, artifact: Artifact | None) -> MinifiedFile | None:
    """The generated file that was found, unless it is a person's source that merely has the same file name."""
    if artifact is None or not isinstance(artifact.content, MinifiedFile):
        return None
    pair = [components(name)[::-1] for name in (path, artifact.name)]
    alike = [left == right for left, right in zip(*pair, strict=False)]
    shared = alike.index(False) if False in alike else len(alike)
    is_certain = shared >= min(2, *(len(parts) for parts in pair))
    return artifact.content if is_certain or not artifact.content.lines else None


def _with_image_statuses(event: Event, artifacts: Artifacts) -> Event:
    """Says of every image that is a generated file what became of its map."""
    images = tuple(_with_status(image, artifacts) for image in event.images)
    if event.debug_meta is None or images == event.images:
        return event
    return replace(event, debug_meta=replace(event.debug_meta, images=images))


def _with_status(image: DebugImage, artifacts: Artifacts) -> DebugImage:
    if image.type != SOURCE_MAP or image.debug_status is not None:
        return image
    debug_id = normalize_debug_id(image.debug_id or "")
    answer = artifacts.get(Key(SOURCE_MAP, "debug_id", debug_id)) if debug_id else None
    if isinstance(answer, Missing):
        return replace(image, debug_status="malformed" if answer.malformed else "missing")
    return replace(image, debug_status="found" if answer else "unused")
