"""Whose Python code a file is: the application's, or the standard library's or a dependency's.

The rules are the table below, first match decides; what matches none is the application's.
"""

import re
from typing import NamedTuple


class Rule(NamedTuple):
    """Files whose path matches ``pattern`` are not the application's."""

    pattern: re.Pattern[str]
    what: str


RULES = (
    Rule(re.compile(r"<frozen [\w.]+>\Z"), "standard library, frozen into the interpreter"),
    Rule(re.compile(r"(?:.*[/\\])?(?:site|dist)-packages[/\\]"), "dependency"),
    Rule(re.compile(r".*/lib(?:32|64)?/(?:python|pypy)3(?:\.\d+)?t?/"), "standard library"),
    Rule(re.compile(r"(?:.*[/\\])?python3\d*\.zip[/\\]"), "standard library, zipped"),
)


def is_in_app(path: str) -> bool:
    """Whether a file of Python code is the application's own."""
    return not any(rule.pattern.match(path) for rule in RULES)
