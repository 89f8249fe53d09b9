"""How much speaks for each commit. Pure: places and their blame in, commits with scores out.

A place of the trace gives a commit

    nearness to the crash * trust in the line * trust in the revision * overlap * weight of the commit

- nearness: 1 for the call that failed, half for its caller, slowly less for each further one
- trust in the line: 1 where its text is the frame's, less where the line moved, cannot be compared, or differs
- overlap: 1 for the very line, less for lines near it, least for another change of the file
- weight of the commit: halved every fifty days between it and the release, never quite nothing; less the more files it
  changed, for mass changes are in every trace; little for the first commit of a history, which changed everything

The strongest place of a commit counts fully, each further one two fifths of the one before. What is shown is a commit's
share of all scores and a part that is kept for "none of these", the larger the longer the crash took to show up: one
old commit alone never looks certain. The share orders commits; it is no probability.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from symbolicator.model import SuspectEvidence
from symbolicator.suspects.blame import BlamedLine
from symbolicator.suspects.commits import Commit
from symbolicator.suspects.frames import OwnCall
from symbolicator.suspects.lines import Located

NEAR = 10
"""Lines up and down that count as near."""
MAX_SUSPECTS = 3
NONE_OF_THESE = 0.05
MIN_SHARE = 0.05
_TRUST = {"same text": 1.0, "shifted": 0.8, "unverified": 0.7, "other text": 0.3}
_PROVEN = frozenset({"same text", "shifted"})
_NO_RELEASE_PROVEN, _NO_RELEASE = 0.85, 0.5
"""Trust in a revision that is not known to be what crashed: more where the frame's text is there."""
_NEXT_LINES = 3
_HALF_DELAY = 100.0
"""Days."""
_FIRST_COMMIT = 0.05


class Times(Struct, frozen=True):
    """When the release was made, from which age counts, and when it crashed: seconds since 1970."""

    released: float
    crashed: float


class Weights(Struct, frozen=True):
    """Fitted to histories with a known guilty commit (tests/benchmarks/suspects) and rounded: the optimum is flat."""

    caller: float = 0.5
    """Nearness of the call next to the one that failed."""
    next_call: float = 0.97
    """And what is left of it with each further call."""
    next_lines: float = 0.4
    """Overlap up to three lines away."""
    near: float = 0.2
    file: float = 0.01
    half_life: float = 50.0
    """Days."""
    old: float = 0.01
    breadth: float = 2.0
    """Files from which on a commit counts for less."""
    next_place: float = 0.4
    """What is left of the weight with each further place of the same commit."""


FITTED = Weights()


class BlamedPlace(Struct, frozen=True):
    """A place of the trace and what git says about the lines around it."""

    call: OwnCall
    repository: int
    path: str
    located: Located
    blame: tuple[BlamedLine, ...] = ()
    in_file: tuple[Commit, ...] = ()
    """The last commits of the file."""
    is_release: bool = True
    """Whether the revision that was blamed is what crashed."""


class Suspicion(Struct, frozen=True):
    """A commit with its share of all scores and what speaks for it, the strongest first."""

    repository: int
    commit: Commit
    share: float
    evidence: tuple[SuspectEvidence, ...]


