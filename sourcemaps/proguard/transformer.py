"""The transformer of Java and Kotlin: frames, exceptions and monitors by the names that they have in the source.

Own frames: platform ``java``, with class and method, and no status yet. Plain Java stays as it came and needs nothing:
only what looks obfuscated and finds no mapping file is complained about.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from sourcemaps.proguard import problems
from sourcemaps.proguard.calls import plain_frame, source_frames
from sourcemaps.proguard.frames import is_own, is_short, is_short_method, looks_obfuscated
from sourcemaps.proguard.identifier import PROGUARD
from sourcemaps.proguard.names import Names, class_of
from sourcemaps.proguard.search import Search, image_id
from sourcemaps.proguard.steps import Step, steps_of
from symbolicator.model import DebugImage, Event, Frame, FrameStatus, Problem, Stacktrace
from symbolicator.model.edit import annotate_frames, rewrite_frames, unresolved, with_problems
from symbolicator.protocols import Artifacts, Key


class ProguardTransformer:
    """Resolves through mapping files. Pure: everything comes from the event and the artifacts."""

    name = "proguard"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - one round is enough
        """The mapping files that the event names, or its release's only one."""
        return frozenset(Search(event).keys)

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Puts the source's names in place of the program's; leaves frames of other languages as they are."""
        run = _Run(event, artifacts)
        changed = run.with_names(rewrite_frames(event, run.resolve))
        return with_problems(_with_image_statuses(changed, run), run.problems.values())


TRANSFORMER = ProguardTransformer()


class _Run:
    """One event being resolved, and what went wrong so far."""

    def __init__(self, event: Event, artifacts: Artifacts) -> None:
        self._event = event
        search = Search(event)
        self.mappings = search.found(artifacts)
        self.missing = dict(search.missing(artifacts))
        self.problems: dict[str, Problem] = {}
        self._thrown = dict(_thrown(event))
        self._last: tuple[Stacktrace, dict[int, list[Step]]] | None = None

    def resolve(self, stack: Stacktrace, index: int) -> Sequence[Frame] | None:
        """The frames in place of the one at ``index``; None for those that are not Java's."""
        frame = stack.frames[index]
        if not is_own(self._event, frame):
            return None
        if not self.mappings:
            return (self._without_mapping(frame),)
        steps = self._steps(stack).get(index, [])
        if len(steps) == 1 and steps[0].found == "nothing":
            return (self._unknown(frame),)
        if any(step.found == "class" and is_short_method(step.method) for step in steps):
            return tuple(self._half_known(new, steps[0]) for new in self._sources(frame, steps))
        self._note_missing_line(frame, steps)
        self._note_half_way(steps)
        return self._sources(frame, steps)

    def _sources(self, frame: Frame, steps: Sequence[Step]) -> tuple[Frame, ...]:
        return source_frames(frame, steps, self.mappings[0].by)

    def _steps(self, stack: Stacktrace) -> dict[int, list[Step]]:
        """The calls of a stack by the index of the frame that they came from."""
        if self._last is None or self._last[0] is not stack:
            own = [(at, frame) for at, frame in enumerate(stack.frames) if is_own(self._event, frame)]
            thrown = self._thrown.get(id(stack))
            found: dict[int, list[Step]] = {}
            for step in steps_of(own[::-1], self.mappings, thrown if _is_first(own, stack) else None):
                found.setdefault(step.origin, []).append(step)
            self._last = (stack, found)
        return self._last[1]

    def _without_mapping(self, frame: Frame) -> Frame:
        if not looks_obfuscated(frame):
            return plain_frame(frame)
        wanted, why = next(iter(self.missing.items()), ("", None))
        if why and why.malformed:
            return unresolved(frame, FrameStatus.MALFORMED, self._noted(problems.bad_mapping(wanted, why)))
        return unresolved(frame, FrameStatus.MISSING, self._noted(problems.missing_mapping(wanted, why)))

    def _unknown(self, frame: Frame) -> Frame:
        """A class that no mapping knows: plain Java, a library's that kept its names, or of another build."""
        if not looks_obfuscated(frame):
            return plain_frame(frame)
        if self.missing:
            return self._without_mapping(frame)
        if not is_short(frame.module or ""):
            return plain_frame(frame)
        problem = problems.wrong_mapping(self.mappings[0].mapping.name, f"the class {frame.module}")
        return unresolved(frame, FrameStatus.MISSING_SYMBOL, self._noted(problem))

    def _half_known(self, frame: Frame, step: Step) -> Frame:
        """A method that the mapping does not know although it knows the class."""
        problem = problems.wrong_mapping(step.mapping, f"the method {step.method} of {step.class_name}")
        return unresolved(frame, FrameStatus.MISSING_SYMBOL, self._noted(problem))

    def _note_missing_line(self, frame: Frame, steps: Sequence[Step]) -> None:
        is_unsure = any(step.alternatives or step.found == "method" for step in steps)
        if is_unsure and not frame.lineno and any(applied.mapping.has_lines for applied in self.mappings):
            step = steps[0]
            self._noted(problems.missing_line(step.mapping, f"such as {step.class_name}.{step.method}"))

    def _note_half_way(self, steps: Sequence[Step]) -> None:
        """Several mappings were needed, and one that is not there leaves names of its tool."""
        if self.missing and any(is_short(step.class_name, has_file=True) for step in steps):
            self._noted(problems.missing_mapping(*next(iter(self.missing.items()))))

    def _noted(self, problem: Problem) -> Problem:
        return self.problems.setdefault(problem.id, problem)

    def with_names(self, event: Event) -> Event:
        """The event with the classes of its exceptions and monitors."""
        if not self.mappings:
            return event
        names = Names(self.mappings)
        event = annotate_frames(event, lambda frame: _with_lock(frame, names))
        if event.exception:
            values = tuple(names.exception(value) for value in event.exception.values)
            event = replace(event, exception=replace(event.exception, values=values))
        if event.threads:
            threads = tuple(names.thread(thread) for thread in event.threads.values)
            event = replace(event, threads=replace(event.threads, values=threads))
        return event


def _thrown(event: Event) -> list[tuple[int, str]]:
    """By the identity of a stack the class of the exception that its last frame threw."""
    own = [(value.stacktrace, value) for value in event.exceptions]
    of_threads = {thread.id: thread.stacktrace for thread in event.thread_list}
    bare = [value for value in event.exceptions if not value.stacktrace and value.thread_id is not None]
    other = [(of_threads.get(value.thread_id), value) for value in bare]
    return [(id(stack), name) for stack, value in (*own, *other) if stack and (name := class_of(value))]


def _is_first(own: Sequence[tuple[int, Frame]], stack: Stacktrace) -> bool:
    """Whether the innermost frame is Java's: else something else threw."""
    return bool(own) and own[-1][0] == len(stack.frames) - 1


def _with_lock(frame: Frame, names: Names) -> Frame:
    return replace(frame, lock=names.lock(frame.lock)) if frame.lock else frame


def _with_image_statuses(event: Event, run: _Run) -> Event:
    """Says for each mapping file that the event lists what became of it."""
    if event.debug_meta is None or not any(image.type == PROGUARD for image in event.images):
        return event

    def listed(image: DebugImage) -> DebugImage:
        if image.type != PROGUARD or image.debug_status is not None:
            return image
        wanted = image_id(image)
        why = run.missing.get(wanted)
        status = "found" if wanted not in run.missing else "malformed" if why and why.malformed else "missing"
        return replace(image, debug_status=status)

    return replace(event, debug_meta=replace(event.debug_meta, images=tuple(map(listed, event.images))))
