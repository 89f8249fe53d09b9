"""Which frames of two views of one thread belong together: those that both have, and functions that carry methods out.

Where a runtime binds native functions to its methods by name (`symbolicator.model.bridges.NameRule`), the native frame
``Java_shop_Prices_total_1of`` was called by the Java frame ``shop.Prices.total_of``. A native walk may also have frames
of the runtime's language among its own: those are the same calls that the runtime tells of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

from symbolicator.merge.bridges import ANY, name_of
from symbolicator.merge.native_calls import is_native
from symbolicator.model import Frame
from symbolicator.model.bridges import NameRule

UNSURE = frozenset({"scan", "cfiscan"})
"""Trust of frames that may be left over from calls that returned."""
_MAX_NAME = 500
_Method: TypeAlias = tuple[str, str]
"""Module and name."""


class Tie(Struct, frozen=True, order=True):
    """Frame ``native`` of the native stack is frame ``runtime`` of the runtime's (``is_same``), or was called by it."""

    native: int
    runtime: int
    is_same: bool = False


def find_ties(
    native: Sequence[Frame], runtime: Sequence[Frame], names: Sequence[NameRule], platform: str
) -> list[Tie] | None:
    """The ties from the oldest call to the newest; None where the stacks contradict each other."""
    same = _same(native, runtime, platform)
    ties = None if same is None else sorted([*same, *_calls(native, runtime, names)])
    return ties if ties is not None and all(_is_in_order(*pair) for pair in pairwise(ties)) else None


def _is_in_order(older: Tie, newer: Tie) -> bool:
    is_call_of_it = older.is_same and not newer.is_same and older.runtime == newer.runtime
    return older.native < newer.native and (older.runtime < newer.runtime or is_call_of_it)


def _same(native: Sequence[Frame], runtime: Sequence[Frame], platform: str) -> list[Tie] | None:
    """Each frame of the runtime's language that the walk came to; None if the runtime does not know one of them."""
    ties: list[Tie] = []
    left = len(runtime)
    for at in reversed([at for at, frame in enumerate(native) if frame.platform == platform]):
        left = next((older for older in reversed(range(left)) if _is_one_call(native[at], runtime[older])), -1)
        if left < 0:
            return None
        ties.append(Tie(at, left, is_same=True))
    return ties


def _is_one_call(one: Frame, other: Frame) -> bool:
    is_one_line = one.lineno == other.lineno or None in (one.lineno, other.lineno)
    return is_one_line and (one.module, one.function) == (other.module, other.function)


def _calls(native: Sequence[Frame], runtime: Sequence[Frame], rules: Sequence[NameRule]) -> Iterator[Tie]:
    """A method that was called as often as its function is there: of recursion the oldest call is the oldest."""
    methods = _methods(runtime) if rules else {}
    named = _named(methods, rules) if methods else {}
    found: dict[_Method, list[int]] = {}
    for at, frame in enumerate(native):
        method = None if frame.trust in UNSURE else _carried_out(name_of(frame) or "", named)
        if method:
            found.setdefault(method, []).append(at)
    for method, places in found.items():
        if len(places) == len(methods[method]):
            yield from map(Tie, places, methods[method])


def _methods(runtime: Sequence[Frame]) -> dict[_Method, list[int]]:
    """The calls of each method that may be native, by module and function. One with a line runs code of its own."""
    is_said = any(map(is_native, runtime))
    methods: dict[_Method, list[int]] = {}
    for at, frame in enumerate(runtime):
        may_be_native = is_native(frame) if is_said else not frame.lineno
        if may_be_native and frame.function:
            methods.setdefault(((frame.module or "")[:_MAX_NAME], frame.function[:_MAX_NAME]), []).append(at)
    return methods


def _named(methods: Iterable[_Method], rules: Sequence[NameRule]) -> dict[str, _Method]:
    """Methods by the names of their functions, without names that mean several."""
    named: dict[str, set[_Method]] = {}
    for method in methods:
        for rule in rules:
            for name in rule.functions_of(*method):
                named.setdefault(name, set()).add(method)
    return {name: meant.pop() for name, meant in named.items() if len(meant) == 1}


def _carried_out(name: str, named: Mapping[str, _Method]) -> _Method | None:
    """The method that the function of a name carries out; of several the one with the longest name."""
    ends = (f"{name[:end]}{ANY}" for end in range(min(len(name), _MAX_NAME), 0, -1))
    return named.get(name) or next((named[start] for start in ends if start in named), None)
