r"""Bodies of type ``multipart/form-data`` (RFC 7578), as crash reporters post them.

::

    --boundary\r\n
    Content-Disposition: form-data; name="upload_file_minidump"; filename="a.dmp"\r\n
    Content-Type: application/octet-stream\r\n
    \r\n
    MDMP…\r\n
    --boundary--\r\n

The boundary is that of the first line: the header that names it was not part of the body.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from symbolicator.protocols import Buffer

MAX_PARTS = 1_000
_MAX_HEAD = 16 * 1024
_FIRST = re.compile(rb"(?:\r\n)?--(?P<boundary>[!-~ ]{0,69}[!-~])\r?\n(?=Content-)", re.IGNORECASE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(
    r"""\b(?P<name>name|filename)=(?:"(?P<quoted>(?:[^"\\]|\\.){0,1000})"|(?P<plain>[^\s;"]{1,1000}))"""
)


class Part(Struct, frozen=True):
    """One field. ``filename`` is None unless it is a file."""

    name: str
    filename: str | None
    content: Buffer

    @property
    def text(self) -> str:
        """The content of a field that is no file."""
        return bytes(self.content).decode("utf-8", "replace")


def is_multipart(head: Buffer) -> bool:
    """Whether a body begins so."""
    first = _FIRST.match(head)
    return first is not None and b"form-data" in bytes(head[first.end() : first.end() + 200]).lower()


def parts_of(body: Buffer) -> Iterator[Part]:
    """The fields in their order; the last one as far as it is there."""
    first = _FIRST.match(body)
    if first is None:
        return
    end_of_part = re.compile(rb"\r?\n--" + re.escape(first["boundary"]) + rb"(?=\r?\n|--|\Z)")
    start = first.end()
    for _ in range(MAX_PARTS):
        end = end_of_part.search(body, start)
        part = _part(body[start : end.start() if end else len(body)])
        if part:
            yield part
        if end is None or bytes(body[end.end() : end.end() + 2]) == b"--":
            return
        start = end.end() + len(_line_end(body, end.end()))


def _line_end(body: Buffer, at: int) -> bytes:
    return b"\r\n" if bytes(body[at : at + 1]) == b"\r" else b"\n"


def _part(data: Buffer) -> Part | None:
    blank = _BLANK.search(data, 0, _MAX_HEAD)
    if blank is None:
        return None
    head = bytes(data[: blank.start()]).decode("utf-8", "replace")
    fields = {match["name"]: _unquoted(match) for match in _FIELD.finditer(head)}
    if "name" not in fields:
        return None
    return Part(fields["name"], fields.get("filename"), data[blank.end() :])


def _unquoted(match: re.Match[str]) -> str:
    quoted = match["quoted"]
    return match["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
