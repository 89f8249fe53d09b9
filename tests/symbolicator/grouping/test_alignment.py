"""How alike two crashes are, and what differs."""

import random
from collections.abc import Sequence

import pytest

from symbolicator.grouping import ALIKE, Weights, align

ONE = ("invalid memory access", "shop::total", "shop::charge", "desk::pay", "app::run", "main")


def changes(*parts: str) -> list[str]:
    return [str(one) for one in align(ONE, parts).differences]


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (("shop::sum", *ONE[2:]), ["shop::total → shop::sum"]),
        ((*ONE[1:3], "util::retry", *ONE[3:]), ["with util::retry"]),
        ((*ONE[1:3], *ONE[4:]), ["without desk::pay"]),
        (("shop::v2::total", *ONE[2:]), ["shop::total → shop::v2::total"]),
        (("? (libshop.so)", *ONE[2:]), ["shop::total → ? (libshop.so)"]),
    ],
    ids=["renamed", "wrapped", "inlined", "moved", "without a symbol"],
)
def test_what_differs_is_said(other: tuple[str, ...], said: list[str]) -> None:
    """Whoever is offered to join two groups must see why."""
    assert changes(ONE[0], *other) == said


def test_the_end_that_crashed_counts_most() -> None:
    """Crashes of one event loop would be alike, and those of one function that two features call would not."""
    other_site = align(ONE, (ONE[0], "stock::pick", *ONE[2:]))
    other_start = align(ONE, (*ONE[:-1], "start"))
    assert other_site.similarity < other_start.similarity - 0.1
    assert (other_site.has_site, other_start.has_site) == (False, True)


@pytest.mark.parametrize("name", ["cart::total", "shop::totalNow", "? (libshop.so)"])
def test_a_call_that_was_moved_or_renamed_is_known_again(name: str) -> None:
    """Refactoring would part the crashes of before from those of after."""
    other, found = (align(ONE, (ONE[0], call, *ONE[2:])) for call in ("shop::refund", name))
    assert found.has_site
    assert found.similarity > max(ALIKE, other.similarity)


def test_two_calls_without_names_are_not_taken_for_the_same() -> None:
    """All crashes in a library without symbols would be one bug; a place in the image tells."""
    unplaced = ("abort", "? (libshop.so)", "? (libshop.so)")
    placed = ("abort", "? (libshop.so+0x10)", "? (libshop.so+0x20)")
    assert align(unplaced, unplaced).similarity < ALIKE
    assert align(placed, placed).similarity == 1.0


def test_what_all_crashes_have_counts_less() -> None:
    """In a server where each trace has the same ten calls of its framework, two bugs would be alike by those alone."""
    framework = tuple(f"web::layer{number}" for number in range(3))
    one, other = (("abort", f"{name}::{name}", f"{name}::serve_{name}", *framework) for name in ("cart", "stock"))
    weights = Weights()
    for number in range(60):
        weights.learn(("abort", f"feature{number}::fail", f"feature{number}::serve", *framework))
    assert align(one, other, weights).similarity < align(one, other).similarity - 0.1


def some_parts(chance: random.Random) -> Sequence[str]:
    names = ("total", "cart::total", "pay", "? (libshop.so)", "? (libshop.so+0x10)", "getTotal", "", "main")
    return tuple(chance.choice(names) for _ in range(chance.randint(0, 9)))


def test_similarity_is_symmetric_and_bounded() -> None:
    """An order of comparing that changed the answer would make groups depend on who came first."""
    chance = random.Random(12)
    for _ in range(500):
        one, other = some_parts(chance), some_parts(chance)
        assert align(one, other).similarity == pytest.approx(align(other, one).similarity)
        assert 0.0 <= align(one, other).similarity <= 1.0
        assert one or align(one, one).similarity == 1.0


def test_the_differences_lead_from_one_to_the_other() -> None:
    """A change that is left out, or made up, misleads."""
    chance = random.Random(13)
    for _ in range(500):
        one, other = some_parts(chance), some_parts(chance)
        found = align(one, other).differences
        was, now = [one.was for one in found if one.was is not None], [one.now for one in found if one.now is not None]
        assert len(one) - len(was) == len(other) - len(now)
        assert not set(was) - set(one)
        assert not set(now) - set(other)
