"""Debug ids of JavaScript: a UUID that a bundler writes into a bundle and into its map (ECMA-426 proposal "debug id").

>>> normalize_debug_id("85314830023F4CF1A267535F4E37BB17")
'85314830-023f-4cf1-a267-535f4e37bb17'
"""

import re

_DIGITS = re.compile(r"[0-9a-f]{32}\Z")


def normalize_debug_id(text: str) -> str | None:
    """The id in lower case with hyphens, as keys compare it; None if ``text`` is no UUID."""
    digits = text.replace("-", "").lower()
    if not _DIGITS.match(digits):
        return None
    hyphenated = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return hyphenated if text.lower() in (digits, hyphenated) else None
