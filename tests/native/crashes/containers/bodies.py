"""Containers that tests pack."""

import struct
import zlib
from collections.abc import Mapping

from tests.native.crashes.minidump.dumps import FIXTURES

DUMP = (FIXTURES / "minidump-android" / "crash.dmp").read_bytes()
BOUNDARY = b"----MultipartBoundary----"


def multipart(*parts: tuple[str, bytes], boundary: bytes = BOUNDARY, line: bytes = b"\r\n") -> bytes:
    """A body; each part is what stands behind ``form-data; `` and its content."""
    heads = (f"Content-Disposition: form-data; {head}".encode() for head, _ in parts)
    fields = (
        line.join([b"--" + boundary, head, b"", content]) for head, (_, content) in zip(heads, parts, strict=True)
    )
    return line.join([*fields, b"--" + boundary + b"--", b""])


def _text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return struct.pack("<i", len(data)) + data


def unreal(files: Mapping[str, bytes], *, old: bool = False) -> bytes:
    """A crash file of Unreal Engine; ``old`` with the header at both ends, of which the last one is true."""
    packed = b"".join(
        struct.pack("<i", index) + _text(name) + struct.pack("<i", len(data)) + data
        for index, (name, data) in enumerate(files.items())
    )
    name = _text("UE4CC-Windows-1") + _text("UE4CC-Windows-1.ue4crash")
    header = name + struct.pack("<ii", len(packed), len(files))
    placeholder = name + struct.pack("<ii", 0, 0)
    return zlib.compress(placeholder + packed + header if old else b"CR1" + header + packed)
