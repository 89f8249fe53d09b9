"""Shows the source lines around frames whose artifact had no sources, from source files among the artifacts."""

from msgspec.structs import replace

from symbolicator.enrich.source_files import KIND, SourceFile, is_same_file
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import annotate_frames, stacks_of
from symbolicator.protocols import Artifact, Artifacts, Key

LINES = 5
"""How many lines are kept before and after the failing one."""
MAX_COLUMNS = 400


class SourceContext:
    """A transformer that adds context lines and touches nothing else."""

    name = "source context"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - one round is enough
        """The source file of every own frame without context."""
        frames = (frame for _, stack in stacks_of(event) for frame in stack.frames)
        return frozenset(_key(event, path) for frame in frames if (path := _wanted_path(frame)))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Adds the lines where the file was found and reaches that far."""
        return annotate_frames(event, lambda frame: _with_context(event, frame, artifacts))


def _key(event: Event, path: str) -> Key:
    return Key(KIND, "path", path, event.release or "", event.dist or "")


def _wanted_path(frame: Frame) -> str | None:
    if frame.context_line is not None or not frame.lineno or frame.in_app is False:
        return None
    if frame.status not in (FrameStatus.SYMBOLICATED, FrameStatus.AS_IS, None):
        return None
    return frame.abs_path or frame.filename


def _with_context(event: Event, frame: Frame, artifacts: Artifacts) -> Frame:
    path = _wanted_path(frame)
    found = artifacts.get(_key(event, path)) if path else None
    if path is None or not isinstance(found, Artifact) or not isinstance(found.content, SourceFile):
        return frame
    lines, at = found.content.lines, (frame.lineno or 0) - 1
    if not 0 <= at < len(lines) or not is_same_file(path, found.name):
        return frame
    return replace(
        frame,
        pre_context=tuple(line[:MAX_COLUMNS] for line in lines[max(0, at - LINES) : at]),
        context_line=lines[at][:MAX_COLUMNS],
        post_context=tuple(line[:MAX_COLUMNS] for line in lines[at + 1 : at + 1 + LINES]),
    )


SOURCE_CONTEXT = SourceContext()
