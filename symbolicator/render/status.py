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
    """How many frames there are, how many resolved, how many of the rest lack an artifact."""

    frames: int
    resolved: int
    without_artifact: int

    @property
    def unresolved(self) -> int:
        """Frames that still say nothing to a person."""
        return self.frames - self.resolved


def tally(frames: Iterable[Frame]) -> Tally:
    """Counts frames by what became of them."""
    statuses = [(is_resolved(frame), frame.status in _NO_ARTIFACT) for frame in frames]
    resolved = sum(good for good, _ in statuses)
    return Tally(len(statuses), resolved, sum(missing for _, missing in statuses))