class _Case(Struct):
    commit: Commit
    weights: Weights
    evidence: list[SuspectEvidence] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Each further place adds less: they are not independent."""
        scores = sorted((one.score for one in self.evidence), reverse=True)
        return sum(score * self.weights.next_place**number for number, score in enumerate(scores))


def suspicions(
    places: Iterable[BlamedPlace],
    times: Times,
    breadths: Sequence[Mapping[str, int]],
    weights: Weights = FITTED,
) -> tuple[Suspicion, ...]:
    """The likeliest commits, at most three.

    ``breadths``: for each repository how many files its commits changed, where that is known. Does not depend on the
    order of the places.
    """
    cases: dict[tuple[int, str], _Case] = {}
    for place in _distinct(places):
        for commit, evidence in _evidence(place, times.released, breadths[place.repository], weights):
            cases.setdefault((place.repository, commit.sha), _Case(commit, weights)).evidence.append(evidence)
    total = sum(sorted(case.score for case in cases.values())) + _none_of_these(times, weights)
    ranked = sorted(cases.items(), key=lambda item: (-item[1].score, -item[1].commit.committed, item[0]))
    shown = (
        Suspicion(repository, case.commit, case.score / total, _strongest_first(case.evidence))
        for (repository, _), case in ranked[:MAX_SUSPECTS]
    )
    return tuple(one for number, one in enumerate(shown) if number == 0 or one.share >= MIN_SHARE)


def _none_of_these(times: Times, weights: Weights) -> float:
    """More if the crash took long to show up after the release: then something else changed."""
    delay = max(0.0, times.crashed - times.released) / 86_400
    return float(NONE_OF_THESE / max(weights.old, 0.5 ** (delay / _HALF_DELAY)))


def _strongest_first(evidence: Iterable[SuspectEvidence]) -> tuple[SuspectEvidence, ...]:
    return tuple(sorted(evidence, key=lambda one: (-one.score, one.rank, one.path, one.line)))


def _distinct(places: Iterable[BlamedPlace]) -> list[BlamedPlace]:
    """Each line once, where it is nearest to the crash: recursion is no evidence."""
    order = sorted(places, key=lambda place: (place.call.rank, place.call.stack, place.call.index))
    kept: dict[tuple[int, str, int], BlamedPlace] = {}
    for place in order:
        kept.setdefault((place.repository, place.path, place.located.line), place)
    return list(kept.values())


def _evidence(
    place: BlamedPlace, time: float, breadths: Mapping[str, int], weights: Weights
) -> Iterator[tuple[Commit, SuspectEvidence]]:
    """For each commit the best that one place says."""
    nearest: dict[str, list[BlamedLine]] = {}
    for blamed in sorted(place.blame, key=lambda line: (abs(line.line - place.located.line), line.line)):
        if abs(blamed.line - place.located.line) <= NEAR:
            nearest.setdefault(blamed.commit.sha, []).append(blamed)
    for lines in nearest.values():
        commit = lines[0].commit
        weight = weight_of(commit, time, breadths.get(commit.sha, 1), weights)
        yield commit, _scored(_of_lines(place, lines), _overlap(place, lines[0], weights) * weight, place, weights)
    for commit in place.in_file:
        if commit.sha not in nearest:
            weight = weight_of(commit, time, breadths.get(commit.sha, 1), weights)
            yield commit, _scored(_plain(place, "file"), weights.file * weight, place, weights)


def _of_lines(place: BlamedPlace, lines: Sequence[BlamedLine]) -> SuspectEvidence:
    is_line = lines[0].line == place.located.line
    former = lines[0].path if lines[0].path not in ("", place.path) else None
    changed = () if is_line else tuple(sorted(line.line for line in lines))
    return replace(_plain(place, "line" if is_line else "near"), changed=changed, former_path=former)


def _plain(place: BlamedPlace, kind: Literal["line", "near", "file"]) -> SuspectEvidence:
    return SuspectEvidence(
        kind=kind,
        path=place.path,
        line=place.located.line,
        stack=place.call.stack,
        index=place.call.index,
        function=place.call.frame.function,
        rank=place.call.rank,
        match=place.located.match,
    )


def _scored(evidence: SuspectEvidence, weight: float, place: BlamedPlace, weights: Weights) -> SuspectEvidence:
    nearness: float = weights.caller * weights.next_call ** (evidence.rank - 1) if evidence.rank else 1.0
    trust = _TRUST[evidence.match] * (1.0 if place.is_release else _without_release(evidence))
    return replace(evidence, score=nearness * trust * weight)


def _without_release(evidence: SuspectEvidence) -> float:
    return _NO_RELEASE_PROVEN if evidence.match in _PROVEN else _NO_RELEASE


def _overlap(place: BlamedPlace, line: BlamedLine, weights: Weights) -> float:
    distance = abs(line.line - place.located.line)
    if distance == 0:
        return 1.0
    return weights.next_lines if distance <= _NEXT_LINES else weights.near


def weight_of(commit: Commit, time: float, breadth: int = 1, weights: Weights = FITTED) -> float:
    """1 for a small commit of the moment that age counts from (``time``, seconds since 1970), less for older ones."""
    age = max(0.0, time - commit.committed)
    recency = float(max(weights.old, 0.5 ** (age / (weights.half_life * 86_400))))
    narrow = min(1.0, weights.breadth / max(1, breadth))
    return recency * narrow * (_FIRST_COMMIT if commit.is_first else 1.0)
