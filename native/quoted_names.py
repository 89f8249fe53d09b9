"""What Microsoft's tools quote within C++ names: unnamed namespaces, functions around a name, what compilers make.

>>> unquoted("`public: int __cdecl shop::Cart::total(int)'::`2'::Local::go")
'shop::Cart::total::Local::go'
>>> unquoted("shop::`anonymous namespace'::helper")
'shop::(anonymous namespace)::helper'
"""

import re
from typing import Final

HARD_SPACE: Final = "\ue000"
"""Stands for a space that does not part words, in `unquoted`'s results."""

_INNERMOST = re.compile(r"`([^`']*)'")
_MAX_QUOTED = 64
_ANONYMOUS = ("anonymous namespace", "anonymous-namespace")
_QUALIFIERS = re.compile(r"(?:(?: const| volatile| &&?)+)$")
_OPEN, _CLOSED = "\ue001", "\ue002"


def unquoted(name: str) -> str:
    """The name with what is quoted in the spelling of other tools."""
    if "`" not in name:
        return name
    for _ in range(_MAX_QUOTED):
        shorter = _INNERMOST.sub(_meaning, name, count=1)
        if shorter == name:
            break
        name = shorter
    name = re.sub(r"::(?=::|$)|^::", "", name)
    return name.replace(_OPEN, "`").replace(_CLOSED, "'")


def _meaning(quoted: re.Match[str]) -> str:
    text = quoted[1]
    if text in _ANONYMOUS:
        return "(anonymous namespace)"
    if text.isdigit():
        return ""  # the number of a block in the function before
    if "(" in text and ")" in text:
        return _function(text)
    return f"{_OPEN}{text.replace(' ', HARD_SPACE)}{_CLOSED}"


def _function(text: str) -> str:
    """A function's qualified name, of its whole declaration."""
    arguments = _start_of_arguments(_QUALIFIERS.sub("", text))
    depth, start = 0, 0
    for at, character in enumerate(text[:arguments]):
        depth += (character in "<(") - (character in ">)")
        if character == " " and depth == 0 and not text.startswith("operator", start):
            start = at + 1
    return text[start:arguments]


def _start_of_arguments(text: str) -> int:
    """Where the last bracketed group begins."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            return at
    return len(text)
