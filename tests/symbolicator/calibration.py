"""How sure merges are, and how often they are right: counted alike for every way of merging generated stacks."""

from msgspec import Struct

SURE = 0.9
"""From this confidence on, 99.5% of merges have to be right."""


class Calibration(Struct):
    """``right`` counts merges that are claimed with `SURE` or more, ``likely_right`` those with less."""

    stacks: int = 0
    merged: int = 0
    sure: int = 0
    right: int = 0
    likely_right: int = 0

    def count(self, confidence: float, *, is_right: bool) -> None:
        """A merge of one of the stacks."""
        self.merged += 1
        if confidence >= SURE:
            self.sure += 1
            self.right += is_right
        else:
            self.likely_right += is_right
