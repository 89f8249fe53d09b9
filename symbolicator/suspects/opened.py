"""A repository made ready for one event: which revision, which files, which commits to look through."""

from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import Struct

from symbolicator.model import Problem
from symbolicator.suspects import reasons
from symbolicator.suspects.commits import Commit
from symbolicator.suspects.git import Git
from symbolicator.suspects.repository import History, Place
from symbolicator.suspects.revisions import Revision, Wanted, find_revision


class Opened(Struct, frozen=True):
    """A repository at the revision that is blamed. ``time``: that from which the age of its commits counts."""

    history: History
    revision: Revision
    head: str | None
    time: float
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
    time = _reference(wanted, revision, described)
    return Opened(history, revision, head, time, files, ignored, history.write_ignored(ignored))


def _reference(wanted: Wanted, revision: Revision, described: Commit) -> float:
    """When the release was made: a crash that shows up months later does not make its last commits old."""
    built = float(described.committed)
    if wanted.time is None:
        return built
    return min(built, wanted.time) if revision.is_release else wanted.time
