"""Two fingerprints beside each other: which parts are the same, which were renamed, which only one has.

>>> aligned = align(("SIGSEGV", "shop::old", "main"), ("SIGSEGV", "shop::new", "main"))
>>> str(aligned.differences[0]), round(aligned.similarity, 2)
('shop::old → shop::new', 0.57)
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Final

from msgspec import Struct

from symbolicator.grouping.names import own_name, words_of
from symbolicator.grouping.weights import Weights
from symbolicator.model.fingerprints import OFFSET, UNNAMED

_MOVED: Final = 0.15
"""Cost of a call whose class, namespace or file is another one, relative to one that is another function."""
_RENAMED: Final = 0.3
_UNNAMED: Final = 0.5
"""Cost of a call whose name is known on one side alone: it may be the same."""
_SITE: Final = 1
"""Where in a fingerprint the call that failed stands; before it stands the error."""
_ROUNDING: Final = 1e-9


class Difference(Struct, frozen=True):
    """What one has where the other has something else, or nothing."""

    was: str | None
    now: str | None

    def __str__(self) -> str:
        if self.was and self.now:
            return f"{self.was} → {self.now}"
        return f"without {self.was}" if self.was else f"with {self.now}"


class Alignment(Struct, frozen=True):
    """``similarity``: from 0.0, nothing in common, to 1.0, the same parts. Differences from the crash on."""

    similarity: float
    shared: float = 0.0
    """Calls that both have; one that was moved is half a proof."""
    has_site: bool = False
    """The call that failed in one of them is a call of the other too, or may be."""
    differences: tuple[Difference, ...] = ()


class _Side(Struct, frozen=True):
    """Parts and what each costs to leave out."""

    parts: Sequence[str]
    costs: Sequence[float]

    def beyond(self, start: int) -> "_Side":
        return _Side(self.parts[start:], self.costs[start:])


def align(one: Sequence[str], other: Sequence[str], weights: Weights | None = None) -> Alignment:
    """The cheapest way from one to the other by Levenshtein's recurrence: an edit costs what the parts weigh."""
    weights = weights or Weights()
    left, right = _Side(one, weights.of(one)), _Side(other, weights.of(other))
    whole = sum(left.costs) + sum(right.costs)
    if not whole:
        return Alignment(1.0)
    same = sum(1 for _ in takewhile(lambda pair: not _change(*pair), zip(one, other, strict=False)))
    left, right = left.beyond(same), right.beyond(same)
    table = _table(left, right)
    steps = tuple(_steps(table, left, right))[::-1]
    similarity = max(0.0, 1.0 - table[-1][-1] / whole)
    return Alignment(similarity, _shared(one, other, steps), _has_site(one, other, steps), steps)


def _shared(one: Sequence[str], other: Sequence[str], steps: Sequence[Difference]) -> float:
    unchanged = len(one) - sum(1 for step in steps if step.was is not None) - (one[:1] == other[:1])
    return unchanged + sum(1 for step in steps if _of(step) == _MOVED) / 2


def _has_site(one: Sequence[str], other: Sequence[str], steps: Sequence[Difference]) -> bool:
    lost = {step.was for step in steps if _of(step) == 1.0}
    gained = {step.now for step in steps if _of(step) == 1.0}
    return not (lost.issuperset(one[_SITE : _SITE + 1]) and gained.issuperset(other[_SITE : _SITE + 1]))


def _of(step: Difference) -> float:
    """What a change cost; 1.0 where nothing connects the two."""
    return 1.0 if step.was is None or step.now is None else _change(step.was, step.now)


def _table(left: _Side, right: _Side) -> list[list[float]]:
    """Row i, column j: what the first i parts of one side and the first j of the other are apart."""
    row = [0.0]
    for cost in right.costs:
        row.append(row[-1] + cost)
    table = [row]
    for part, cost in zip(left.parts, left.costs, strict=True):
        above, row = row, [row[0] + cost]
        last = row[0]
        for j, (against, its_cost) in enumerate(zip(right.parts, right.costs, strict=True)):
            last = min(above[j + 1] + cost, last + its_cost)
            change = _change(part, against)
            if change < 1.0:  # else it is the same as leaving out the one and putting in the other
                last = min(last, above[j] + (cost + its_cost) * change)
            row.append(last)
        table.append(row)
    return table


def _steps(table: list[list[float]], left: _Side, right: _Side) -> Iterator[Difference]:
    """The edits on the cheapest way, the last one first."""
    i, j = len(left.parts), len(right.parts)
    while i or j:
        part, against = left.parts[i - 1] if i else None, right.parts[j - 1] if j else None
        if part and against and _is_changed(table, left, right, i, j):
            i, j = i - 1, j - 1
            if part != against:
                yield Difference(part, against)
        elif i and (not j or table[i][j] == table[i - 1][j] + left.costs[i - 1]):
            i -= 1
            yield Difference(part, None)
        else:
            j -= 1
            yield Difference(None, against)


def _is_changed(table: list[list[float]], left: _Side, right: _Side, i: int, j: int) -> bool:
    """Whether the cheapest way there pairs the two parts; one that leaves both out is no cheaper."""
    cost = (left.costs[i - 1] + right.costs[j - 1]) * _change(left.parts[i - 1], right.parts[j - 1])
    return table[i - 1][j - 1] + cost <= table[i][j] + _ROUNDING


def _change(part: str, against: str) -> float:
    """Cost of a part that became another one, relative to leaving out the one and putting in the other."""
    if part == against and (OFFSET in part or not part.startswith(UNNAMED)):
        return 0.0
    if part.startswith(UNNAMED) or against.startswith(UNNAMED):
        return _UNNAMED
    return _renaming(part, against)


@lru_cache(maxsize=1 << 16)
def _renaming(part: str, against: str) -> float:
    """Code that was moved keeps the function's name, one that was renamed keeps some of its words."""
    name, other = own_name(part), own_name(against)
    if name == other:
        return _MOVED
    words, others = words_of(name), words_of(other)
    return _RENAMED if words and others and (words <= others or others <= words) else 1.0
