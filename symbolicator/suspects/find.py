"""Puts the parts together: the event's own calls, the files they mean, who changed their lines, who is suspected."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from symbolicator.model import Event, Problem, SuspectCommit
from symbolicator.model.edit import with_problems
from symbolicator.suspects import reasons
from symbolicator.suspects.changes import ChangeFinder, Changes
from symbolicator.suspects.frames import own_calls
from symbolicator.suspects.git import Git
from symbolicator.suspects.opened import Opened, open_repository
from symbolicator.suspects.paths import TrackedPaths
from symbolicator.suspects.places import Placed, places_of
from symbolicator.suspects.repository import Place, find_repository
from symbolicator.suspects.revisions import Wanted
from symbolicator.suspects.score import BlamedPlace, Suspicion, Times, suspicions
from symbolicator.suspects.times import crash_time, iso


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
        tracked = TrackedPaths([(one.name, one.files) for one in self._repositories])
        places = places_of(own_calls(self._event), tracked, self._repositories)
        self.problems += places.problems
        used = {place.repository for place in places.found}
        self._say_commit()
        self._say_revisions([self._repositories[number] for number in sorted(used or range(len(self._repositories)))])
        if not places.found:
            self.problems += [reasons.untracked(places.unknown)] if places.unknown else []
            return ()
        return self._judge(places.found)

    def _say_commit(self) -> None:
        if self._commit and not any(one.revision.is_asked for one in self._repositories):
            self.problems.append(reasons.commit_nowhere(self._commit))

    def _say_revisions(self, repositories: Sequence[Opened]) -> None:
        """Repositories that lack the same are told of together."""
        unknown = [one for one in repositories if not one.revision.is_release]
        kinds = {one.name: replace(one.revision, commit="") for one in unknown}
        for kind in dict.fromkeys(kinds.values()):
            self.problems.append(reasons.no_release([name for name in kinds if kinds[name] == kind], kind))

    def _judge(self, places: Sequence[Placed]) -> tuple[SuspectCommit, ...]:
        """Who changed the lines of late; if nobody did, who once wrote those where it failed is weighed too."""
        finder = ChangeFinder(self._repositories, self._times().released, self._time)
        changes = finder.find(places)
        found = self._weighed(changes)
        if changes[0].is_older and not any(one.kind != "file" for suspicion in found for one in suspicion.evidence):
            found = self._weighed([finder.find_older(places), *changes[1:]])
        if not found:
            self.problems.append(reasons.none_left([place.path for place in places]))
        return tuple(self._suspect(suspicion) for suspicion in found)

    def _weighed(self, changes: Sequence[Changes]) -> tuple[Suspicion, ...]:
        self.problems += [problem for one in changes for problem in one.problems]
        places = [place for one in changes for place in one.places]
        return suspicions(places, self._times(), self._breadths(places))

    def _times(self) -> Times:
        """One release time for all repositories: else a library's last commit of years ago would count as new."""
        built = max(repository.built for repository in self._repositories)
        return Times(built, built) if self._time is None else Times(min(built, self._time), self._time)

    def _breadths(self, places: Sequence[BlamedPlace]) -> list[dict[str, int]]:
        commits: list[set[str]] = [set() for _ in self._repositories]
        for place in places:
            commits[place.repository] |= {line.commit.sha for line in place.blame} | {one.sha for one in place.in_file}
        pairs = zip(self._repositories, commits, strict=True)
        return [repository.history.breadths(sorted(some)) if some else {} for repository, some in pairs]

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
