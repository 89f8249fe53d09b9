"""The body of a response: whole, unpacked, and never more than the limit."""

import io
import zlib
from collections.abc import Iterator
from http.client import HTTPResponse

from symbolicator.store.web.failures import FetchFailed

_CHUNK = 64 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_IDENTITY = ("", "identity")
_GZIP = ("gzip", "x-gzip")


class Limit:
    """Counts bytes. ``received`` is what came over the wire."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.received = 0

    def check(self, count: int) -> None:
        """Raises `FetchFailed` if ``count`` bytes are too many."""
        if count > self.most:
            raise FetchFailed(
                "too large",
                f"it has more than {self.most:,} bytes",
                "Fetch it yourself if that is right, and pass the folder that holds it with --artifacts.",
            )


def read_body(response: HTTPResponse, limit: Limit) -> bytes:
    """The unpacked body. Raises `FetchFailed`, OSError, `http.client.HTTPException`."""
    encoding = (response.headers.get("Content-Encoding") or "").strip().lower()
    chunks = _chunks(response, limit)
    if encoding in _GZIP:
        chunks = _unpacked(chunks)
    elif encoding not in _IDENTITY:
        raise FetchFailed("encoding", f"the server packed it as {encoding[:40]!r}, which was not asked for")
    whole = io.BytesIO()
    for chunk in chunks:
        limit.check(whole.tell() + len(chunk))
        whole.write(chunk)
    return whole.getvalue()


def _chunks(response: HTTPResponse, limit: Limit) -> Iterator[bytes]:
    """The bytes as they come. The standard library does not notice that a body of known length ends early."""
    declared = response.length
    limit.check(declared or 0)
    while chunk := response.read(_CHUNK):
        limit.received += len(chunk)
        limit.check(limit.received)
        yield chunk
    if declared is not None and limit.received < declared:
        raise FetchFailed("truncated", f"only {limit.received:,} of {declared:,} bytes came")


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Unpacks gzip (RFC 1952), one member after the other, a bounded piece at a time."""
    member, is_open = zlib.decompressobj(_GZIP_WINDOW), False
    for chunk in chunks:
        waiting = chunk
        while waiting:
            piece = _piece(member, waiting)
            if piece:
                yield piece
            waiting, is_open = member.unconsumed_tail or member.unused_data, not member.eof
            if member.eof:
                member = zlib.decompressobj(_GZIP_WINDOW)
    if is_open:
        raise FetchFailed("truncated", "its gzip stream ends early")


def _piece(member: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return member.decompress(packed, _CHUNK)
    except zlib.error as error:
        raise FetchFailed("encoding", f"its gzip stream is damaged ({error})") from error
