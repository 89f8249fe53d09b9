"""How much a part of a fingerprint counts: the more, the nearer to the crash and the rarer among all crashes.

The end of a stack says what failed, its beginning only how the program came to work at all: every crash of a server has
its event loop. That an edit costs by its distance from the crash is the idea of ReBucket and TraceSim (Dang et al.,
ICSE 2012; Vasiliev et al., 2020), that frequent calls count less is TraceSim's.
"""

from collections import Counter
from collections.abc import Iterable
from math import log
from typing import Final

DECAY: Final = 0.8
"""Weight of a call relative to the one it called; fitted on generated variants: see tests/symbolicator/grouping."""
_ERROR: Final = 0.5
"""Weight of the error, which is a fingerprint's first part, relative to the call that failed."""
_MIN_CORPUS: Final = 20
"""Of fewer different crashes nobody can say what is frequent."""
_LEAST: Final = 0.1
"""Weight of what all crashes have in common, relative to what one alone has."""


class Weights:
    """Of the parts of fingerprints. Every different crash that is told makes its parts less telling."""

    def __init__(self, decay: float = DECAY) -> None:
        self._decay = decay
        self._crashes = 0
        self._having: Counter[str] = Counter()

    def learn(self, parts: Iterable[str]) -> None:
        """Takes one more crash into account."""
        self._crashes += 1
        self._having.update(set(parts))

    def of(self, parts: Iterable[str]) -> list[float]:
        """One weight a part; the error comes first, then the newest call."""
        return [(self._decay ** (at - 1) if at else _ERROR) * self._rarity(part) for at, part in enumerate(parts)]

    def _rarity(self, part: str) -> float:
        if self._crashes < _MIN_CORPUS:
            return 1.0
        share = (self._having[part] + 1) / (self._crashes + 1)
        return max(_LEAST, min(1.0, log(share) / log(2 / (self._crashes + 1))))
