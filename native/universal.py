"""Several debug files in one, as Apple's universal binaries are: which of them belongs to an image.

>>> Universal(summaries, opened).pick(image)
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from native.images import Image, base_name
from native.protocol import DebugFileSummary, SymCache


class UniversalHeaders(Struct, frozen=True):
    """The headers of all files."""

    summaries: tuple[DebugFileSummary, ...]

    def pick(self, image: Image) -> DebugFileSummary | None:
        """The file of an image: by its ids, or where it has none by its processor."""
        return picked(self.summaries, image)


class Universal(Struct, frozen=True):
    """The files, each opened when an image needs it."""

    summaries: tuple[DebugFileSummary, ...]
    opened: Callable[[DebugFileSummary], SymCache]

    def pick(self, image: Image) -> SymCache | None:
        """The file of an image. Raises `symbolicator.errors.MalformedArtifact` if it is damaged."""
        summary = picked(self.summaries, image)
        return self.opened(summary) if summary else None


def picked(summaries: Sequence[DebugFileSummary], image: Image) -> DebugFileSummary | None:
    """The headers that fit an image; None if none does, or the image does not say what it is."""
    if image.has_id:
        return next((one for one in summaries if is_of(one, image)), None)
    return next((one for one in summaries if one.arch == image.arch and _has_name(one, image)), None)


def _has_name(summary: DebugFileSummary, image: Image) -> bool:
    """Whether the file calls it like the image, where it has names for what it holds."""
    return summary.image_name is None or base_name(summary.image_name) == image.name


def is_of(summary: DebugFileSummary, image: Image) -> bool:
    """Whether they have an id in common."""
    return (image.debug_id is not None and image.debug_id == summary.debug_id) or (
        image.code_id is not None and image.code_id == summary.code_id
    )
