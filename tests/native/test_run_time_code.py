"""Frames that a map of run-time code names: each language's own transformer gets them."""

from pathlib import Path

import pytest

from native.identifier import IDENTIFIER
from native.run_time_code import TRANSFORMER, Named, parse_name
from symbolicator.model import AbsoluteAddress, Event, Frame, ReportedAddress, Stacktrace
from symbolicator.pipeline import run
from symbolicator.store import FolderCache, FolderStore

MAP = """1000 100 JS:*total /shop/shop.js:6:15
2000 100 Lcom/shop/Cart;::total
3000 100 py::total:/srv/cart.py
4000 100 Builtin:CEntry
5000 100 int com.shop.Cart.total(int, java.lang.String)
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("JS:*total /shop/shop.js:6:15", Named("javascript", "total", None, "/shop/shop.js", 6, 15)),
        ("JS:~ node:internal/main:1:1", Named("javascript", "<anonymous>", None, "node:internal/main", 1, 1)),
        (
            "JS:^get total file:///my shop/a.mjs:2:9",
            Named("javascript", "get total", None, "file:///my shop/a.mjs", 2, 9),
        ),
        ("LazyCompile:*f C:\\shop\\a.js:6:15", Named("javascript", "f", None, "C:\\shop\\a.js", 6, 15)),
        ("Lcom/shop/Cart$Line;::total", Named("java", "total", "com.shop.Cart$Line")),
        ("void com.shop.Cart.add(int, java.lang.String[])", Named("java", "add", "com.shop.Cart")),
        ("py::<module>:/srv/cart.py", Named("python", "<module>", None, "/srv/cart.py")),
        ("Builtin:JSEntryTrampoline", None),
        ("int32 [shop] Shop.Cart::Total(int32)[Tier0]", None),
        ("void shop::add(int)", None),
        ("JS:*" + "a " * 2_500, None),
        ("L" + "a/" * 1_900, None),
    ],
)
def test_names_of_several_runtimes(name: str, expected: Named | None) -> None:
    """What is taken for a language that it is not is looked for in the wrong maps."""
    assert parse_name(name) == expected


def test_frames_become_those_of_their_language(tmp_path: Path) -> None:
    """Where only the function's begin is known the frame says so; a runtime's own stub stays a native frame."""
    (tmp_path / "perf-7.map").write_text(MAP)
    store = FolderStore([tmp_path], [IDENTIFIER], FolderCache(tmp_path / "cache"))
    addresses = (0x1010, 0x2010, 0x3010, 0x4010, 0x5010)
    frames = tuple(Frame(instruction_addr=ReportedAddress(AbsoluteAddress(address))) for address in addresses)
    event = run(TRANSFORMER, Event(platform="native", stacktrace=Stacktrace(frames=frames)), store)
    assert event.stacktrace
    assert [(one.platform, one.module, one.function, one.lineno) for one in event.stacktrace.frames] == [
        ("javascript", None, "total", 6),
        ("java", "com.shop.Cart", "total", None),
        ("python", None, "total", None),
        (None, None, None, None),
        ("java", "com.shop.Cart", "total", None),
    ]
    assert [bool(one.data and one.data.at_function_start) for one in event.stacktrace.frames[:2]] == [True, False]
    assert all(one.status is None for one in event.stacktrace.frames)
