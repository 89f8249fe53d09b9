"""How often the guilty commit is found: ours beside two simple rules, on the same blame.

The rules are what engineers and products do: the newest commit, of at most a year, among those that blame names for the
lines of the own frames (Sentry's suspect commits); and the commits that blame names frame by frame, the newest frame
first ("blame of the top frame"). Both get our blame, which looks through moves and listed mass changes: what is
compared is the weighing alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from symbolicator.suspects import find, find_suspects
from symbolicator.suspects.commits import Commit
from symbolicator.suspects.score import FITTED, BlamedPlace, Suspicion, Times, Weights, suspicions
from tests.benchmarks.suspects.cases import make_cases

_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the weighing of one crash gets, and the commit that it should find."""

    places: tuple[BlamedPlace, ...]
    times: Times
    breadths: tuple[Mapping[str, int], ...]
    guilty: str


@dataclass(frozen=True, slots=True)
class Found:
    """Shares of all cases."""

    first: float
    in_three: float


Rule = Callable[[Evidence], Sequence[str]]


class _Recorder:
    """Stands in for `suspicions` and keeps what it was given last: the evidence of the answer."""

    def __init__(self) -> None:
        self.places: tuple[BlamedPlace, ...] = ()
        self.times = Times(0.0, 0.0)
        self.breadths: tuple[Mapping[str, int], ...] = ({},)

    def __call__(
        self, places: Sequence[BlamedPlace], times: Times, breadths: Sequence[Mapping[str, int]]
    ) -> tuple[Suspicion, ...]:
        self.places, self.times, self.breadths = tuple(places), times, tuple(breadths)
        return suspicions(places, times, breadths)


def collect(folder: Path, seeds: Iterable[int], crashes: int) -> Iterator[Evidence]:
    """Makes a history for each seed, and so many crashes of it."""
    for seed in seeds:
        repository = folder / f"history{seed}"
        for case in make_cases(repository, seed, crashes):
            recorder = _Recorder()
            with patch.object(find, "suspicions", recorder):
                find_suspects(case.event, [repository])
            yield Evidence(recorder.places, recorder.times, recorder.breadths, case.guilty)


def share_found(cases: Sequence[Evidence], rule: Rule) -> Found:
    """How often a rule names the guilty commit first, and among the first three."""
    answers = [(list(rule(case)), case.guilty) for case in cases]
    first = sum(names[:1] == [guilty] for names, guilty in answers)
    in_three = sum(guilty in names[:3] for names, guilty in answers)
    return Found(first / len(cases), in_three / len(cases))


def ours(weights: Weights = FITTED) -> Rule:
    """Our own rule, with other weights if wanted."""
    return lambda case: [one.commit.sha for one in suspicions(case.places, case.times, case.breadths, weights)]


def newest_commit(case: Evidence) -> list[str]:
    """The newest commits among those of the lines, none older than a year."""
    commits = {commit.sha: commit for commit in _of_lines(case)}
    young = [one for one in commits.values() if case.times.crashed - one.committed <= _YEAR]
    return [one.sha for one in sorted(young, key=lambda one: -one.committed)]


def top_frame(case: Evidence) -> list[str]:
    """The commits of the lines, the newest frame first."""
    return list(dict.fromkeys(commit.sha for commit in _of_lines(case)))


def _of_lines(case: Evidence) -> Iterator[Commit]:
    """The commits of the frames' very lines, the newest frame first."""
    for place in sorted(case.places, key=lambda one: one.call.rank):
        yield from (line.commit for line in place.blame if line.line == place.located.line)
