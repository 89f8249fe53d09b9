"""A repository made ready for one event: which revision, which files, which commits to look through."""

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import Struct

from symbolicator.model import Problem
from symbolicator.suspects import reasons
from symbolicator.suspects.git import Git
from symbolicator.suspects.repository import History, Place
from symbolicator.suspects.revisions import Revision, Wanted, find_revision


class Opened(Struct, frozen=True):
    """A repository at the revision that is blamed. ``built``: when that was committed, seconds since 1970."""

    history: History
    revision: Revision
    head: str | None
    built: float
    files: Mapping[str, str]
    """The blob of each file at the revision, by its path."""
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

    def lines(self, paths: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """The lines of files at the revision, by their paths; without those that cannot be read."""
        return self._lines(self.files, paths)

    def lines_of_head(self, path: str) -> tuple[str, ...]:
        """The lines of a file as a checkout is likely to have them, where that is another state."""
        if self.head in (None, self.revision.commit):
            return ()
        files, _ = self.history.files(self.head or "")
        return self._lines(files, [path]).get(path, ())

    def _lines(self, files: Mapping[str, str], paths: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        read = self.history.lines({files[path] for path in paths if path in files})
        return {path: read[files[path]] for path in paths if files.get(path) in read}


def open_repository(git: Git, place: Place, view: Path, wanted: Wanted) -> Opened | Problem:
    """Chooses the revision of a repository; ``view``: an empty folder for `History`."""
    history = History(git, place, view)
    revision = find_revision(history, wanted)
    described = history.describe(revision.commit) if revision else None
    if revision is None or described is None:
        return reasons.no_commit(place.name)
    files, complaint = history.files(revision.commit)
    if complaint:
        return reasons.git_failed(place.name, complaint)
    head = history.commit_of("HEAD")
    ignored = history.ignored(head)
    built = float(described.committed)
    return Opened(history, revision, head, built, files, ignored, history.write_ignored(ignored))
