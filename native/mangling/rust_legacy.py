"""Rust's first mangling: C++'s nested names with a hash as the last part, and ``$…$`` for what C++ could not spell.

``_ZN4core3ptr32drop_in_place$LT$$u5b$T$u5d$$GT$17h0123456789abcdefE`` is ``core::ptr::drop_in_place<[T]>``.
Source: the Rust compiler's documentation of its legacy symbol mangling.
"""

import re

_HASH = re.compile(r"h[0-9a-f]{16}\Z")
_ESCAPE = re.compile(r"\$(?:(SP|BP|RF|LT|GT|LP|RP|C)|u([0-9a-f]{1,6}))\$|\.\.")
_NAMED = {"SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ","}


def demangled(symbol: str) -> str | None:
    """The path without its hash; None if the symbol is not of this mangling."""
    if "17h" not in symbol or not symbol.lstrip("_").startswith("ZN"):
        return None
    parts = _split(symbol[symbol.index("ZN") + 2 :])
    if not parts or len(parts) == 1 or not _HASH.match(parts[-1]):
        return None
    return "::".join(map(_unescaped, parts[:-1]))


def _split(text: str) -> list[str] | None:
    """The parts of a nested name; each has its length before it."""
    parts, at = [], 0
    while at < len(text) and text[at] != "E":
        digits = re.match(r"[0-9]{1,5}", text[at : at + 5])
        if not digits:
            return None
        start = at + digits.end()
        at = start + int(digits[0])
        parts.append(text[start:at])
    return parts if at < len(text) else None


def _unescaped(part: str) -> str:
    return _ESCAPE.sub(_meaning, part.removeprefix("_") if part.startswith("_$") else part)


def _meaning(match: re.Match[str]) -> str:
    named, code = match.groups()
    if named:
        return _NAMED[named]
    if code is None:
        return "::"
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]  # noqa: PLR2004 - Unicode's scalars
