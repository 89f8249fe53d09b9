"""Inflating of hostile data: bounded, and as far as it goes."""

import zlib
from collections.abc import Iterator

from symbolicator.errors import UnreadableInput
from symbolicator.protocols import Buffer

MAX_INFLATED = 256 * 1024 * 1024
"""Bytes of a container when it is inflated."""
ZLIB = 15
GZIP = 31
"""Window sizes as zlib's inflateInit2() takes them: with a header of zlib, of gzip."""
_CHUNK = 1024 * 1024
_INPUT = 64 * 1024


def inflated(data: Buffer, wrapping: int) -> bytes:
    """All of it; of data that is cut off or damaged, what comes before. Raises `UnreadableInput` above the limit."""
    parts: list[bytes] = []
    size = 0
    for part in _parts(data, wrapping):
        size += len(part)
        if size > MAX_INFLATED:
            raise UnreadableInput(
                f"The file holds more than {MAX_INFLATED >> 20} MB. Unpack it and pass the .dmp file in it."
            )
        parts.append(part)
    return b"".join(parts)


def head_of(data: Buffer, wrapping: int, size: int) -> bytes:
    """The first bytes, at most ``size``; empty if it is nothing that can be inflated."""
    return next(_parts(data, wrapping, size), b"")


def _parts(data: Buffer, wrapping: int, size: int = _CHUNK) -> Iterator[bytes]:
    """What each piece of input gives, in pieces of at most ``size``."""
    engine = zlib.decompressobj(wrapping)
    for start in range(0, len(data), _INPUT):
        rest: Buffer = data[start : start + _INPUT]
        while rest and not engine.eof:
            try:
                part = engine.decompress(rest, size)
            except zlib.error:
                return
            rest = engine.unconsumed_tail
            if part:
                yield part
