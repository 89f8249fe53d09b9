"""Who changed the files of the trace: git is asked once a file, about two files at a time.

Blame looks back one year (`HORIZON`). What is older hardly caused a new crash, and to find out who wrote it costs the
time of the whole history.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from msgspec import Struct

from symbolicator.model import Problem
from symbolicator.suspects import reasons
from symbolicator.suspects.blame import BlamedLine
from symbolicator.suspects.commits import Commit
from symbolicator.suspects.opened import Opened
from symbolicator.suspects.places import Placed
from symbolicator.suspects.repository import BlameRequest
from symbolicator.suspects.score import NEAR, BlamedPlace

HORIZON = 365 * 86_400
"""Seconds before the release, or the crash. A commit whose clock was that far behind ends the search too early."""
_AT_ONCE = 2
_FILES_OF_INTEREST = 3
"""Files, from the crash on, of which other changes are looked at too."""


class Changes(Struct, frozen=True):
    """What git says about the lines around the places of one file. ``is_older``: some were not changed in that time."""

    places: tuple[BlamedPlace, ...]
    is_older: bool
    problems: tuple[Problem, ...]


class ChangeFinder:
    """Asks git about files. Times are seconds since 1970; what is in no known release must be older than the crash."""

    def __init__(self, repositories: Sequence[Opened], released: float, crashed: float | None) -> None:
        self._repositories = repositories
        self._released = released
        self._crashed = crashed

    def find(self, places: Sequence[Placed]) -> list[Changes]:
        """The changes of each file, that which is nearest to the crash first."""
        files = _by_file(places)
        horizon = max(0, int(self._released) - HORIZON)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda file, order: self._in_file(file, order, horizon), files, range(len(files))))

    def find_older(self, places: Sequence[Placed]) -> Changes:
        """The changes of the first place's file, however long ago they were."""
        return self._in_file(_by_file(places)[0], 0, horizon=None)

    def _in_file(self, places: Sequence[Placed], order: int, horizon: int | None) -> Changes:
        repository, path = self._repositories[places[0].repository], places[0].path
        recent = self._recent(repository, path) if order < _FILES_OF_INTEREST else ()
        revision, ranges = repository.revision, ranges_around([place.located.line for place in places])
        request = BlameRequest(revision.commit, path, ranges, repository.ignored_file, horizon)
        lines, complaint = repository.history.blame(request)
        young = [line for line in lines if horizon is None or line.commit.committed >= horizon]
        blame = tuple(line for line in young if self._is_possible(repository, line.commit))
        blamed = (
            BlamedPlace(
                place.call, place.repository, path, place.located, blame, recent, is_release=revision.is_release
            )
            for place in places
        )
        return Changes(tuple(blamed), len(young) < len(lines), tuple(_problems(repository, young, complaint)))

    def _recent(self, repository: Opened, path: str) -> tuple[Commit, ...]:
        """The last commits of a file."""
        found = repository.history.commits_of(repository.revision.commit, path, self._released)
        return tuple(commit for commit in found if self._is_possible(repository, commit))

    def _is_possible(self, repository: Opened, commit: Commit) -> bool:
        """What is in the release may be to blame whatever its clock says; what is not must be older than the crash.

        What git could only attribute to the end of a shallow clone's history, or was told to ignore, says nothing.
        """
        is_known = repository.revision.is_release or self._crashed is None
        is_late = not is_known and commit.committed > (self._crashed or 0)
        return not is_late and commit.sha not in repository.ignored and commit.sha not in repository.history.shallow


def _by_file(places: Sequence[Placed]) -> list[list[Placed]]:
    """The places of each file; the file of the first place first."""
    files = list(dict.fromkeys((place.repository, place.path) for place in places))
    ordered = sorted(places, key=lambda place: files.index((place.repository, place.path)))
    return [list(group) for _, group in groupby(ordered, key=lambda place: (place.repository, place.path))]


def _problems(repository: Opened, lines: Sequence[BlamedLine], complaint: str) -> Iterator[Problem]:
    if complaint:
        is_partial = repository.history.is_partial
        yield reasons.partial(repository.name) if is_partial else reasons.git_failed(repository.name, complaint)
    if any(line.commit.sha in repository.history.shallow for line in lines):
        yield reasons.shallow(repository.name)


def ranges_around(lines: Sequence[int]) -> list[tuple[int, int]]:
    """1-based ranges of lines, both ends included, around the wanted lines; those that touch are one."""
    ranges: list[tuple[int, int]] = []
    for line in sorted(lines):
        start, end = max(1, line - NEAR), line + NEAR
        if ranges and start <= ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return ranges
