"""TypeScript's newer notations, blanked out where the grammar stumbles over them. Names of functions need none of it.

========================================  ==============================================
``interface Box<in out T>``               variance annotations (TypeScript 4.7): blanked out
a call signature on a line of its own     the line before gets the ``;`` that it may leave out
========================================  ==============================================

Every character keeps its place.
"""

import re

MAX_PARAMETERS = 2000
"""Characters of a list of type parameters."""

_VARIANCE = re.compile(r"(?<=[<,])(\s*)(in\s+out|in|out)(?=\s+[A-Za-z_$][\w$]*\s*(?:[,>=]|extends\b))")
_SIGNATURE = re.compile(r"\n[ \t]*(<)")
_BRACKET = re.compile(r"=>|[<>]")
_ENDS_TYPE = re.compile(r"[\w$>)\]}\"'`]")
_BEFORE_EXPRESSION = re.compile(r"\b(?:return|yield|await|case|default|in|of|typeof|extends)\Z")


def without_newer_types(code: str) -> str:
    """The code as the grammar can read it, as long as before."""
    return _with_semicolons(_VARIANCE.sub(_blank, code))


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n\r]", " ", found.group())


def _with_semicolons(code: str) -> str:
    places = [
        place for found in _SIGNATURE.finditer(code) if (place := _semicolon(code, found.start(), found.start(1)))
    ]
    if not places:
        return code
    pieces = [code[start:end] for start, end in zip([0, *(at + 1 for at in places)], [*places, len(code)], strict=True)]
    return ";".join(pieces)


def _semicolon(code: str, line_end: int, bracket: int) -> int | None:
    """The place of the blank behind a member of an interface, if a call signature starts at the bracket."""
    last = _last_token(code, line_end)
    if last is None or not _ENDS_TYPE.match(code, last) or not _is_signature(code, bracket):
        return None
    before = code[max(0, last - 8) : last + 1]
    if before.endswith("=>") or _BEFORE_EXPRESSION.search(before):
        return None
    return last + 1 if code[last + 1] in " \t\r\n" else None


def _last_token(code: str, at: int) -> int | None:
    """The last character before ``at`` that is no blank and no ``/* */`` comment."""
    for _ in range(4):
        end = at - len(code[max(0, at - MAX_PARAMETERS) : at]) + len(code[max(0, at - MAX_PARAMETERS) : at].rstrip())
        if end <= 0:
            return None
        if not code.endswith("*/", 0, end):
            return end - 1
        at = code.rfind("/*", 0, end)
        if at < 0:
            return None
    return None


def _is_signature(code: str, bracket: int) -> bool:
    """Whether ``<…>`` is followed by ``(``."""
    depth = 0
    for found in _BRACKET.finditer(code, bracket, bracket + MAX_PARAMETERS):
        depth += {"<": 1, ">": -1}.get(found.group(), 0)
        if depth == 0:
            return code[found.end() : found.end() + 1] == "("
    return False
