"""Crashes that ran through two languages: the merged trace has every call, in the order in which it ran."""

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def resolved(case: str) -> dict[str, Any]:
    (report,) = (ROOT / "fixtures" / case).glob("crash.*")
    done = subprocess.run(
        [sys.executable, "-m", "symbolicator", "resolve", str(report), "--artifacts", f"fixtures/{case}",
         "--format", "json"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    event: dict[str, Any] = json.loads(done.stdout)
    return event


def merged_frames(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The frames of the merged trace, newest call first."""

    def stack(name: str) -> list[dict[str, Any]]:
        owner, index, *kind = name.split("/")
        owners = event["threads" if owner == "thread" else "exception"]
        holder: dict[str, Any] = owners["values"][int(index)]
        holder = {"stacktrace": holder["vm_stacktrace"]} if kind == ["vm"] else holder
        frames: list[dict[str, Any]] = (holder["caller"] if kind == ["caller"] else holder)["stacktrace"]["frames"]
        return frames

    return [stack(one["stack"])[one["index"]] for one in event["merged"]["frames"]][::-1]


def is_call(frame: dict[str, Any], true: list[Any] | str) -> bool:
    """Whether a frame is the call of the truth: native ones by their name, others by file and line too."""
    if isinstance(true, str):
        return bool(frame["function"] == true)
    function, file, line = true
    if file is None:
        return bool(frame.get("function") == function)
    return bool(frame["filename"].endswith(file) and frame.get("lineno") == line)


def test_the_classic_bridge_of_react_native() -> None:
    """What JavaScript asked for would stand anywhere, or nowhere."""
    order = json.loads((ROOT / "fixtures/merge-react-native-ios/order.json").read_text())
    event = resolved("merge-react-native-ios")
    frames = merged_frames(event)
    true = [*order["carried_out"], *order["javascript"], *order["queue"]]
    assert len(frames) == len(true)
    assert [pair for pair in zip(frames, true, strict=True) if not is_call(*pair)] == []
    [seam] = event["merged"]["seams"]
    assert seam["before"] == len(order["queue"]) + len(order["javascript"])
    assert (seam["relation"], seam["evidence"]) == ("R2", "exact function match")


@pytest.mark.parametrize(("case", "crashed"), [("android", "find"), ("ios", "__exceptionPreprocess")])
def test_an_error_of_javascript_and_its_native_cause(case: str, crashed: str) -> None:
    """JavaScript would stand below the run loop that called it, or the method beside the call that was made of it."""
    order = json.loads((ROOT / f"fixtures/merge-js-error-{case}/order.json").read_text())["newest first"]
    event = resolved(f"merge-js-error-{case}")
    frames = merged_frames(event)
    assert len(frames) == len(order)
    assert [pair for pair in zip(frames, order, strict=True) if pair[1][1] and not is_call(*pair)] == []
    assert frames[0]["function"] == crashed
    assert {(seam["relation"], seam["confidence"]) for seam in event["merged"]["seams"]} == {("R3", 0.95)}


def test_hermes_call_stack_among_native_frames() -> None:
    """The parts of JavaScript would be swapped, or lie outside of the calls that ran them."""
    order = json.loads((ROOT / "fixtures/merge-hermes-crash/order.json").read_text())
    event = resolved("merge-hermes-crash")
    frames = merged_frames(event)
    assert len(frames) == len(order)
    own = [(frame, true) for frame, true in zip(frames, order, strict=True) if isinstance(true, str) or true[1]]
    assert [pair for pair in own if not is_call(*pair)] == []
    assert {seam["relation"] for seam in event["merged"]["seams"]} == {"R1"}


def check_true_order(case: str, methods_in_c: dict[str, str]) -> None:
    """All calls in the order that the program wrote, and methods in C right before the functions that they are."""
    frames = [frame for frame in merged_frames(resolved(case))[::-1] if frame.get("function")]
    entered = json.loads((ROOT / "fixtures" / case / "truth.json").read_text())["entered"]
    names = [frame["function"] for frame in frames]
    assert [name for name in names if name in entered] == entered
    own = [name for name in names if name in entered or name in methods_in_c]
    for method, function in methods_in_c.items():
        assert own[own.index(method) + 1] == function


def test_ruby_and_an_extension_call_each_other() -> None:
    """Whoever reads it would look for the crash below the wrong method of Ruby."""
    check_true_order(
        "merge-ruby", {"each": "relay_each", "call": "relay_call", "guard": "relay_guard", "read": "relay_read"}
    )


@pytest.mark.parametrize("case", ["merge-lua", "merge-luajit"])
def test_lua_inside_a_program_in_c(case: str) -> None:
    """Rules in Lua that a program in C runs are half of the story each."""
    event = resolved(case)
    entered = json.loads((ROOT / "fixtures" / case / "truth.json").read_text())["entered"]
    frames = merged_frames(event)[::-1]
    calls = [LUA_CALLS.get(frame.get("lineno") or 0) if frame.get("platform") == "lua" else frame.get("function")
             for frame in frames]  # fmt: skip
    assert [call for call in calls if call in entered] == entered
    assert {seam["confidence"] for seam in event["merged"]["seams"]} == {0.95}


LUA_CALLS = {
    31: "shop.open", 33: "each", 19: "shop.total", 21: "comparator", 23: "guarded", 13: "shop.stamp", 6: "__index",
}  # fmt: skip
"""Functions of shop.lua by the line that each of them had come to."""


@pytest.mark.parametrize(
    ("case", "lost"),
    [
        ("merge-jni", ["Java_com_shop_Prices_total_1of", "Java_com_shop_Prices_lookUp__IJ"]),
        ("merge-go-c", []),
        ("merge-cpython-gdb", []),
        ("merge-cpython-pystack", []),
        ("merge-jni-core", ["Java_com_shop_Prices_total_1of", "apply"]),
    ],
)
def test_the_order_is_the_one_that_the_program_wrote_down(case: str, lost: list[str]) -> None:
    """A reader would believe that Java called what it never called. `lost`: what neither of the two walks came to.

    C's stub of a Go function has the function's own name, and Go's runtime has a `main` too: each is there twice.
    """
    written = json.loads((ROOT / "fixtures" / case / "truth.json").read_text())["order"]
    order = [name.rpartition(".")[2] for name in written]
    event = resolved(case)
    ran = [frame.get("function") for frame in merged_frames(event)[::-1] if frame.get("function") in order]
    assert [name for name, _ in groupby(ran)] == [name for name in order if name not in lost]
    assert all(seam["confidence"] >= 0.9 for seam in event["merged"].get("seams", []))
