"""The weights beside the simple rules that they must beat, in made-up histories that they were not fitted to."""

import pytest

from tests.benchmarks.suspects.evaluation import Evidence, collect, newest_commit, ours, share_found, top_frame

HISTORIES, CRASHES = (3, 4), 12


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Evidence]:
    return list(collect(tmp_path_factory.mktemp("histories"), HISTORIES, CRASHES))


def test_the_weights_find_more_than_simple_rules(cases: list[Evidence]) -> None:
    """Whoever reads the newest commit off blame would be as well off without us."""
    found = share_found(cases, ours())
    for rule in (newest_commit, top_frame):
        simple = share_found(cases, rule)
        assert found.first >= simple.first + 0.08
        assert found.in_three >= simple.in_three + 0.08
