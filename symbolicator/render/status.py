"""Which frames need nothing more, and how many of them there are."""

from collections.abc import Iterable

from msgspec import Struct

from symbolicator.model import Frame, FrameStatus

_GOOD = frozenset({FrameStatus.SYMBOLICATED, FrameStatus.AS_IS})
_NO_ARTIFACT = frozenset({FrameStatus.MISSING, FrameStatus.UNKNOWN_IMAGE})


def is_resolved(frame: Frame) -> bool:
    """Whether a person can read the frame. One that nobody took counts as resolved if it names its place already."""
    if frame.status is not None:
        return frame.status in _GOOD
    return frame.instruction_addr is None and bool(frame.function or frame.lineno)


class Tally(Struct, frozen=True):
    """How many frames there are, how many resolved, how many of the rest lack an artifact.

    ``nearest``: resolved ones whose name is that of the nearest symbol, so that it may not be theirs.
    """

    frames: int
    resolved: int
    without_artifact: int
    nearest: int = 0

    @property
    def unresolved(self) -> int:
        """Frames that still say nothing to a person."""
        return self.frames - self.resolved


def tally(frames: Iterable[Frame]) -> Tally:
    """Counts frames by what became of them."""
    counted = list(frames)
    resolved = [frame for frame in counted if is_resolved(frame)]
    missing = sum(frame.status in _NO_ARTIFACT for frame in counted)
    nearest = sum(bool(frame.data and frame.data.symbol_distance is not None) for frame in resolved)
    return Tally(len(counted), len(resolved), missing, nearest)
