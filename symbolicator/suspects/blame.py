"""Parses ``git blame --incremental``: which commit each line of a file comes from, the newest commits first.

Every run of lines is an entry (git-blame documentation, "Incremental output")::

    3f9c2ab…(40 or 64 digits) 9 11 2     commit, line in it, line now, how many lines
    author Ada                           from here on only where the commit is named first
    committer-time 1700000000
    summary Round prices down
    boundary                             git looked no further: no parents, or older than was asked for
    filename src/cart.cpp                ends every entry

Lines are 1-based. Output of a git that was stopped is good up to its last whole entry.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from symbolicator.suspects.commits import Commit, parse_time, text_of

_ENTRY = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) (\d{1,9}) (\d{1,9}) (\d{1,5})")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abfnrtv"\\])')
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


class BlamedLine(Struct, frozen=True):
    """One line and the commit that it comes from. ``path`` is the file's name in that commit."""

    line: int
    commit: Commit
    path: str


def parse_blame(data: bytes) -> Iterator[BlamedLine]:
    """The blamed lines. What is damaged or cut off is passed over."""
    commits: dict[str, Commit] = {}
    entry: re.Match[bytes] | None = None
    headers: dict[bytes, bytes] = {}
    for row in data.split(b"\n")[:-1]:
        name, _, value = row.partition(b" ")
        if started := _ENTRY.fullmatch(row):
            entry, headers = started, {}
        elif entry and name == b"filename":
            sha, start = entry[1].decode(), int(entry[3])
            commit = commits.setdefault(sha, _commit(sha, headers))
            path = unquoted(value).decode("utf-8", "replace")
            yield from (BlamedLine(start + offset, commit, path) for offset in range(int(entry[4])))
            entry = None
        else:
            headers[name] = value


def _commit(sha: str, headers: dict[bytes, bytes]) -> Commit:
    author, subject, time = (
        headers.get(name, b"").decode("utf-8", "replace") for name in (b"author", b"summary", b"committer-time")
    )
    return Commit(sha, text_of(author), parse_time(time) or 0, text_of(subject), is_first=b"boundary" in headers)


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
