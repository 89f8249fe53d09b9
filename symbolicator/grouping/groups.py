"""Groups of crashes of the same cause: by fingerprint, near-duplicates by what their fingerprints have in common."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.grouping.alignment import Alignment, Difference, align
from symbolicator.grouping.candidates import Candidates
from symbolicator.grouping.weights import Weights
from symbolicator.model import Event, Fingerprint
from symbolicator.model.fingerprints import MERGED, UNNAMED

ALIKE: Final = 0.72
"""From here on two crashes are near-duplicates; fitted on generated variants: see tests/symbolicator/grouping."""
_MIN_SHARED: Final = 2.0
"""Calls that near-duplicates have in common at least: of a short trace half is alike by chance."""
_MIN_CALLS: Final = 3
"""Parts of a language's fingerprint, the error among them, that prove something by themselves."""
_MAX_ASKED: Final = 400
"""Groups that are asked whether they have the same calls in a language: of so many it would be none for sure."""

Prints = Mapping[str, Fingerprint]


class Placement(Struct, frozen=True):
    """Where a crash belongs. ``group`` is a number from 0, in the order in which groups were opened."""

    group: int
    is_new: bool = False
    """Nothing known was like it: it opened the group."""
    similarity: float = 1.0
    """To the crash that opened the group."""
    differences: tuple[Difference, ...] = ()
    """What it has otherwise than that one, from the crash on; none where the fingerprints are the same."""
    by: str | None = None
    """The language whose fingerprint is the same, where the other languages' symbols are missing on one side."""


class Groups:
    """Places one crash after the other.

    ::

        groups = Groups()
        placed = groups.add(event)  # a resolved one
        placed.group, placed.similarity, [str(difference) for difference in placed.differences]
        # (0, 0.86, ['shop::old → shop::new'])

    Only ``event.fingerprints`` is looked at: a service that keeps them can open its groups again by adding
    ``Event(fingerprints=kept)``. What was placed once stays there; a crash is compared with the one that opened a group
    alone, so that groups do not grow together over a chain of small differences.
    """

    def __init__(self, alike: float = ALIKE, weights: Weights | None = None) -> None:
        self._alike = alike
        self._weights = weights or Weights()
        self._candidates = Candidates()
        self._leaders: list[Prints] = []
        self._placed: dict[str, Placement] = {}
        self._of_language: dict[tuple[str, str], list[int]] = {}

    def add(self, event: Event) -> Placement | None:
        """Places a crash; None if it has no fingerprint."""
        prints = {one.name: one for one in event.fingerprints}
        merged = prints.get(MERGED)
        if merged is None:
            return None
        known = self._placed.get(merged.hash)
        if known:
            return replace(known, is_new=False)
        placed = self._nearest(prints)
        self._weights.learn(merged.parts)
        self._placed[merged.hash] = placed or self._opened(prints)
        return self._placed[merged.hash]

    def _opened(self, prints: Prints) -> Placement:
        number = len(self._leaders)
        self._leaders.append({})
        self._lead(number, prints)
        return Placement(number, is_new=True)

    def _lead(self, number: int, prints: Prints) -> None:
        """Others are compared with this crash from now on: it opened the group, or its names are known first."""
        self._leaders[number] = prints
        self._candidates.add(number, prints[MERGED].parts)
        for one in prints.values():
            numbers = self._of_language.setdefault((one.name, one.hash), [])
            if number not in numbers:
                numbers.append(number)

    def _nearest(self, prints: Prints) -> Placement | None:
        parts = prints[MERGED].parts
        candidates = self._candidates.like(parts, self._weights.of(parts))
        found = ((number, self._compared(number, parts)) for number in candidates)
        alike = {number: one for number, one in found if self._is_alike(one)}
        if not alike:
            return self._by_language(prints)
        number = max(alike, key=lambda number: (alike[number].similarity, -number))
        if len(alike) > 1 and any(_is_guess(self._leaders[one], prints) for one in alike):
            return None  # of several nobody knows which
        return self._joined(number, prints, alike[number])

    def _is_alike(self, found: Alignment) -> bool:
        return found.similarity >= self._alike and found.shared >= _MIN_SHARED and found.has_site

    def _joined(self, number: int, prints: Prints, found: Alignment, by: str | None = None) -> Placement:
        if _unnamed(prints) < _unnamed(self._leaders[number]):
            self._lead(number, prints)
        return Placement(number, similarity=found.similarity, differences=found.differences, by=by)

    def _compared(self, number: int, parts: Sequence[str]) -> Alignment:
        return align(self._leaders[number][MERGED].parts, parts, self._weights)

    def _by_language(self, prints: Prints) -> Placement | None:
        """The one group that has the same calls in a language, if nothing is known of the others."""
        like = {
            number: name
            for name in sorted(prints.keys() - {MERGED})
            for number in islice(self._of_language.get((name, prints[name].hash), ()), _MAX_ASKED)
            if len(prints[name].parts) >= _MIN_CALLS and _is_less_known(prints, self._leaders[number], but=name)
        }
        if len(like) != 1:
            return None
        number, name = like.popitem()
        return self._joined(number, prints, self._compared(number, prints[MERGED].parts), by=name)


def _is_guess(one: Prints, other: Prints) -> bool:
    """Whether the call that failed has no name on one side: other crashes may be as near."""
    sites = (part for prints in (one, other) for part in prints[MERGED].parts[1:2])
    return any(part.startswith(UNNAMED) for part in sites)


def _unnamed(prints: Prints) -> int:
    return sum(part.startswith(UNNAMED) for part in prints[MERGED].parts)


def _is_less_known(one: Prints, other: Prints, *, but: str) -> bool:
    """Whether in every other language one of the two has no names, so that nothing speaks against the same cause."""
    languages = (one.keys() | other.keys()) - {MERGED, but}
    return all(_is_unnamed(one.get(name)) or _is_unnamed(other.get(name)) for name in languages)


def _is_unnamed(fingerprint: Fingerprint | None) -> bool:
    """Whether no call has a name. A language that is not there at all is another way of failing."""
    return fingerprint is not None and all(part.startswith(UNNAMED) for part in fingerprint.parts[1:])
