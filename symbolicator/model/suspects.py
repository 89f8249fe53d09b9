"""Which commits are likely to have caused the crash, each with what speaks for it."""

from typing import Literal

from symbolicator.model.base import Model


class SuspectEvidence(Model, frozen=True, kw_only=True):
    """One place of the trace that a commit changed, itself or near it.

    ``line`` and ``changed`` are 1-based lines of ``path`` at the revision that was blamed.
    """

    kind: Literal["line", "near", "file"]
    """The line of the frame itself, lines near it, or something else in the file."""
    path: str
    """From the root of the repository, with forward slashes."""
    line: int
    """The line of the frame."""
    changed: tuple[int, ...] = ()
    """The lines near the frame's that the commit left there, where ``kind`` is ``near``."""
    former_path: str | None = None
    """What the file was called in the commit, where that was something else."""
    stack: str
    index: int
    """The frame, as `MergedFrame` names it."""
    function: str | None = None
    rank: int = 0
    """Own frames between this one and the end of its stack: 0 is where it failed."""
    match: Literal["same text", "shifted", "unverified", "other text"] = "unverified"
    """How the frame's source line compares with the file: equal, equal a few lines away, not comparable, different."""
    score: float = 0.0
    """What it adds to the commit's score, before all scores are compared."""


class SuspectCommit(Model, frozen=True, kw_only=True):
    """A commit that may have caused the crash."""

    sha: str
    repository: str
    """Name of the repository's folder."""
    revision: str
    """Full name of the commit that was blamed: the state of the code that crashed."""
    revision_source: str
    """How that is known: ``tag v1.2.3``, ``--commit abc``, …, or only ``HEAD``."""
    is_release: bool = True
    """Whether the revision is the release that crashed; else it was taken for want of anything better."""
    author: str | None = None
    date: str | None = None
    """When it was committed, ISO 8601 in UTC."""
    seconds_before: float | None = None
    """From the commit to the crash, negative where a clock was wrong; None where the event says no time."""
    subject: str | None = None
    score: float = 0.0
    """Its share of all evidence, 0 to 1, some of which is kept for "none of these"; no probability."""
    evidence: tuple[SuspectEvidence, ...] = ()
