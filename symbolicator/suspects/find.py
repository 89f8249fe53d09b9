"""Puts the parts together: the event's own calls, the files they mean, who changed their lines, who is suspected."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from symbolicator.model import Event, Problem, SuspectCommit
from symbolicator.model.edit import with_problems
from symbolicator.suspects import reasons
from symbolicator.suspects.blame import BlamedLine
from symbolicator.suspects.frames import own_calls
from symbolicator.suspects.git import Git
from symbolicator.suspects.opened import Opened, open_repository
from symbolicator.suspects.paths import TrackedPaths
from symbolicator.suspects.places import Placed, places_of
from symbolicator.suspects.repository import Place, blamed_lines, find_repository, paths_in
from symbolicator.suspects.revisions import Wanted
from symbolicator.suspects.score import NEAR, BlamedPlace, Suspicion, suspicions
from symbolicator.suspects.times import crash_time, iso

_FILES_OF_INTEREST = 3
"""Files, from the crash on, of which other changes are looked at too."""


def find_suspects(event: Event, folders: Sequence[Path], commit: str | None = None, git: Git | None = None) -> Event:
    """Sets ``event.suspects``, or adds a problem that says why there is none.

    ``folders``: clones of the program's repositories. ``commit``: what was built, where the event does not say it;
    repositories that do not have it go by the event. The event must have been merged. Reads only, fetches nothing.
    """
    event = _without_earlier(event)
    git = git or Git.installed()
    if git is None or not own_calls(event):
        return with_problems(event, [reasons.no_git() if git is None else reasons.no_frame()])
    with ExitStack() as stack:
        places, problems = _find_repositories(git, folders)
        names = frozenset(place.name for place in places)
        wanted = Wanted(event, commit, crash_time(event), names)
        answers = [open_repository(git, place, _view(stack), wanted) for place in places]
        search = _Search(wanted, [answer for answer in answers if isinstance(answer, Opened)])
        suspects = search.suspects()
        problems += [answer for answer in answers if isinstance(answer, Problem)]
        return with_problems(replace(event, suspects=suspects), [*problems, *search.problems])


def _without_earlier(event: Event) -> Event:
    """As before an earlier search, which may have known less."""
    others = tuple(problem for problem in event.errors if not problem.type.startswith(reasons.PREFIX))
    return replace(event, suspects=(), errors=others)


def _find_repositories(git: Git, folders: Sequence[Path]) -> tuple[list[Place], list[Problem]]:
    """Every repository once, however often and through whichever of its folders it was named."""
    places: dict[Path, Place] = {}
    problems: list[Problem] = []
    for folder in folders:
        place = find_repository(git, folder)
        if isinstance(place, str):
            problems.append(reasons.no_repository(folder, place))
        else:
            places.setdefault(place.git_folder.resolve(), place)
    return list(places.values()), problems


def _view(stack: ExitStack) -> Path:
    return Path(stack.enter_context(TemporaryDirectory(prefix="symbolicator-git-")))


class _Search:
    """The search for one event in opened repositories; ``problems`` is what stood in its way."""

    def __init__(self, wanted: Wanted, repositories: Sequence[Opened]) -> None:
        self.problems: list[Problem] = []
        self._event = wanted.event
        self._repositories = repositories
        self._commit = wanted.commit
        self._time = wanted.time

    def suspects(self) -> tuple[SuspectCommit, ...]:
        """The likeliest commits, or none and a problem."""
        if not self._repositories:
            return ()
        tracked = TrackedPaths([(one.name, self._tracked(one)) for one in self._repositories])
        places = places_of(own_calls(self._event), tracked, self._repositories)
        self.problems += places.problems
        used = {place.repository for place in places.found}
        self._say_commit()
        for number in sorted(used or range(len(self._repositories))):
            self._say_revision(self._repositories[number])
        if not places.found:
            self.problems += [reasons.untracked(places.unknown)] if places.unknown else []
            return ()
        return self._judge(places.found)

    def _tracked(self, repository: Opened) -> list[str]:
        answer = repository.history.tracked(repository.revision.commit)
        if not answer:
            self.problems.append(reasons.git_failed(repository.name, answer.complaint))
        return paths_in(answer)

    def _say_commit(self) -> None:
        if self._commit and not any(one.revision.is_asked for one in self._repositories):
            self.problems.append(reasons.commit_nowhere(self._commit))

    def _say_revision(self, repository: Opened) -> None:
        if not repository.revision.is_release:
            self.problems.append(reasons.no_release(repository.name, repository.revision))

    def _judge(self, places: Sequence[Placed]) -> tuple[SuspectCommit, ...]:
        times = [repository.time for repository in self._repositories]
        found = suspicions(self._blamed(places), times)
        if not found:
            self.problems.append(reasons.none_left([place.path for place in places]))
        return tuple(self._suspect(suspicion) for suspicion in found)

    def _blamed(self, places: Sequence[Placed]) -> Iterator[BlamedPlace]:
        """Each place with its blame: git is asked once a file."""
        files = list(dict.fromkeys((place.repository, place.path) for place in places))
        for order, (number, path) in enumerate(files):
            here = [place for place in places if (place.repository, place.path) == (number, path)]
            yield from self._blamed_file(here, is_of_interest=order < _FILES_OF_INTEREST)

    def _blamed_file(self, places: Sequence[Placed], *, is_of_interest: bool) -> Iterator[BlamedPlace]:
        repository, path = self._repositories[places[0].repository], places[0].path
        history, revision = repository.history, repository.revision
        ranges = ranges_around([place.located.line for place in places])
        answer = history.blame(revision.commit, path, ranges, repository.ignored_file)
        if not answer:
            self.problems.append(reasons.git_failed(repository.name, answer.complaint))
        blame = self._possible(repository, blamed_lines(answer))
        recent = history.commits_of(revision.commit, path, repository.time) if is_of_interest else ()
        in_file = tuple(one for one in recent if self._is_possible(repository, one.sha, one.committed))
        for place in places:
            yield BlamedPlace(
                place.call, place.repository, path, place.located, blame, in_file, is_release=revision.is_release
            )

    def _possible(self, repository: Opened, lines: Sequence[BlamedLine]) -> tuple[BlamedLine, ...]:
        """Without what git could only attribute to the end of a shallow clone's history, or was told to ignore."""
        if any(line.commit.sha in repository.history.shallow for line in lines):
            self.problems.append(reasons.shallow(repository.name))
        return tuple(line for line in lines if self._is_possible(repository, line.commit.sha, line.commit.committed))

    def _is_possible(self, repository: Opened, sha: str, committed: int) -> bool:
        """What is in the release may be to blame whatever its clock says; what is not must be older than the crash."""
        is_late = not repository.revision.is_release and self._time is not None and committed > self._time
        return not is_late and sha not in repository.ignored and sha not in repository.history.shallow

    def _suspect(self, found: Suspicion) -> SuspectCommit:
        repository, commit = self._repositories[found.repository], found.commit
        return SuspectCommit(
            sha=commit.sha,
            repository=reasons.written(repository.name),
            revision=repository.revision.commit,
            revision_source=reasons.written(repository.revision.source),
            is_release=repository.revision.is_release,
            author=commit.author or None,
            date=iso(commit.committed),
            seconds_before=None if self._time is None else self._time - commit.committed,
            subject=commit.subject or None,
            score=round(found.share, 4),
            evidence=tuple(
                replace(one, path=reasons.written(one.path), score=round(one.score, 4)) for one in found.evidence
            ),
        )


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
