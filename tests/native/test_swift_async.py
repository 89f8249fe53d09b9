"""Async functions of Swift in stacks that say no more than their names."""

import pytest

from native.swift_async import with_swift_awaits
from symbolicator.model import Frame, Stacktrace

LEVEL = "$s10CrashAsync5levelyySiYaF"


def marks(*symbols: str) -> list[bool]:
    """Which frames awaited what is newer; ``symbols`` newest first, as printed, and so are the answers."""
    frames = tuple(Frame(function="f", symbol=symbol) for symbol in reversed(symbols))
    marked = with_swift_awaits(Stacktrace(frames=frames)).frames
    return [bool(frame.data and frame.data.is_async) for frame in reversed(marked)]


def test_parts_below_async_functions_awaited() -> None:
    """A stack of tasks that is drawn as one of calls claims that all of these functions were running."""
    assert marks("$s10CrashAsync5crashyyF", f"{LEVEL}TY0_", f"{LEVEL}TQ1_", f"_{LEVEL}TQ1_", "main") == [
        False, False, True, True, False,
    ]  # fmt: skip


def test_the_executor_really_calls_a_part() -> None:
    """Below the part that runs lies the machinery that took it up: there is no gap."""
    assert marks(f"{LEVEL}TY0_", "swift::runJobInEstablishedExecutorContext", "_dispatch_lane_invoke") == [False] * 3


def test_the_start_of_an_async_function_is_one_too() -> None:
    """It has not met an await yet: its symbol has no mark, but its type has."""
    assert marks("$s4Shop4loadSiyYaKF", f"{LEVEL}TQ0_") == [False, True]
    assert marks("$s4Shop5YacFyyF", f"{LEVEL}TQ0_") == [False, False]


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        ("(2) await resume partial function for Shop.pay(_:)", "Shop.pay(_:)"),
        ("(1) suspend resume partial function for closure #1 in f()", "closure #1 in f()"),
        ("(1) await resume partial function for ", "(1) await resume partial function for "),
        ("pay(_:)", "pay(_:)"),
    ],
)
def test_parts_have_the_names_of_their_functions(function: str, shown: str) -> None:
    """How swiftc cuts a function is nothing that its author ever saw; the report's own words are kept."""
    [frame] = with_swift_awaits(Stacktrace(frames=(Frame(function=function),))).frames
    assert (frame.function, frame.raw_function) == (shown, None if shown == function else function)


def test_named_parts_awaited() -> None:
    """Reports of Apple's systems have the demangled words instead of symbols."""
    words = "(1) await resume partial function for "
    frames = with_swift_awaits(Stacktrace(frames=(Frame(function=f"{words}b()"), Frame(function=f"{words}a()")))).frames
    assert [bool(frame.data and frame.data.is_async) for frame in frames] == [True, False]
