"""Source Link: which address on a source server a path of a build machine stands for.

Source: "Source Link" of the .NET SDK (``docs/README.md`` of dotnet/sourcelink): a ``*`` at the end of a path stands for
the same text as the ``*`` in its address; paths compare without regard to case; the longest one wins.
"""

from urllib.parse import quote

import msgspec
from msgspec import Struct

MAX_DOCUMENTS = 10_000


class _Json(Struct, frozen=True):
    documents: dict[str, str] = {}


class SourceLink(Struct, frozen=True):
    """Patterns of paths and their addresses, the longest first."""

    documents: tuple[tuple[str, str], ...]

    @staticmethod
    def parse(text: bytes) -> "SourceLink":
        """Reads the JSON; one that is damaged says nothing."""
        try:
            documents = msgspec.json.decode(text, type=_Json).documents
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return SourceLink(())
        listed = sorted(documents.items(), key=lambda pair: -len(pair[0]))
        return SourceLink(tuple(listed[:MAX_DOCUMENTS]))

    def url_of(self, path: str) -> str | None:
        """The address of a document; only web addresses are given."""
        plain = _normal(path)
        for pattern, url in self.documents:
            start = _normal(pattern)
            if start == plain and "*" not in pattern:
                return _web(url)
            if start.endswith("*") and plain.startswith(start[:-1]):
                rest = path[len(start) - 1 :].replace("\\", "/")
                return _web(url.replace("*", quote(rest), 1))
        return None


def _normal(path: str) -> str:
    return path.replace("\\", "/").lower()


def _web(url: str) -> str | None:
    return url if url.startswith(("https://", "http://")) else None
