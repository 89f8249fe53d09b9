"""Shows the source lines around frames whose artifact had no sources.

They come from source files among the artifacts, or else from the source bundle of the image that the frame lies in. A
report that shows the failing line alone, as Python does, gets the lines around it if the file has that very line there.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from symbolicator.enrich.image_ids import ImageIds
from symbolicator.enrich.source_bundles import KIND as BUNDLE
from symbolicator.enrich.source_bundles import SourceBundle
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

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:
        """The source file of each own frame without lines around, then the bundles of those whose file is not there."""
        search = _Search(event, artifacts)
        frames = [frame for _, stack in stacks_of(event) for frame in stack.frames if _wanted_path(frame)]
        files = frozenset(search.file_key(frame) for frame in frames)
        if not files <= artifacts.keys():
            return files
        return files.union(*(search.bundle_keys(frame) for frame in frames if search.in_file(frame) is None))

    def transform(self, event: Event, artifacts: Artifacts) -> Event:
        """Adds the lines where the file was found and reaches that far."""
        search = _Search(event, artifacts)
        return annotate_frames(event, lambda frame: _with_context(frame, search) if _wanted_path(frame) else frame)


class _Search:
    """Looks for the sources of one event's frames."""

    def __init__(self, event: Event, artifacts: Artifacts) -> None:
        self._event, self._artifacts = event, artifacts
        self._ids = ImageIds(event)

    def lines(self, frame: Frame) -> tuple[str, ...] | None:
        """Lines of the file of a frame."""
        return self.in_file(frame) or next(self._in_bundles(frame), None)

    def in_file(self, frame: Frame) -> tuple[str, ...] | None:
        """Lines of the source file that is an artifact of its own."""
        found = self._artifacts.get(self.file_key(frame))
        if not isinstance(found, Artifact) or not isinstance(found.content, SourceFile):
            return None
        return found.content.lines if is_same_file(_wanted_path(frame) or "", found.name) else None

    def file_key(self, frame: Frame) -> Key:
        """The source file of a frame."""
        return Key(KIND, "path", _wanted_path(frame) or "", self._event.release or "", self._event.dist or "")

    def bundle_keys(self, frame: Frame) -> frozenset[Key]:
        """The source bundle of the image that a frame lies in; for a frame of Java all bundles of its language."""
        ids = self._ids.of(frame) or (self._ids.of_jvm() if frame.module else ())
        return frozenset(Key(BUNDLE, by, value) for by, value in ids)

    def _in_bundles(self, frame: Frame) -> Iterator[tuple[str, ...]]:
        for key in sorted(self.bundle_keys(frame)):
            found = self._artifacts.get(key)
            if isinstance(found, Artifact) and isinstance(found.content, SourceBundle):
                lines = found.content.lines(frame.abs_path or "")
                if lines:
                    yield lines


def _wanted_path(frame: Frame) -> str | None:
    has_context = frame.context_line is not None and (frame.pre_context is not None or frame.post_context is not None)
    if has_context or not frame.lineno or frame.in_app is False:
        return None
    if frame.status not in (FrameStatus.SYMBOLICATED, FrameStatus.AS_IS, None):
        return None
    return frame.abs_path or frame.filename


def _with_context(frame: Frame, search: _Search) -> Frame:
    lines, at = search.lines(frame) or (), (frame.lineno or 0) - 1
    if not 0 <= at < len(lines) or not _agrees(frame, lines[at]):
        return frame
    return replace(
        frame,
        pre_context=tuple(line[:MAX_COLUMNS] for line in lines[max(0, at - LINES) : at]),
        context_line=lines[at][:MAX_COLUMNS],
        post_context=tuple(line[:MAX_COLUMNS] for line in lines[at + 1 : at + 1 + LINES]),
    )


def _agrees(frame: Frame, line: str) -> bool:
    """Whether the file has the report's own line: else it is of another version."""
    return frame.context_line is None or frame.context_line.split() == line.split()


SOURCE_CONTEXT = SourceContext()
