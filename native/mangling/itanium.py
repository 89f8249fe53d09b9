"""C++ names of the Itanium ABI, as far as they need no templates and no substitutions: most of a program's own.

``_ZN4shop12_GLOBAL__N_14Cart5totalEv`` is ``shop::(anonymous namespace)::Cart::total``. What follows the name
(argument types) is not read.
Source: Itanium C++ ABI, 5.1.3 (names) and 5.1.5 (operators).
"""

import re

_OPERATORS = dict(
    pair.split(":")
    for pair in (  # noqa: SIM905 - a table that can be read
        "nw:operator_new na:operator_new[] dl:operator_delete da:operator_delete[] aw:operator_co_await ps:operator+ "
        "ng:operator- ad:operator& de:operator* co:operator~ pl:operator+ mi:operator- ml:operator* dv:operator/ "
        "rm:operator% an:operator& or:operator| eo:operator^ aS:operator= pL:operator+= mI:operator-= mL:operator*= "
        "dV:operator/= rM:operator%= aN:operator&= oR:operator|= eO:operator^= ls:operator<< rs:operator>> "
        "lS:operator<<= rS:operator>>= eq:operator== ne:operator!= lt:operator< gt:operator> le:operator<= "
        "ge:operator>= ss:operator<=> nt:operator! aa:operator&& oo:operator|| pp:operator++ mm:operator-- "
        "cm:operator, pm:operator->* pt:operator-> cl:operator() ix:operator[]"
    ).split()
)
_LENGTH = re.compile(r"[0-9]{1,4}")
_STRUCTOR = re.compile(r"(C[12345]|D[01245])")
_QUALIFIERS = re.compile(r"[rVK]*[RO]?")
_LOCAL = re.compile(r"L(?=[0-9])")
_ANONYMOUS = re.compile(r"_GLOBAL_[._$]N")


def demangled(symbol: str) -> str | None:
    """The qualified name; None if the symbol is no mangled C++ name or not a simple one."""
    head = re.match(r"_?_Z", symbol)
    if not head:
        return None
    rest = symbol[head.end() :]
    parts = _nested(rest[1:]) if rest.startswith("N") else _unscoped(rest)
    return "::".join(parts) if parts else None


def _nested(text: str) -> list[str] | None:
    """``N [qualifiers] {part} E``."""
    parts: list[str] = []
    at = _end(_QUALIFIERS, text, 0)
    while at < len(text) and text[at] != "E":
        part, at = _part(text, at, parts[-1] if parts else None)
        if part is None:
            return None
        parts.append(part)
    return parts if at < len(text) else None


def _unscoped(text: str) -> list[str] | None:
    """A name outside of any scope, or in ``std``; no template."""
    parts: list[str] = []
    part, at = _part(text, 0, None)
    if part == "std":
        parts.append(part)
        part, at = _part(text, at, part)
    if part is None or text[at : at + 1] in ("I", "S"):
        return None
    return [*parts, part]


def _part(text: str, at: int, before: str | None) -> tuple[str | None, int]:
    """One component and where the next one begins; None if it is not a simple one."""
    at = _end(_LOCAL, text, at)
    if length := _LENGTH.match(text, at):
        end = length.end() + int(length[0])
        name = text[length.end() : end] if end <= len(text) else None
        return _readable(name), _end_of_tags(text, end)
    if text.startswith("St", at) and before is None:
        return "std", at + 2
    if (structor := _STRUCTOR.match(text, at)) and before is not None:
        return ("~" if structor[1][0] == "D" else "") + before, _end_of_tags(text, structor.end())
    operator = _OPERATORS.get(text[at : at + 2])
    return (operator.replace("_", " ", 1), _end_of_tags(text, at + 2)) if operator else (None, at)


def _readable(name: str | None) -> str | None:
    return "(anonymous namespace)" if name and _ANONYMOUS.match(name) else name or None


def _end_of_tags(text: str, at: int) -> int:
    """Goes past ABI tags (``B5cxx11``)."""
    while text.startswith("B", at) and (length := _LENGTH.match(text, at + 1)):
        at = length.end() + int(length[0])
    return at


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
