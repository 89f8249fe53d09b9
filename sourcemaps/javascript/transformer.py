"""Resolves minified JavaScript frames through source maps.

Own frames: platform ``javascript`` or ``node``, with no status yet. `needs` asks round by round for what the `Survey`
wants; `transform` puts the original frames in place.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sourcemaps.debug_ids import normalize_debug_id
from sourcemaps.javascript import problems
from sourcemaps.javascript.builtins import is_builtin, is_bundle_start, is_original
from sourcemaps.javascript.discovery import Discovery, Found, NotFound
from sourcemaps.javascript.frames import async_call, builtin_frame, line_frame, plain_frame, resolved_frames
from sourcemaps.javascript.identifier import SOURCE_MAP
from sourcemaps.javascript.map_problems import map_problems
from sourcemaps.javascript.minified import MinifiedFile
from sourcemaps.javascript.resolution import Calls, resolve_line, resolve_trails
from sourcemaps.javascript.survey import MAX_FILES, Survey, is_own
from sourcemaps.javascript.syntax import Budget
from sourcemaps.javascript.urls import components
from symbolicator.errors import MalformedArtifact
from symbolicator.model import DebugImage, Event, Frame, FrameStatus, Problem, Stacktrace
from symbolicator.model.edit import rewrite_frames, unresolved, with_data, with_problems
from symbolicator.protocols import Artifact, Artifacts, Key, Missing

if TYPE_CHECKING:
    from sourcemaps.javascript.places import Place


class JavaScriptTransformer:
    """Resolves the frames of JavaScript."""

    name = "javascript"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """The next keys on the way to every generated file's maps and sources."""
        return Survey(event, artifacts).wanted()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Puts original frames in place of the generated ones; those that do not resolve say why."""
        work = _Work(event, artifacts)
        changed = rewrite_frames(event, work.resolve)
        return with_problems(_with_image_statuses(changed, artifacts), work.all_problems())


TRANSFORMER = JavaScriptTransformer()


class _Work:
    """One event on its way: where each file's search ended, and what its positions are."""

    def __init__(self, event: Event, artifacts: Artifacts) -> None:
        self._event = event
        self._survey = Survey(event, artifacts)
        self._survey.follow()
        self._calls: dict[str, dict[Place, Calls]] = {}
        self._problems: dict[str, Problem] = {}
        budget = Budget()
        for path in list(self._survey.trails):
            self._resolve_places(path, budget)

    def all_problems(self) -> list[Problem]:
        """Those of frames, and what is wrong with the maps that resolved the others."""
        used = (resolution for calls in self._calls.values() for at in calls.values() for resolution in at)
        return [*self._problems.values(), *map_problems(used, self._survey.texts)]

    def _resolve_places(self, path: str, budget: Budget) -> None:
        """An index may turn out to be damaged as late as this."""
        try:
            trails, texts, functions = self._survey.trails[path], self._survey.texts, self._survey.functions(path)
            self._calls[path] = resolve_trails(trails, texts, functions, budget)
        except MalformedArtifact as error:
            self._survey.give_up(path, error)

    def resolve(self, stack: Stacktrace, index: int) -> tuple[Frame, ...] | None:
        """What takes the place of a frame; None for a frame that is not JavaScript's."""
        frame = stack.frames[index]
        if not is_own(self._event, frame):
            return None
        if is_builtin(frame):
            return (builtin_frame(frame),)
        calls = self._calls_at(frame)
        if calls:
            return resolved_frames(frame, calls, self._callee_token(stack, index))
        return (self._otherwise(frame),)

    def _calls_at(self, frame: Frame) -> Calls | None:
        path, place = self._survey.generated.path(frame), self._survey.place(frame)
        return self._calls.get(path, {}).get(place) if path and place else None

    def _otherwise(self, frame: Frame) -> Frame:
        """A frame whose position no map knows."""
        path = self._survey.generated.path(frame)
        if path is None:
            return self._failed(frame, FrameStatus.MISSING, problems.no_file_name())
        state = self._survey.states.get(path)
        if not self._survey.generated.has_place(frame):
            return self._by_line(frame, path, state)
        if isinstance(state, Found):
            return self._unmapped(frame, path, state)
        return self._without_map(frame, path, state)

    def _by_line(self, frame: Frame, path: str, state: Discovery | None) -> Frame:
        """A line without a column: enough where the whole generated line comes from one original line."""
        file = _same_file(path, state.minified) if isinstance(state, NotFound) else None
        if is_original(path) or _has_line(file, frame):
            return plain_frame(frame, file.lines if file else ())
        trail = self._survey.lines.get((path, frame.lineno or 0))
        if trail is None:
            return self._failed(frame, FrameStatus.MISSING_SYMBOL, problems.no_column(path))
        return line_frame(frame, resolve_line(trail, self._survey.texts))

    def _unmapped(self, frame: Frame, path: str, found: Found) -> Frame:
        """A place that the file's map says nothing about: nobody wrote the first lines of a bundle."""
        if is_bundle_start(frame):
            return builtin_frame(frame)
        said = self._survey.place(frame) or (frame.lineno or 0, frame.colno or 0)
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
        resumed = with_data(frame, async_call=async_call(frame))
        return unresolved(resumed, status, self._problems.setdefault(problem.id, problem))

    def _callee_token(self, stack: Stacktrace, index: int) -> str | None:
        """The name at the position of the caller: what it calls there. One that was resumed stands at its ``await``."""
        frame, caller = stack.frames[index], stack.frames[index - 1] if index else None
        if caller is None or async_call(frame) or async_call(caller) or not is_own(self._event, caller):
            return None
        calls = self._calls_at(caller)
        return calls[0].trail.position.name if calls else None


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
