"""The merged view: one trace over all stacks of an event. Stacks themselves stay where they are."""

from symbolicator.model.base import Model

LINKED = "linked-exceptions"
"""Rule of a seam between the stacks of two exceptions that are not one stack."""


class FrameReference(Model, frozen=True, kw_only=True):
    """Points at a frame: ``stack`` is ``exception/<i>``, ``thread/<i>`` or ``stacktrace``, ``index`` 0-based."""

    stack: str
    index: int


class MergedFrame(Model, frozen=True, kw_only=True):
    """Points at a frame as `FrameReference` does; ``segment`` counts the runs of frames between seams from 0."""

    stack: str
    index: int
    segment: int
    also: FrameReference | None = None
    """The same call in another view of the stack: it is there once."""


class Seam(Model, frozen=True, kw_only=True):
    """Joins two segments. It lies before ``merged.frames[before]`` (or at the end)."""

    before: int
    relation: str
    """``R1`` one stack in two views, ``R2`` asynchronous, ``R3`` a cause: one stack with what it caused, or linked."""
    rule: str
    evidence: str
    confidence: float
    label: str | None = None
    """What a reader is told in place of relation and evidence."""
    apart: str | None = None
    """Why the stacks of two linked exceptions are not put into one, where two languages could have shared one."""


class Fold(Model, frozen=True, kw_only=True):
    """Machinery that a reader can skip: ``count`` frames from ``merged.frames[start]``."""

    start: int
    count: int
    label: str


class Apart(Model, frozen=True, kw_only=True):
    """A stack that belongs to the trace and is no part of it, because nothing proves where."""

    stack: str
    reason: str


class MergedTrace(Model, frozen=True, kw_only=True):
    """One trace, oldest call first, the crash last."""

    frames: tuple[MergedFrame, ...] = ()
    seams: tuple[Seam, ...] = ()
    folds: tuple[Fold, ...] = ()
    apart: tuple[Apart, ...] = ()
    crashed_stack: str | None = None
    """The stack that crashed."""
    reason: str | None = None
    """How the crashed stack was chosen."""
