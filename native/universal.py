"""Several debug files in one, as in Apple's universal binaries and in archives: which of them belongs to an image.

>>> Universal(summaries, opened).pick(image)
"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from native.images import Image, base_name, companion_names
from native.protocol import DebugFileSummary, SymCache


class UniversalHeaders(Struct, frozen=True):
    """The headers of all files."""

    summaries: tuple[DebugFileSummary, ...]

    def pick(self, image: Image) -> DebugFileSummary | None:
        """The file of an image: by its ids, or where it has none by its processor, and in an archive its name."""
        return picked(self.summaries, image)

    def like(self, image: Image) -> DebugFileSummary | None:
        """The file that may be an image's in another build; None if there is none at all."""
        alike = next((one for one in self.summaries if _may_be_of(one, image)), None)
        return alike or next(iter(self.summaries), None)


class Picked(Struct, frozen=True):
    """A file out of several. ``member``: its path in an archive."""

    symcache: SymCache
    member: str | None


class Universal(Struct, frozen=True):
    """The files, each opened when an image needs it."""

    summaries: tuple[DebugFileSummary, ...]
    opened: Callable[[DebugFileSummary], SymCache]

    def pick(self, image: Image) -> Picked | None:
        """The file of an image. Raises `symbolicator.errors.MalformedArtifact` if it is damaged."""
        summary = picked(self.summaries, image)
        return Picked(self.opened(summary), summary.member) if summary else None


def picked(summaries: Sequence[DebugFileSummary], image: Image) -> DebugFileSummary | None:
    """The headers that fit an image; None if none does, or the image does not say what it is.

    Of several that fit the one with debug information, then the one with symbols.
    """
    fits = is_of if image.has_id else _may_be_of
    fitting = [one for one in summaries if fits(one, image)]
    return max(fitting, key=lambda one: (one.has_debug_info, one.has_symbols), default=None)


def _may_be_of(summary: DebugFileSummary, image: Image) -> bool:
    """Whether the processor is the same, and in an archive the name: all there is to go by without an id."""
    if summary.image_name is not None:
        return summary.arch == image.arch and base_name(summary.image_name) == image.name
    if summary.member is None:
        return summary.arch == image.arch
    is_there = summary.member_offset is not None and summary.member_offset == image.file_offset
    name = image.name or ""
    is_named = base_name(summary.member) in (name, *companion_names(name))
    return image.arch in (None, summary.arch) and (is_there or is_named)


def is_of(summary: DebugFileSummary, image: Image) -> bool:
    """Whether they have an id in common."""
    is_debug_id = summary.debug_id is not None and summary.debug_id in image.debug_ids
    return is_debug_id or (image.code_id is not None and image.code_id == summary.code_id)
