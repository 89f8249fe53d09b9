"""What a reader may ask the rendering for."""

from msgspec import Struct

MIN_WIDTH = 40
"""Narrower than this no location fits; such terminals wrap."""


class Options(Struct, frozen=True):
    """How to render an event. ``width`` is in terminal cells."""

    width: int = 100
    fold: bool = True
    """Runs of library frames and repeated calls become one line each."""
    threads: bool = False
    """Every thread, not only the crashed one."""
    explain: bool = False
    """How each frame was resolved; nothing is folded then."""
    raw: bool = False
    """The event's stacks are as they came: what did not resolve is not told, and nothing is folded."""
    reader: str | None = None
    """Name of the reader that recognised the report, for ``explain``."""
    notes: tuple[str, ...] = ()
    """What the store has to say about the artifacts it saw, for ``explain``."""

    @property
    def folds(self) -> bool:
        """Whether frames are folded."""
        return self.fold and not (self.explain or self.raw)

    @property
    def columns(self) -> int:
        """The width that is used."""
        return max(MIN_WIDTH, self.width)
