"""What the first lines of a mapping file say, and the id of its bytes.

::

    # compiler: R8
    # compiler_version: 8.7.18
    # pg_map_id: ec4196e
    # pg_map_hash: SHA-256 ec4196ed114eafc442bcf63dc731653e5c091922f953de8db841fc58d07e82f9
    com.shop.Cart -> a.b:

ProGuard writes no such comments. The UUID is what Sentry's tools find mapping files by: version 5 (SHA-1) over the
bytes, in a namespace that is itself version 5 of ``guardsquare.com`` among domain names (RFC 9562).
"""

import hashlib
import re
from uuid import NAMESPACE_DNS, UUID, uuid5

from msgspec import Struct

from symbolicator.protocols import Buffer

HEAD_BYTES = 64 * 1024
_NAMESPACE = uuid5(NAMESPACE_DNS, "guardsquare.com")
_CLASS = re.compile(rb"^[^\s#:(]{1,1000} -> [^\s:(]{1,1000}:\s*$", re.MULTILINE)
_COMMENT = re.compile(rb"^#[ \t]{0,8}(\w{1,40}): ?([^\r\n]{1,200})", re.MULTILINE)
_HASH = re.compile(r"(?:SHA-256 )?([0-9a-f]{7,64})\Z", re.IGNORECASE)


class MappingHeader(Struct, frozen=True):
    """The comments at the start."""

    compiler: str | None = None
    compiler_version: str | None = None
    map_id: str | None = None
    """``pg_map_id``: what R8 puts into the source file of every class (``r8-map-id-…``), in lower case."""
    map_hash: str | None = None
    """Hex digits of ``pg_map_hash``, in lower case."""

    @property
    def title(self) -> str:
        """Who wrote it: ``R8 8.7.18``."""
        return " ".join(filter(None, (self.compiler or "ProGuard", self.compiler_version)))


def is_mapping(data: Buffer) -> bool:
    """Whether the bytes begin like a mapping file: a line that maps a class among comments."""
    head = bytes(data[:HEAD_BYTES])
    return b" -> " in head and b"\0" not in head and _CLASS.search(head.removeprefix(b"\xef\xbb\xbf")) is not None


def read_header(data: Buffer) -> MappingHeader:
    """The comments at the start of a mapping file."""
    found = {name.decode(): value.decode("utf-8", "replace").strip() for name, value in _comments(data)}
    return MappingHeader(
        compiler=found.get("compiler"),
        compiler_version=found.get("compiler_version"),
        map_id=_hex(found.get("pg_map_id")),
        map_hash=_hex(found.get("pg_map_hash")),
    )


def mapping_uuid(data: Buffer) -> str:
    """The UUID of a mapping file: lower case, hyphenated."""
    digest = hashlib.sha1(_NAMESPACE.bytes, usedforsecurity=False)
    digest.update(data)
    return str(UUID(bytes=digest.digest()[:16], version=5))


def _comments(data: Buffer) -> list[tuple[bytes, bytes]]:
    head = bytes(data[:HEAD_BYTES])
    first = _CLASS.search(head)
    return _COMMENT.findall(head[: first.start()] if first else head)


def _hex(value: str | None) -> str | None:
    match = _HASH.match(value or "")
    return match[1].lower() if match else None
