r"""Untrusted text made safe to print: no terminal sequences, no invisible or reordering characters.

A crash report says what its sender likes, and a terminal obeys escape sequences. So each character that a terminal or
a text renderer acts upon instead of drawing it is shown as its escape:

>>> safe("\x1b[2Jgone\u202e")
'\\x1b[2Jgone\\u202e'

Which characters those are: the C0 and C1 controls (ECMA-48), the bidirectional controls (Unicode UAX 9, the attack is
CVE-2021-42574), default-ignorable and filler characters, tags, surrogates that no encoding can write, and what has no
shape: unassigned and private characters.
"""

import re

MAX_CHARS = 4_000
"""More of one text than any screen shows."""
TAB = 4
"""Cells between two tab stops of source lines."""

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
    # joiners belong to emoji and to several scripts; next to ASCII they only disguise a name
    "|(?<![^\x00-\x7f\u200b-\u200f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200b-\u200f])"
)
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_JOINERS = "\u200c\u200d"
_NAMED = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def safe(text: str, limit: int = MAX_CHARS) -> str:
    """The text on one line, every dangerous character escaped, no longer than ``limit`` characters of input."""
    text = text[:limit]
    if text.isascii() and text.isprintable():
        return text
    text = _UNSAFE.sub(lambda match: _escaped(match[0]), _MARKS.sub(r"\1…", text))
    return text if text.isprintable() else "".join(map(_printable, text))


def safe_source(text: str) -> str:
    """A source line: tabs become spaces, the rest as `safe` does it."""
    return safe(text.expandtabs(TAB))


def safe_lines(text: str, limit: int) -> list[str]:
    """A text of several lines, at most ``limit`` characters of it."""
    return [safe(line.rstrip("\r").expandtabs(TAB), limit) for line in text[:limit].split("\n")]


def _printable(character: str) -> str:
    """What is left: spaces of all widths are one, what Unicode gives no shape to (unassigned, private) is escaped."""
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character.isspace() else _escaped(character)


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:  # noqa: PLR2004 - the widths of Python's own escapes
        return _NAMED.get(character) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - as above
