"""Groups: crashes of the same cause find each other, others do not, and thousands take seconds."""

import random
from itertools import permutations
from pathlib import Path

import pytest

from symbolicator import codec
from symbolicator.grouping import Groups
from symbolicator.grouping.batch import Crash, crash_of, group
from symbolicator.model import Event, Fingerprint
from tests.symbolicator.grouping.made_up import Bug, crash, missing_library, native, script
from tests.symbolicator.grouping.pairs import knowable, made_up_crashes, pairs_of

GOLDEN = Path(__file__).parents[2] / "golden"


def shop(*calls: str, error: str = "SIGSEGV") -> Event:
    return crash(Bug(error, tuple(native(call) for call in reversed(calls))))


SALE = ("cart::total", "cart::charge", "desk::pay", "app::run", "main")


def test_near_duplicates_join_and_say_what_differs() -> None:
    """Every refactoring would open its bugs anew."""
    groups = Groups()
    first = groups.add(shop(*SALE))
    near = groups.add(shop(SALE[0], "cart::settle", *SALE[2:]))
    assert first
    assert near
    assert (first.is_new, near.is_new, near.group) == (True, False, first.group)
    assert [str(one) for one in near.differences] == ["cart::charge → cart::settle"]


def test_the_same_crash_again_is_no_new_group() -> None:
    """Who acts on new groups would be called for every crash."""
    groups = Groups()
    placed = [groups.add(shop(*SALE)) for _ in range(3)]
    assert [one and (one.group, one.is_new) for one in placed] == [(0, True), (0, False), (0, False)]


@pytest.mark.parametrize(
    "other",
    [("stock::pick", *SALE[1:]), ("stock::pick", "stock::find", *SALE[2:]), SALE[3:], ("main",)],
    ids=["other function at the end", "other feature", "only the start", "one call"],
)
def test_other_bugs_stay_apart(other: tuple[str, ...]) -> None:
    """Two bugs in one group: one is fixed, and the other is closed with it."""
    groups = Groups()
    groups.add(shop(*SALE))
    placed = groups.add(shop(*other))
    assert placed
    assert placed.is_new


MIXED = Bug(
    "SIGSEGV", (script("onPress", "app"), script("pay", "cart"), *(native(f"cart::{name}") for name in "abcdefg"))
)


def test_missing_symbols_of_one_language_do_not_part_a_group() -> None:
    """A build whose debug files were lost would have bugs of its own, though its JavaScript tells which they are."""
    for order in permutations((MIXED, missing_library(MIXED, random.Random(1)))):
        groups = Groups()
        first, second = (groups.add(crash(bug)) for bug in order)
        assert first
        assert second
        assert (second.group, second.by) == (first.group, "javascript")


def test_of_two_bugs_below_the_same_script_neither_is_guessed() -> None:
    """Without its native symbols the crash may be either."""
    other = Bug("SIGSEGV", (*MIXED.frames[:2], native("stock::pick"), native("stock::find")))
    groups = Groups()
    placed = [groups.add(crash(bug)) for bug in (MIXED, other, missing_library(MIXED, random.Random(1)))]
    assert [one and one.group for one in placed] == [0, 1, 2]


def test_a_group_opened_without_symbols_does_not_draw_other_bugs_in() -> None:
    """Once it is known what the crash was, it is no longer anything that JavaScript called there."""
    other = Bug("SIGSEGV", (*MIXED.frames[:2], native("stock::pick"), native("stock::find")))
    groups = Groups()
    placed = [groups.add(crash(bug)) for bug in (missing_library(MIXED, random.Random(1)), MIXED, other)]
    assert [one and one.group for one in placed] == [0, 0, 1]


def test_an_event_without_fingerprints_is_placed_nowhere() -> None:
    """A report that says nothing belongs to no bug."""
    assert Groups().add(Event()) is None


def test_the_debuggers_texts_of_one_crash_are_one_group() -> None:
    """Gdb leaves out the inlined call that failed, LLDB does not."""
    cases = ("lldb-stripped", "lldb-threads", "text-gdb-threads", "core-small")
    events = [codec.decode((GOLDEN / f"{case}.json").read_bytes()) for case in cases]
    groups = Groups()
    placed = [groups.add(event) for event in events]
    assert [one and one.group for one in placed] == [0, 0, 0, 1]
    assert placed[2]
    assert [str(one) for one in placed[2].differences] == ["without weight"]


@pytest.mark.parametrize("seed", [101, 102])
def test_groups_of_a_made_up_program_are_its_bugs(seed: int) -> None:
    """Offers to join that are wrong, or missing, are worse than none. The weights were fitted on seeds 1 and 2."""
    groups = Groups()
    crashes = made_up_crashes(seed)
    placed = [placement.group for _, _, event in crashes if (placement := groups.add(event))]
    assert len(placed) == len(crashes)
    assert pairs_of(crashes, placed).precision >= 0.93
    assert pairs_of(*knowable(crashes, placed)).recall >= 0.88


def test_the_order_of_many_crashes_does_not_change_their_groups() -> None:
    """The same folder read on two machines would have two answers."""
    crashes = [crash_of(f"{number:04}", event) for number, (_, _, event) in enumerate(made_up_crashes(7))]
    shuffled = list(crashes)
    random.Random(8).shuffle(shuffled)
    assert group(crashes) == group(shuffled)


def test_a_group_is_named_after_its_most_frequent_crash_with_names() -> None:
    """The title of the whole group would be that of its oddest member."""
    usual, odd, lost = shop(*SALE), shop("cart::totalNow", *SALE[1:]), crash(missing_library(MIXED, random.Random(1)))
    crashes = [crash_of(name, event) for name, event in (("a", odd), ("b", usual), ("c", usual), ("d", lost))]
    first, second = group(crashes)
    assert ([one.name for one in first.variants[0].crashes], first.count) == (["b", "c"], 3)
    assert first.common == ("invalid memory access", *SALE[1:])
    assert second.leader.name == "d"


def test_thousands_of_crashes_are_compared_with_few_others_each() -> None:
    """All pairs of 2,000 are two million comparisons; the suite's time limit would end this."""
    chance = random.Random(9)
    names = [f"f{number}" for number in range(900)]
    crashes = []
    for number in range(2_000):
        parts = ("abort", *(f"shop::{chance.choice(names)}" for _ in range(4)), "app::run", "main")
        crashes.append(Crash(str(number), fingerprints=(Fingerprint(name="merged", hash=str(number), parts=parts),)))
    assert sum(one.count for one in group(crashes)) == len(crashes)
