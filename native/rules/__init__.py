"""Whose code frames are, by the rules of a TOML table a family of languages; see `symbolicator.model.frame_rules`."""

from pathlib import Path

from symbolicator.model.frame_rules import UNKNOWN_FAMILY, RuleTable

_FOLDER = Path(__file__).parent
_FAMILIES = {
    "dart": ("dart",),
    "dotnet": ("csharp", "dotnet", "vb", "fsharp"),
    "go": ("go",),
    "lua": ("lua",),
    "native": ("native", "c", "cpp", "c++", "rust", "cocoa", "objc", "swift", UNKNOWN_FAMILY),
    "perl": ("perl",),
    "php": ("php",),
    "python": ("python",),
    "ruby": ("ruby",),
}

TABLES = tuple(RuleTable(_FOLDER / f"{name}.toml", frozenset(platforms)) for name, platforms in _FAMILIES.items())
"""What the entry point gives."""
