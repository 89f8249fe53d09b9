"""How kinds are recognised: each clue looks at the facts and says what it found, or nothing.

>>> clue = said(r"JavaScript heap out of memory")
>>> clue(Facts(type="FATAL ERROR", text="Reached heap limit - JavaScript heap out of memory"))
'the report says "JavaScript heap out of memory"'
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from symbolicator.enrich.kinds.details import recursion_of
from symbolicator.enrich.kinds.facts import Facts

Clue: TypeAlias = Callable[[Facts], str | None]

FIRST_PAGE: Final = 4096
"""Bytes at address 0 that no system maps; a member of an object that is not there lies in them."""
_NEAR_STACK: Final = 64 * 1024
"""Bytes around the stack pointer: what a call writes lies there."""
_MIN_RECURSION: Final = 1_000
"""Calls of one function. Data structures that are walked by recursion are rarely so deep and broken besides."""
_MAX_QUOTE: Final = 80


@cache
def _re(pattern: str) -> re.Pattern[str]:
    """The pattern, compiled where it is needed first: most events have nothing that most clues look at."""
    return re.compile(pattern)


def typed(pattern: str) -> Clue:
    """The error's whole type."""
    return lambda facts: f"the error is {facts.type}" if facts.type and _re(pattern).fullmatch(facts.type) else None


def said(pattern: str) -> Clue:
    """Anywhere in type and value."""

    def clue(facts: Facts) -> str | None:
        found = _re(pattern).search(facts.said)
        return f'the report says "{found[0][:_MAX_QUOTE]}"' if found else None

    return clue


def called(pattern: str) -> Clue:
    """A function that was called since the innermost own one."""

    def clue(facts: Facts) -> str | None:
        found = next((name for name in facts.above if _re(pattern).match(name)), None)
        return f"the program called {found[:_MAX_QUOTE]}" if found else None

    return clue


def signalled(pattern: str) -> Clue:
    """The signal, as the type has it or the mechanism."""

    def clue(facts: Facts) -> str | None:
        found = next((name for name in (facts.type, facts.signal) if name and _re(pattern).fullmatch(name)), None)
        return f"the error is {found}" if found else None

    return clue


def coded(pattern: str) -> Clue:
    """The name of the signal's code."""
    return lambda facts: (
        f"the signal's code is {facts.code}" if facts.code and _re(pattern).fullmatch(facts.code) else None
    )


def both(one: Clue, other: Clue) -> Clue:
    """Two clues, each of which alone is no proof."""

    def clue(facts: Facts) -> str | None:
        first = one(facts)
        second = other(facts) if first else None
        return f"{first}, {second}" if second else None

    return clue


def uncaught_by_objc(facts: Facts) -> str | None:
    """An Objective-C exception that ended the program."""
    return f"nobody caught {facts.type}" if facts.mechanism == "nsexception" and not facts.handled else None


def first_page(facts: Facts) -> str | None:
    """The address that was used lies where nothing ever is."""
    if facts.fault is None or facts.fault >= FIRST_PAGE:
        return None
    return f"the address is {facts.fault:#x}"


def beside_stack_pointer(facts: Facts) -> str | None:
    """The address that was used is where the stack would have grown to."""
    if facts.fault is None or facts.stack_pointer is None or abs(facts.fault - facts.stack_pointer) > _NEAR_STACK:
        return None
    return f"the address {facts.fault:#x} lies beside the stack pointer {facts.stack_pointer:#x}"


def deep_recursion(facts: Facts) -> str | None:
    """So many calls of one function that they must have used up the stack."""
    found = recursion_of(facts)
    return f"{found.count:,} frames are {found.function}" if found and found.count >= _MIN_RECURSION else None
