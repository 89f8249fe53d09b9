"""Names of native functions without what only some sources of names write: return types, parameters, type arguments.

>>> without_signature("int shop::weigh<int (*)(Parcel const*)>(std::vector<Parcel> const&) const")
'shop::weigh'
>>> without_signature("(anonymous namespace)::By<Price>::operator()(Line const&)")
'(anonymous namespace)::By::operator()'

Debug information names functions one way, symbol tables another, and each debugger in its own. Swift's and
Objective-C's names keep what they have: labels tell functions apart there.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"operator\s{0,2}(?:<=>|<<=?|>>=?|<=?|>=?|->\*?|\(\)|\[\]|new(?:\[\])?|delete(?:\[\])?|\"\"\s{0,2}\w{1,100})"
    r"|operator [\w:]{1,200}[*&]{0,2}"
    r"|\(anonymous namespace\)|->|[<>()]|[^<>()o\-]{1,200}|."
)
_CLOSING = {"<": ">", "(": ")"}
_QUALIFIERS = re.compile(r"(?:\s{0,3}(?:const|volatile|noexcept|&{1,2}|\[abi:\w{1,40}\])){1,6}\Z")
_ARGUMENT = re.compile(r"[(<]")
_BARE_OPERATOR = re.compile(r"\boperator\Z")
_HARD_SPACE = "\0"


def without_signature(name: str) -> str:
    """The qualified name. One that is not C++'s stays as it is."""
    head = _ARGUMENT.split(name, maxsplit=1)[0]
    if name.startswith(("<", "-[", "+[", "_$", "$s")) or ("." in head and "::" not in name):
        return name
    words = _QUALIFIERS.sub("", "".join(_outside_brackets(name))).split()
    shown = words[-1].replace(_HARD_SPACE, " ") if words else name
    return _BARE_OPERATOR.sub("operator()", shown)


def _outside_brackets(name: str) -> Iterator[str]:
    """What is in no brackets, in pieces; all that follows a bracket that is never closed is left out."""
    open_brackets: list[str] = []
    for token in _TOKEN.finditer(name):
        text = token[0]
        if text in _CLOSING:
            open_brackets.append(_CLOSING[text])
        elif open_brackets and text == open_brackets[-1]:
            open_brackets.pop()
        elif not open_brackets:
            yield text.replace(" ", _HARD_SPACE) if text[:1] in "o(" and len(text) > 1 else text
