"""Images that were matched by their name alone: a reader must know, and once an image is enough."""

from collections import Counter
from collections.abc import Iterable

from symbolicator.model import Frame
from symbolicator.render.libraries import base_name
from symbolicator.render.safe import safe


class NameMatches:
    """Says of the first frame of each such image how many more there are."""

    def __init__(self, frames: Iterable[Frame]) -> None:
        self._counts = Counter(frame.package for frame in frames if _by_name(frame))
        self._told: set[str | None] = set()

    def note(self, frame: Frame) -> tuple[str, ...]:
        """What to say beside this frame; nothing where it was said or is not needed."""
        if not _by_name(frame) or frame.package in self._told:
            return ()
        self._told.add(frame.package)
        others = self._counts[frame.package] - 1
        image = safe(base_name(frame.package or ""), 80)
        more = f": this and {others:,} more frame{'s' if others > 1 else ''} of {image}" if others > 0 else ""
        return (f"matched by name, build id not checked{more}",)


def _by_name(frame: Frame) -> bool:
    return frame.package is not None and frame.data is not None and frame.data.resolved_with == "name"
