"""How alike two crashes are: for those that fingerprints keep apart, such as after a function was renamed.

Source: the edit distance of stacks weighted to the crash end is ReBucket's and TraceSim's idea (Dang et al., ICSE 2012;
Vasiliev et al., 2020); names within the calls are compared by rapidfuzz.
"""

from collections.abc import Sequence

from rapidfuzz import fuzz

from symbolicator.model import Fingerprint

DECAY = 0.85
"""Weight of a call relative to the one that is nearer to the crash."""
ALIKE = 0.7
"""From here on two crashes are near-duplicates, found on generated variants: see the tests."""
_SAME_NAME = 85
"""Of 100: names that differ less are taken for a call that was renamed or moved."""


def similarity(one: Fingerprint, other: Fingerprint) -> float:
    """From 0.0 (nothing in common) to 1.0 (the same calls): 1 less the weighted edit distance of their parts."""
    whole = max(_weight(one.parts), _weight(other.parts))
    return 1.0 - _distance(one.parts, other.parts) / whole if whole else 1.0


def _weight(parts: Sequence[str]) -> float:
    return float(sum(DECAY**at for at in range(len(parts))))


def _distance(one: Sequence[str], other: Sequence[str]) -> float:
    """Levenshtein's recurrence; an edit costs as much as the calls at that depth weigh."""
    row = [0.0]
    for at in range(len(other)):
        row.append(row[-1] + DECAY**at)
    for i, part in enumerate(one):
        last, row = row, [row[0] + DECAY**i]
        for j, against in enumerate(other):
            weight = DECAY ** max(i, j)
            row.append(min(last[j] + weight * _difference(part, against), last[j + 1] + DECAY**i, row[j] + DECAY**j))
    return min(row[-1], max(_weight(one), _weight(other)))


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    alike = fuzz.ratio(one, other)
    return 1.0 - alike / 100 if alike >= _SAME_NAME else 1.0
