"""Which known crashes may be like a new one: those that share the names of calls, the rarest names first.

Comparing each crash with every other one would take hours where there are thousands. Two that are alike have calls in
common, so that asking an index for those is enough. A name counts without its qualifiers: code that was moved keeps it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Final

from symbolicator.grouping.names import own_name
from symbolicator.model.fingerprints import UNNAMED

MAX_CANDIDATES: Final = 5
_MAX_HAVING: Final = 400
"""A name that more crashes have finds no particular one; it is asked for only by those that have no rarer one."""


class Candidates:
    """An index of crashes, by number, over the names of their calls."""

    def __init__(self) -> None:
        self._having: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, number: int, parts: Sequence[str]) -> None:
        """Makes a crash known."""
        for name in _names(parts, [0.0] * len(parts)):
            self._having[name].append(number)

    def like(self, parts: Sequence[str], weights: Sequence[float]) -> list[int]:
        """Those that have the parts that weigh most, at most `MAX_CANDIDATES`, the likeliest first."""
        names = [(name, self._having.get(name, ()), weight) for name, weight in _names(parts, weights).items()]
        asked = [known for known in names if len(known[1]) <= _MAX_HAVING] or sorted(names, key=_frequency)[:1]
        found: defaultdict[int, float] = defaultdict(float)
        for _, having, weight in asked:
            for number in islice(having, _MAX_HAVING):
                found[number] += weight
        return nsmallest(MAX_CANDIDATES, found, key=lambda number: (-found[number], number))


def _frequency(known: tuple[str, Sequence[int], float]) -> int:
    return len(known[1])


def _names(parts: Iterable[str], weights: Iterable[float]) -> dict[str, float]:
    """The calls' own names, ``total`` of ``shop::Cart::total`` and of ``total (cart.ts)``, with the newest's weight."""
    names: dict[str, float] = {}
    for part, weight in zip(parts, weights, strict=True):
        if not part.startswith(UNNAMED):
            names.setdefault(own_name(part), weight)
    return names
