"""Whose a source or a class is, by the tables of rules, while its frame is still being resolved."""

from functools import lru_cache

from symbolicator import plugins
from symbolicator.model.frame_rules import FrameRule


def rule_of_source(source: str) -> FrameRule | None:
    """Who says whose a source of JavaScript is, named as its map names it; None if it is the user's own."""
    return plugins.frame_rules("javascript").owner_by("path", source)


@lru_cache(maxsize=20_000)
def is_platform_class(name: str) -> bool:
    """Whether a class of Java is of the language or the system: nobody has a mapping file for it."""
    rule = plugins.frame_rules("java").owner_by("module", name)
    return rule is not None and rule.system
