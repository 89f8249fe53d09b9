"""A repository made ready for one event: which revision, which files, which commits to look through."""

from pathlib import Path

from msgspec import Struct

from symbolicator.model import Problem
from symbolicator.suspects import reasons
from symbolicator.suspects.git import Git
from symbolicator.suspects.repository import History, Place
from symbolicator.suspects.revisions import Revision, Wanted, find_revision


class Opened(Struct, frozen=True):
    """A repository at the revision that is blamed. ``time``: when it crashed, or when the revision was committed."""

    history: History
    revision: Revision
    head: str | None
    time: float
    ignored: frozenset[str]
    ignored_file: Path | None

    @property
    def name(self) -> str:
        """Name of the repository's folder."""
        return self.history.place.name

    @property
    def is_release(self) -> bool:
        """Whether the revision is what crashed."""
        return self.revision.is_release

    def lines(self, path: str) -> tuple[str, ...] | None:
        """The lines of a file at the revision."""
        return self.history.lines(self.revision.commit, path)

    def lines_of_head(self, path: str) -> tuple[str, ...]:
        """The lines of a file as a checkout is likely to have them, where that is another state."""
        if self.head in (None, self.revision.commit):
            return ()
        return self.history.lines(self.head or "", path) or ()


def open_repository(git: Git, place: Place, view: Path, wanted: Wanted) -> Opened | Problem:
    """Chooses the revision of a repository; ``view``: an empty folder for `History`."""
    history = History(git, place, view)
    revision = find_revision(history, wanted)
    described = history.describe(revision.commit) if revision else None
    if revision is None or described is None:
        return reasons.no_commit(place.name)
    head = history.commit_of("HEAD")
    ignored = history.ignored(head)
    reference = float(described.committed) if wanted.time is None else wanted.time
    return Opened(history, revision, head, reference, ignored, history.write_ignored(ignored))
