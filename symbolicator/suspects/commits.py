"""Commits as git describes them, and the log that lists them.

The log is asked for with `LOG_FORMAT` and ``-z``: five fields a commit, each ended by a NUL, which no field contains.
"""

from collections.abc import Iterator

from msgspec import Struct

LOG_FORMAT = "%H%x00%P%x00%an%x00%ct%x00%s"
BREADTH_FORMAT = "%x00%H"
_FIELDS = 5
_MAX_TEXT = 300
_MAX_TIME = 1 << 40
"""Later than any commit: what claims more is damaged."""


class Commit(Struct, frozen=True):
    """One commit; times in seconds since 1970."""

    sha: str
    author: str = ""
    committed: int = 0
    subject: str = ""
    is_first: bool = False
    """Whether it has no parents: the first commit of a history, or an import of one."""


def parse_log(data: bytes) -> Iterator[Commit]:
    """The commits of a log. A damaged one is passed over."""
    fields = data.decode("utf-8", "replace").split("\0")
    for start in range(0, len(fields) - _FIELDS + 1, _FIELDS):
        sha, parents, author, committed, subject = fields[start : start + _FIELDS]
        seconds = parse_time(committed)
        if seconds is not None:
            yield Commit(sha.strip(), text_of(author), seconds, text_of(subject), is_first=not parents.strip())


def parse_breadths(data: bytes) -> dict[str, int]:
    """How many files each commit changed, from a log with `BREADTH_FORMAT` and ``--name-only``."""
    rows = (commit.split(b"\n") for commit in data.split(b"\0")[1:])
    return {names[0].decode("ascii", "replace"): sum(map(bool, names[1:])) for names in rows}


def parse_time(text: str) -> int | None:
    """Seconds since 1970."""
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(_MAX_TIME)):
        return None
    return min(int(text), _MAX_TIME)


def text_of(text: str) -> str:
    """A name or a subject of sensible length."""
    return text.strip()[:_MAX_TEXT]
