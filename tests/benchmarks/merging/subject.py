"""Merges and groups of generated crashes whose truth is known: how much is claimed, and how much of that is right."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from symbolicator.grouping import Groups
from tests.benchmarks.fresh import Figure
from tests.benchmarks.table import Column, Row, render
from tests.native.react_native import test_splices
from tests.symbolicator import test_interleave, test_matched
from tests.symbolicator.calibration import Calibration
from tests.symbolicator.grouping.pairs import Made, knowable, made_up_crashes, pairs_of

Rule: TypeAlias = Callable[[Sequence[Made]], list[Hashable]]
"""Gives each crash its group."""
SEED = 60
"""None that the tests use."""
MERGES = {
    "one stack in two views": test_interleave.calibrated,
    "two views with the same methods": test_matched.calibrated,
    "an error and its cause": test_splices.calibrated,
}
SHARES = (
    Column("merged", "merged, %", 1, 100, compared=False),
    Column("sure", "claimed from 0.9 on, %", 1, 100, compared=False),
    Column("right", "of those right, %", 2, 100, compared=False),
)
PROGRAMS = range(60, 70)
"""Seeds. The weights were fitted on 1 and 2, and looked at on 3, 4 and 5; the tests have 101 and 102."""
PAIRS = (
    Column("precision", "precision, %", 1, 100, compared=False),
    Column("recall", "recall, %", 1, 100, compared=False),
    Column("all_precision", "all: precision, %", 1, 100, compared=False),
    Column("all_recall", "all: recall, %", 1, 100, compared=False),
)


def tables() -> Iterator[str]:
    """Both tables."""
    rows = [Row(name, _shares(calibrated(SEED))) for name, calibrated in MERGES.items()]
    about = "10,000 generated pairs of stacks each, with frames dropped, inlined, stripped and left over at random."
    yield render(f"Merges: how many, and how often right\n{about}", SHARES, rows)
    programs = [made_up_crashes(seed) for seed in PROGRAMS]
    rows = [Row("groups", _pairs(programs, _grouped)), Row("fingerprint alone", _pairs(programs, _by_fingerprint))]
    about = (
        f"Pairs of crashes of {len(PROGRAMS)} made-up programs with 30 bugs each: other builds, missing symbols, "
        "recursion, renamed\nand wrapped functions. all: those too that lack every native name. Means."
    )
    yield render(f"Near-duplicates: how often right\n{about}", PAIRS, rows)


def _shares(counted: Calibration) -> dict[str, Figure]:
    shares = (counted.merged / counted.stacks, counted.sure / counted.stacks, counted.right / counted.sure)
    return {column.key: Figure(share) for column, share in zip(SHARES, shares, strict=True)}


def _grouped(crashes: Sequence[Made]) -> list[Hashable]:
    groups = Groups()
    return [placed and placed.group for placed in (groups.add(event) for _, _, event in crashes)]


def _by_fingerprint(crashes: Sequence[Made]) -> list[Hashable]:
    return [next(one.hash for one in event.fingerprints if one.name == "merged") for _, _, event in crashes]


def _pairs(programs: Sequence[Sequence[Made]], rule: Rule) -> dict[str, Figure]:
    placed = [(crashes, rule(crashes)) for crashes in programs]
    some = [pairs_of(*knowable(*one)) for one in placed]
    every = [pairs_of(*one) for one in placed]
    sums = {
        "precision": sum(one.precision for one in some), "recall": sum(one.recall for one in some),
        "all_precision": sum(one.precision for one in every), "all_recall": sum(one.recall for one in every),
    }  # fmt: skip
    return {key: Figure(total / len(programs)) for key, total in sums.items()}
