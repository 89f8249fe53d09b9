"""The crashes of a made-up program, and how well groups of them agree with its bugs: counted in pairs of crashes."""

import random
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from symbolicator.model import Event
from tests.symbolicator.grouping.made_up import VARIANTS, crash, made_up_bugs, missing_library

UNKNOWABLE = missing_library.__name__
"""Of a trace without a single name nobody can say what it is; that it joins nothing wrongly counts all the same."""
Made: TypeAlias = tuple[int, str, Event]
"""Bug, variant and crash."""


class Pairs(Struct, frozen=True):
    """Of pairs in one group, the share that are one bug; of pairs of one bug, the share that are in one group."""

    precision: float
    recall: float


def made_up_crashes(seed: int) -> list[Made]:
    """A whole program's worth of crashes, in no order."""
    chance = random.Random(seed)
    bugs = enumerate(made_up_bugs(chance, 30))
    made = [
        (number, one, event)
        for number, bug in bugs
        for one, event in [
            ("as it was", crash(bug)),
            *((change.__name__, crash(change(bug, chance))) for change in VARIANTS),
        ]
    ]
    chance.shuffle(made)
    return made


def knowable(crashes: Sequence[Made], placed: Sequence[Hashable]) -> tuple[list[Made], list[Hashable]]:
    """Those that have names, and their groups."""
    known = [at for at, (_, variant, _) in enumerate(crashes) if variant != UNKNOWABLE]
    return [crashes[at] for at in known], [placed[at] for at in known]


def pairs_of(crashes: Sequence[Made], placed: Sequence[Hashable]) -> Pairs:
    """How well the groups of crashes agree with the bugs; ``placed``: the group of each."""
    bugs = [bug for bug, _, _ in crashes]
    right = _pairs(zip(bugs, placed, strict=True))
    return Pairs(right / _pairs(placed), right / _pairs(bugs))


def _pairs(keys: Iterable[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(keys).values())
