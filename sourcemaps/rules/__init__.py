"""Whose code frames are, by the rules of a TOML table a family of languages; see `symbolicator.model.frame_rules`."""

from pathlib import Path

from symbolicator.model.frame_rules import RuleTable

_FOLDER = Path(__file__).parent
_FAMILIES = {"java": ("java", "kotlin", "android"), "javascript": ("javascript", "node")}

TABLES = tuple(RuleTable(_FOLDER / f"{name}.toml", frozenset(platforms)) for name, platforms in _FAMILIES.items())
"""What the entry point gives."""
