"""What kind of crash it was."""

from symbolicator.model.base import Model


class CrashKind(Model, frozen=True, kw_only=True):
    """What happened, recognised on proof: ``out-of-memory``, ``stack-overflow``, ``watchdog``, ``assertion``."""

    id: str
    evidence: str
    """What it was recognised by."""
    words: str | None = None
    """What happened, as ``stack overflow: recursion of total (12,431 frames)``; None where the error's name is it."""
    is_told: bool = False
    """The error's own type and value say as much."""
    family: str | None = None
    """What such errors are called whatever system or reader reports them, as ``invalid memory access``."""
