"""The form in which functions are shown, the same whatever read them: the qualified name, no arguments, no noise.

>>> normal_form("int shop::sumOf<shop::Line, shop::AddGross>(std::vector<shop::Line> const&, shop::AddGross)")
'shop::sumOf<T>'
>>> normal_form("<ledger::Sale<A> as ledger::Priced<u32>>::total")
'<ledger::Sale<T> as ledger::Priced<T>>::total'

Backends spell arguments, template arguments and lambdas each in their own way; a person looking for the failing call
needs none of them, and frames of one function belong together. The mangled name beside it keeps everything.
"""

import re
from collections.abc import Iterator

from native.quoted_names import HARD_SPACE, unquoted

MAX_NAME = 1 << 16

_CLOSING = {"<": ">", "(": ")", "{": "}", "[": "]"}
_ANONYMOUS = "(anonymous namespace)"
_OPERATOR = re.compile(
    r"operator(?: new(?:\[\])?| delete(?:\[\])?| co_await|\s?\"\"\s?\w+|\(\)|\[\]|->\*?|<=>|<<=?|>>=?|<=?|>=?"
    r"|\+\+|--|&&|\|\||[-+*/%^&|=!~]=?|,)"
)
_LESS_WITH_ARGUMENTS = re.compile(r"operator<(?=<(?:\w|::|\(anonymous namespace\)))")
"""LLVM writes ``operator<<char>`` for what others write ``operator< <char>``."""
_CONVERSION = re.compile(r"operator (?=[^\s(<])")
_LAMBDA = re.compile(r"'lambda\d*'|\$_\d+")
_UNNAMED = re.compile(r"'unnamed\d*'")
_QUALIFIERS = frozenset({"const", "volatile", "&", "&&", "noexcept", "restrict"})
_NOT_TURBOFISH = ("<impl ", "<lambda")
_REST_OF_LOCAL = re.compile(r"(?:const|volatile|&&?)(::.*)")
"""``f() const::Local::go``: what is declared inside a function goes on behind the function's qualifiers."""
_WORD = re.compile(r"\w+")


def normal_form(name: str) -> str:
    """The shown form of a C++ or Rust function name. Doing it twice changes nothing."""
    words: list[str] = []
    for word in _words(unquoted(name[:MAX_NAME])):
        local = _REST_OF_LOCAL.match(word) if words else None
        if local:
            words[-1] += local[1]
        else:
            words.append(word)
    while len(words) > 1 and words[-1] in _QUALIFIERS:
        words.pop()
    return words[-1].replace(HARD_SPACE, " ") if words else name


def _words(name: str) -> Iterator[str]:
    """The name between its spaces, shortened: the return type is a word, the name another, ``const`` a third."""
    word = ""
    at = 0
    while at < len(name):
        if name[at].isspace():
            if word:
                yield word
            word, at = "", at + 1
            continue
        word, at = _piece(name, at, word)
    if word:
        yield word


def _piece(name: str, at: int, word: str) -> tuple[str, int]:
    """Reads one piece at ``at``; returns the word with it and where the next piece begins."""
    special = _special(name, at, word)
    if special:
        return special
    if plain := _WORD.match(name, at):
        return word + plain[0], plain.end()
    if name[at] not in _CLOSING:
        return word + name[at], at + 1
    end = _end_of_group(name, at)
    is_turbofish = name[at] == "<" and word.endswith("::") and not name.startswith(_NOT_TURBOFISH, at)
    return _group(name[at:end], word[:-2] if is_turbofish else word), end


def _special(name: str, at: int, word: str) -> tuple[str, int] | None:
    """Pieces that are no group although they look like one, or that hold spaces."""
    if name.startswith(_ANONYMOUS, at):
        return word + _ANONYMOUS, at + len(_ANONYMOUS)
    for pattern, shown in ((_LAMBDA, "{lambda}"), (_UNNAMED, "{unnamed type}")):
        if match := pattern.match(name, at):
            return word + shown, match.end()
    return _operator(name, at, word) if name.startswith("operator", at) else None


def _operator(name: str, at: int, word: str) -> tuple[str, int] | None:
    if match := _LESS_WITH_ARGUMENTS.match(name, at):
        return word + match[0], match.end()
    if match := _OPERATOR.match(name, at):
        return _with_own_arguments(name, match.end(), word + re.sub(r"\s+", " ", match[0]))
    if match := _CONVERSION.match(name, at):
        end = _end_of_conversion(name, match.end())
        return f"{word}operator {_without_arguments(name[match.end() : end]).strip()}", end
    return None


def _with_own_arguments(name: str, at: int, word: str) -> tuple[str, int]:
    """``operator<< <char>``: a space keeps the template arguments apart from the operator."""
    if not name.startswith(" <", at):
        return word, at
    return word + "<T>", _end_of_group(name, at + 1)


def _group(group: str, word: str) -> str:
    """What becomes of a bracketed group behind ``word``."""
    inner = group[1:-1]
    if group[0] == "(" and not word and inner[:1] in ("*", "&"):
        return normal_form(inner.lstrip("*&"))  # a function that returns a pointer to one
    if group[0] == "{":
        return word + _brace(group, inner)
    return word + _angles(inner, word) if group[0] == "<" else word


def _angles(inner: str, word: str) -> str:
    """Arguments of what ``word`` names; at the start of a component Rust's self type, or gcc's word for a lambda."""
    if inner.startswith("lambda"):
        return "{lambda}"
    if word and not word.endswith("::"):
        return "<T>"
    shown = _without_arguments(inner)
    is_plain_path = not word and re.fullmatch(r"[\w:]+(<T>)?", shown)
    return shown if is_plain_path else f"<{shown}>"


def _brace(group: str, inner: str) -> str:
    if inner.startswith("lambda"):
        return "{lambda}"
    return "{unnamed type}" if inner.startswith("unnamed type") else group


def _without_arguments(text: str) -> str:
    """A type with ``<T>`` for every list of type arguments."""
    shown, at = "", 0
    while at < len(text):
        is_list = text[at] == "<" and bool(shown) and (shown[-1].isalnum() or shown[-1] in "_:")
        if is_list and not shown.endswith("for"):
            at = _end_of_group(text, at)
            shown = shown.removesuffix("::") + "<T>"
        else:
            shown += text[at]
            at += 1
    return shown


def _end_of_group(name: str, at: int) -> int:
    """Behind the bracket that closes the one at ``at``; the end of the name if none does. ``->`` closes nothing."""
    open_brackets: list[str] = []
    while at < len(name):
        character = name[at]
        if operator := _operator_in_group(name, at):
            at = operator
            continue
        if character in _CLOSING:
            open_brackets.append(_CLOSING[character])
        elif open_brackets and character == open_brackets[-1] and name[at - 1] != "-":
            open_brackets.pop()
        at += 1
        if not open_brackets:
            return at
    return at


def _operator_in_group(name: str, at: int) -> int | None:
    """Behind an ``operator<`` and the like at ``at``: its brackets do not count."""
    match = (
        (_LESS_WITH_ARGUMENTS.match(name, at) or _OPERATOR.match(name, at)) if name.startswith("operator", at) else None
    )
    return match.end() if match else None


def _end_of_conversion(name: str, at: int) -> int:
    """Where the target type of a conversion operator ends: at its argument list."""
    while at < len(name) and name[at] != "(":
        at = _end_of_group(name, at) if name[at] == "<" else at + 1
    return at
