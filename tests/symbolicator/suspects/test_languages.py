"""Traces of several languages: the own frames of each are looked up in the repository that holds them."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from symbolicator import codec
from symbolicator.model import Event
from symbolicator.suspects import find_suspects
from tests.symbolicator.suspects.conftest import CRASH, NewRepo, Repo

ROOT = Path(__file__).parents[3]
FIXTURES, GOLDEN = ROOT / "fixtures", ROOT / "tests" / "golden"


def merged(case: str) -> Event:
    """The event of a fixture, resolved and merged, crashed at `CRASH`."""
    return replace(codec.decode((GOLDEN / f"{case}.json").read_bytes()), timestamp=CRASH, release=None)


def late(repo: Repo, source: Path, path: str, line: int, days: float) -> None:
    """Commits a file, first long ago with another text in a line, then as it is."""
    lines = source.read_text().splitlines()
    repo.write(path, *lines[: line - 1], "// to be done", *lines[line:])
    repo.commit(f"Add {path}", days=300)
    repo.write(path, *lines)
    repo.commit(f"Change {path}:{line}", days=days)


@pytest.fixture
def react_native(new_repo: NewRepo) -> list[Path]:
    """The repositories of an app and of the native library that it calls."""
    sources = FIXTURES / "merge-react-native-ios" / "src"
    app, library = new_repo("app"), new_repo("payments-ios")
    late(app, sources / "CheckoutScreen.js", "src/CheckoutScreen.js", 13, days=4)
    late(library, sources / "Shop.m", "src/Shop.m", 46, days=6)
    return [app.folder, library.folder]


def test_both_sides_of_a_seam_are_blamed(react_native: list[Path]) -> None:
    """The JavaScript that enqueued the call is as likely to be wrong as the Objective-C that failed later."""
    event = merged("merge-react-native-ios")
    assert event.merged
    assert [seam.relation for seam in event.merged.seams] == ["R2"]
    found = find_suspects(event, react_native)
    lines = {
        (suspect.repository, suspect.subject): (one.stack, one.function)
        for suspect in found.suspects
        for one in suspect.evidence
        if one.kind == "line"
    }
    assert lines == {
        ("payments-ios", "Change src/Shop.m:46"): ("thread/0", "-[RNPayments charge:]"),
        ("app", "Change src/CheckoutScreen.js:13"): ("thread/0/caller", "CheckoutScreen.pay"),
    }
    assert found.suspects[0].repository == "payments-ios"


def test_inlined_calls_of_each_language_are_blamed(new_repo: NewRepo) -> None:
    """The compiler put the guilty function into its caller: it would never be suspected."""
    sources = FIXTURES / "merge-rust-cpp" / "src"
    shop, prices = new_repo("shop"), new_repo("prices")
    late(shop, sources / "main.rs", "src/main.rs", 34, days=4)
    late(prices, sources / "prices.cpp", "src/prices.cpp", 25, days=6)
    found = find_suspects(merged("merge-rust-cpp"), [shop.folder, prices.folder])
    functions = {
        (suspect.subject, one.function) for suspect in found.suspects for one in suspect.evidence if one.kind == "line"
    }
    assert functions == {
        ("Change src/main.rs:34", "main::percent_of"),
        ("Change src/prices.cpp:25", "prices::Adder<T>::operator()"),
    }
