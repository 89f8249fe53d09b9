r"""Parses ``git blame --line-porcelain``: which commit each line of a file comes from.

Every line of the file is a group (git-blame documentation, "The porcelain format")::

    3f9c2ab…(40 or 64 digits) 9 11 1     commit, line in it, line now, lines of the group
    author Ada
    committer-time 1700000000
    summary Round prices down
    boundary                             only in a commit without parents
    filename src/cart.cpp
    \t    return cents / 100;            the line itself, after a tab

Lines are 1-based.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from symbolicator.suspects.commits import Commit, parse_time, text_of

_GROUP = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (\d{1,9}) (\d{1,9})(?: \d{1,9})?")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abfnrtv"\\])')
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


class BlamedLine(Struct, frozen=True):
    """One line and the commit that it comes from. ``path`` is the file's name in that commit."""

    line: int
    commit: Commit
    path: str


def parse_blame(data: bytes) -> Iterator[BlamedLine]:
    """The blamed lines. What is damaged or cut off is passed over."""
    number, sha = 0, ""
    headers: dict[bytes, bytes] = {}
    for row in data.split(b"\n"):
        if row.startswith(b"\t"):
            if sha:
                yield _blamed(sha, number, headers)
            sha = ""
        elif group := _GROUP.fullmatch(row):
            sha, number = group[1].decode(), int(group[3])
            headers = {}
        else:
            name, _, value = row.partition(b" ")
            headers[name] = value


def _blamed(sha: str, number: int, headers: dict[bytes, bytes]) -> BlamedLine:
    author, subject, time = (
        headers.get(name, b"").decode("utf-8", "replace") for name in (b"author", b"summary", b"committer-time")
    )
    commit = Commit(sha, text_of(author), parse_time(time) or 0, text_of(subject), is_first=b"boundary" in headers)
    return BlamedLine(number, commit, unquoted(headers.get(b"filename", b"")).decode("utf-8", "replace"))


def unquoted(name: bytes) -> bytes:
    """A path as git writes it: in quotes with C escapes where it has unusual characters."""
    if len(name) < 2 or name[:1] != b'"' or name[-1:] != b'"':  # noqa: PLR2004 - two quotes
        return name
    return _ESCAPE.sub(_unescaped, name[1:-1])


def _unescaped(found: re.Match[bytes]) -> bytes:
    escape = found[1]
    if escape.isdigit():
        return bytes([int(escape, 8) & 0xFF])
    return _NAMED.get(escape, escape)
