"""A minified error's text to the message that it stands for.

>>> decode("Minified React error #143; visit https://react.dev/errors/143 for the full message or use …")
'React.Children.only expected to receive a single React element child. or use …'
>>> decode("Minified React error #143", (16, 14))
'React.Children.only expected to receive a single React element child.'

What follows a code's URL is React's own sentence about the development build; it goes too, where it is whole.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import zip_longest
from urllib.parse import unquote

import msgspec

Version = tuple[int, int]
"""Major and minor."""
Table = Mapping[str, Mapping[str, str]]

MAX_ERRORS = 16
"""How many codes of one text are decoded: messages quote each other."""
MAX_ARGUMENTS = 16
MAX_ARGUMENT_CHARACTERS = 2000
MISSING_ARGUMENT = "[missing argument]"
_NEWEST: Version = (9999, 0)
_MARK = "Minified React error #"
_MINIFIED = re.compile(
    _MARK + r"(?P<code>[0-9]{1,5})"
    r"(?:; visit (?P<url>https?://[^\s?]{1,200}(?:\?\S{0,50000})?))?"
    r"(?: for the full message"
    r"(?: or use the non-minified dev environment(?: for full errors and additional helpful warnings\.?(?: \Z)?)?)?)?"
)
_LAST_VERSION_OF = {"facebook.github.io": (16, 2), "reactjs.org": (18, 3)}
"""Which releases write which URL: before, and up to, this one. Later ones write react.dev."""
_ARGUMENT = re.compile(r"(?:args(?:\[\]|%5[Bb]%5[Dd])=)(.*)", re.DOTALL)


def decode(text: str, version: Version | None = None) -> str:
    """The text with every code that is known replaced by its message, as that version of React words it.

    Without a version the URL tells the age, and else the newest wording is taken.
    """
    if _MARK not in text:
        return text
    return _MINIFIED.sub(lambda found: _message(found, version), text, MAX_ERRORS)


def _message(found: re.Match[str], version: Version | None) -> str:
    wordings = _table().get(str(int(found["code"])))
    if wordings is None:
        return found[0]
    url = found["url"] or ""
    return _filled(_wording(wordings, version or _age(url)), _arguments(url))


def _age(url: str) -> Version:
    host = url.partition("://")[2].partition("/")[0].lower()
    return _LAST_VERSION_OF.get(host, _NEWEST)


def _wording(wordings: Mapping[str, str], version: Version) -> str:
    """The last that begins no later than in that version."""
    begins = {parse_version(since) or (0, 0): text for since, text in wordings.items()}
    return begins[max(start for start in begins if start <= version or start == (0, 0))]


def _arguments(url: str) -> Sequence[str]:
    query = url.partition("?")[2].partition("#")[0]
    found = (_ARGUMENT.fullmatch(part) for part in query.split("&", MAX_ARGUMENTS + 1)[: MAX_ARGUMENTS + 1])
    return [_cut(unquote(match[1])) for match in found if match]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_ARGUMENT_CHARACTERS else text[:MAX_ARGUMENT_CHARACTERS] + "…"


def _filled(wording: str, arguments: Sequence[str]) -> str:
    """What an argument says is never taken for a place to fill."""
    first, *rest = wording.split("%s")
    given = arguments[: len(rest)]
    return first + "".join(
        f"{argument}{text}" for argument, text in zip_longest(given, rest, fillvalue=MISSING_ARGUMENT)
    )


def parse_version(text: str) -> Version | None:
    """Major and minor of ``18.2.0``, ``^18.2.0``, ``v18.2``; None if it is no version."""
    found = re.match(r"\s{0,9}[\^~=v]{0,3}([0-9]{1,4})\.([0-9]{1,4})(?![0-9])", text)
    return (int(found[1]), int(found[2])) if found else None


@cache
def _table() -> Table:
    from importlib import resources  # noqa: PLC0415 - takes longer than everything else here, and few crashes need it

    data = resources.files(__package__).joinpath("table.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, dict[str, str]])
