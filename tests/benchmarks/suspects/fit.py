"""Fits the weights on one set of made-up histories and shows what they are worth on another.

::

    .venv/bin/python -m tests.benchmarks.suspects.fit

One weight after the other is moved up and down in ever smaller steps, as long as the training cases get better by it.
What it prints goes into `symbolicator.suspects.score.Weights`, rounded: the optimum is flat.
"""

import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import asdict, replace

from symbolicator.suspects.score import FITTED, Weights, suspicions
from tests.benchmarks.suspects.evaluation import Evidence, collect, newest_commit, ours, share_found, top_frame

TRAINING, TESTING = range(1000, 1040), range(3000, 3040)
CRASHES = 10
_STEPS = (2.0, 1.4, 1.15)
_MOST = {"caller": 1.0, "next_call": 1.0, "next_lines": 1.0, "near": 1.0, "file": 1.0, "old": 1.0, "next_place": 1.0}


def merit(cases: Sequence[Evidence], weights: Weights) -> float:
    """How good the weights are: the guilty commit first counts most, then among three, then its share."""
    return sum(_merit(case, weights) for case in cases) / len(cases)


def _merit(case: Evidence, weights: Weights) -> float:
    found = suspicions(case.places, case.times, case.breadths, weights)
    share = next((one.share for one in found if one.commit.sha == case.guilty), 0.0)
    is_first = bool(found) and found[0].commit.sha == case.guilty
    return is_first + 0.5 * bool(share) + 0.1 * math.log(share + 0.02)


def fit(cases: Sequence[Evidence], weights: Weights) -> Weights:
    """The weights moved to where the cases are found best."""
    best = merit(cases, weights)
    for step in _STEPS:
        for name in (*asdict(weights), *asdict(weights)):
            for factor in (step, 1 / step):
                value = min(getattr(weights, name) * factor, _MOST.get(name, math.inf))
                moved = replace(weights, **{name: value})
                reached = merit(cases, moved)
                if reached > best:
                    best, weights = reached, moved
                    sys.stderr.write(f"{best:.4f} {name}={value:.4g}\n")
    return weights


def main() -> None:
    """Fits, and prints weights and shares."""
    with tempfile.TemporaryDirectory() as folder:
        training = list(collect(Path(folder), TRAINING, CRASHES))
        testing = list(collect(Path(folder), TESTING, CRASHES))
    fitted = fit(training, FITTED)
    sys.stdout.write(f"{fitted}\n")
    rules = {"newest": newest_commit, "top frame": top_frame, "before": ours(), "fitted": ours(fitted)}
    for name, rule in rules.items():
        sys.stdout.write(f"{name}: {share_found(training, rule)}, test {share_found(testing, rule)}\n")


if __name__ == "__main__":
    main()
