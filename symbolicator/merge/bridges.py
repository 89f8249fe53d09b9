"""Finds the bridge rule that a frame matches, by its names alone; see `symbolicator.model.bridges`."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct

from symbolicator.model import Event, Frame
from symbolicator.model.bridges import Bridge, NameRule, Rule
from symbolicator.model.edit import platform_of, stacks_of

BridgeTables: TypeAlias = Callable[[], Iterable[Bridge]]
"""Gives the tables; asked for only where they can matter."""
ANY = "*"
_ANONYMOUS, _NO_BRACKETS = "(anonymous namespace)", "\1"
_MAX_NAME = 2_000


class Match(Struct, frozen=True):
    """A rule that matched, and whose it is."""

    bridge: Bridge
    rule: Rule


class Bridges:
    """The rules of several runtimes, ready to match. Of two that match, that of the earlier table counts."""

    def __init__(self, bridges: Iterable[Bridge] = ()) -> None:
        self._exact: dict[str, list[Match]] = {}
        self._starts: dict[str, list[Match]] = {}
        self._longest = 0
        """Characters of the longest name in a rule."""
        self._names: dict[str, list[NameRule]] = {}
        for bridge in bridges:
            for platform in bridge.platforms:
                self._names.setdefault(platform, []).extend(bridge.names)
            for rule in bridge.rules:
                self._add(Match(bridge, rule))

    def _add(self, match: Match) -> None:
        for name in match.rule.functions:
            kind = self._starts if name.endswith(ANY) else self._exact
            kind.setdefault(name.rstrip(ANY), []).append(match)
            self._longest = max(self._longest, len(name))

    def names(self, platform: str) -> Sequence[NameRule]:
        """How functions are called that carry out methods of the language."""
        return self._names.get(platform, ())

    def __bool__(self) -> bool:
        """Whether there are any rules."""
        return bool(self._exact or self._starts)

    def match(self, frame: Frame, callee: Frame | None = None) -> Match | None:
        """The rule for a frame; None if there is none, or the frame's name is only that of the nearest symbol."""
        name = name_of(frame)
        if name is None:
            return None
        named = [
            *self._exact.get(name, ()),
            *self._exact.get(f"{frame.module}.{name}", ()),
            *self._starting(name),
        ]
        image = (frame.package or "").replace("\\", "/").rpartition("/")[2].rpartition("!")[2]
        called = _plain(callee.function) if callee and callee.function else ""
        fitting = (match for match in named if _fits(image, match.rule.images) and _fits(called, match.rule.calls))
        return next(fitting, None)

    def _starting(self, name: str) -> Iterable[Match]:
        """The rules whose names ``name`` starts with, the longest first."""
        for end in range(min(len(name), self._longest), 0, -1):
            yield from self._starts.get(name[:end], ())


def _fits(name: str, names: tuple[str, ...]) -> bool:
    return not names or any(
        name.startswith(wanted[:-1]) if wanted.endswith(ANY) else name == wanted for wanted in names
    )


def name_of(frame: Frame) -> str | None:
    """The frame's function without arguments; None if there is none, or the name is only that of the nearest symbol."""
    is_nearest = frame.data is not None and frame.data.symbol_distance is not None
    return None if is_nearest or not frame.function else _plain(frame.function)


@lru_cache(maxsize=8192)
def _plain(function: str) -> str:
    """The name without template arguments and arguments; operators keep their brackets."""
    if "operator" in function or function.startswith(("-[", "+[")):
        return function
    kept: list[str] = []
    depth = 0
    for character in function[:_MAX_NAME].replace(_ANONYMOUS, _NO_BRACKETS):
        if character == "(" and depth == 0:
            break
        depth += character == "<"
        if depth == 0:
            kept.append(character)
        depth -= character == ">" and depth > 0
    return "".join(kept).replace(_NO_BRACKETS, _ANONYMOUS)


def matcher_for(event: Event, tables: BridgeTables) -> Bridges:
    """The rules of those runtimes whose frames the event has beside others."""
    platforms = {platform_of(event, frame) for _, stack in stacks_of(event) for frame in stack.frames}
    if len(platforms) < 2:  # noqa: PLR2004 - a bridge has two ends
        return Bridges()
    return Bridges(bridge for bridge in tables() if not platforms.isdisjoint(bridge.platforms))
