"""What the words of a kind go on with: how long, which function, what was thrown. Each begins with its own sign."""

import re
from collections import Counter
from typing import Final

from msgspec import Struct

from symbolicator.enrich.cleaned import clean_function
from symbolicator.enrich.kinds.facts import Facts

_MIN_REPEATS: Final = 8
_MIN_COUNTED: Final = 100
"""Fewer frames are what the runtime printed, not how deep it was."""
_NEWEST: Final = 10
"""Calls among which one that repeats must be: below them a recursion is not where it failed."""
_SECONDS = (
    re.compile(r"allowance of (?P<s>[0-9.]{1,8}) seconds"),
    re.compile(r"stuck for (?P<s>[0-9]{1,6})s"),
    re.compile(r"(?:blocked for more than|hang(?:ing|ed)?(?: for)?(?: at least| over)?) (?P<s>[0-9.]{1,8}) s"),
    re.compile(r"[Ww]aited (?P<ms>[0-9]{1,9}) ?ms"),
    re.compile(r"(?:hang(?:ing|ed)?|unresponsive|blocked)(?: for)?(?: at least| over)? (?P<ms>[0-9]{1,9}) ?ms"),
)
_THROWN = re.compile(r"(?:instance of '|exception of type |uncaught exception: )(?P<type>[\w:<>, ]{1,200})")


class Recursion(Struct, frozen=True):
    """A function that called itself, alone or by way of others, and how many of the frames are its."""

    function: str
    count: int


def recursion_of(facts: Facts) -> Recursion | None:
    """The function that repeats most, if it is where the program failed."""
    counts = Counter(facts.calls)
    most = max(facts.calls[:_NEWEST], key=counts.__getitem__, default="")
    return Recursion(clean_function(most), counts[most]) if counts[most] >= _MIN_REPEATS else None


def recursion(facts: Facts) -> str | None:
    """``: recursion of total (12,431 frames)``."""
    found = recursion_of(facts)
    if found is None:
        return None
    counted = f" ({found.count:,} frames)" if found.count >= _MIN_COUNTED else ""
    return f": recursion of {found.function}{counted}"


def how_long(facts: Facts) -> str | None:
    """`` for 10 s``."""
    found = next((match for pattern in _SECONDS if (match := pattern.search(facts.said))), None)
    if found is None:
        return None
    given = found.groupdict()
    try:
        seconds = float(given.get("s") or int(given["ms"]) / 1000)
    except ValueError:
        return None
    return f" for {seconds:.1f} s".replace(".0 s", " s")


def thrown_type(facts: Facts) -> str | None:
    """``: shop::Error``, where the error's own type is not it."""
    found = _THROWN.search(facts.text)
    return f": {found['type'].strip()}" if found else None
