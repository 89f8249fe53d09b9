"""A writer of ELF files with DWARF in which nothing but the headers is right, and a process that reads them."""

import struct
import subprocess
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

BASE: Final = 0x1000
"""Image-relative and virtual address of the code: the image begins at 0."""
MEMORY: Final = 3 << 29
"""Address space that a reader gets, in bytes, beside what the file takes."""

Packing = Literal["zlib", "zstd"]
_CHUNK = 128 * 1024
_READER = """\
import resource, sys
from array import array
from pathlib import Path
from symbolicator import _core
data = Path(sys.argv[1]).read_bytes()
room = int(sys.argv[2]) + 2 * len(data)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
addresses = array("Q", [int(address) for address in sys.argv[4:]])
try:
    built = _core.build_symcache(data, addresses=addresses if sys.argv[3] == "around" else None)
except _core.DebugFileError as error:
    print("error", error)
    sys.exit()
symcache = _core.SymCache.from_bytes(built)
for address in addresses:
    records = memoryview(symcache.lookup(array("Q", [address]))[1]).cast("I").tolist()
    names = [symcache.string(name) if name != 0xFFFFFFFF else "?" for name in records[::8]]
    print("chain", *(name[:40].replace(" ", "_") for name in names))
"""


class Outcome(Struct, frozen=True):
    """What reading a file came to."""

    error: str | None
    chains: list[list[str]]
    """The functions at each address, innermost first, names cut to 40 characters."""


def read(file: Path, addresses: Sequence[int] = (BASE,), *, around: bool = False, memory: int = MEMORY) -> Outcome:
    """Converts a file in a process with little memory, and asks. Raises if the process dies."""
    command = [sys.executable, "-c", _READER, str(file), str(memory), "around" if around else "all"]
    lines = subprocess.run(
        [*command, *map(str, addresses)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    errors = [line.removeprefix("error ") for line in lines if line.startswith("error")]
    return Outcome(errors[0] if errors else None, [line.split()[1:] for line in lines if line.startswith("chain")])


def elf(sections: Mapping[str, bytes], code: int = 0x10000, symbols: bytes = b"", names: bytes = b"\0") -> bytes:
    """An x86-64 library: ``code`` bytes of code at `BASE`, sections by name (flag in `packed`), a symbol table."""
    parts = [(".text", 8, 6, BASE, code, b"", 0)]
    parts += [(".symtab", 2, 0, 0, len(symbols), symbols, 2), (".strtab", 3, 0, 0, len(names), names, 0)]
    for name, data in sections.items():
        flags = 0x800 if data.startswith(_PACKED) else 0
        body = data.removeprefix(_PACKED)
        parts.append((name, 1, flags, 0, len(body), body, 0))
    titles = b"\0" + b"".join(part[0].encode() + b"\0" for part in parts) + b".shstrtab\0"
    parts.append((".shstrtab", 3, 0, 0, len(titles), titles, 0))
    headers, title, at = [bytes(64)], 1, 64
    for name, kind, flags, address, size, data, link in parts:
        entry = 24 if kind == 2 else 0
        link = 3 if link else 0  # noqa: PLW2901 - the index of .strtab
        headers.append(struct.pack("<IIQQQQIIQQ", title, kind, flags, address, at, size, link, 0, 1, entry))
        title, at = title + len(name) + 1, at + len(data)
    count = len(headers)
    fields = (3, 62, 1, 0, 0, at, 0, 64, 0, 0, 64, count, count - 1)
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", *fields)
    return b"".join([head, *(part[5] for part in parts), *headers])


_PACKED = b"(packed)"


def packed(data: bytes, packing: Packing = "zlib", *, claims: int | None = None) -> bytes:
    """A compressed section that ``claims`` to have so many bytes."""
    size = len(data) if claims is None else claims
    kind, body = (1, zlib.compress(data)) if packing == "zlib" else (2, _zstd(data))
    return _PACKED + struct.pack("<IIQQ", kind, 0, size, 1) + body


def _zstd(data: bytes) -> bytes:
    """A frame (RFC 8878) whose blocks are stored, or repeat one byte."""
    out = [b"\x28\xb5\x2f\xfd\x00\x38"]
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    for index, chunk in enumerate(chunks):
        repeats = len(set(chunk)) == 1
        last, kind, content = index == len(chunks) - 1, 1 if repeats else 0, chunk[:1] if repeats else chunk
        out += [struct.pack("<I", last | kind << 1 | len(chunk) << 3)[:3], content]
    return b"".join(out)


def uleb(*values: int) -> bytes:
    """Numbers as unsigned LEB128."""
    out = bytearray()
    for value in values:
        rest = value
        while rest >= 0x80:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def abbrevs(*entries: tuple[int, int, bool, Sequence[tuple[int, int]]]) -> bytes:
    """A table: code, tag, children, (attribute, form) pairs."""
    rows = (
        uleb(code, tag) + bytes([children]) + uleb(*chain.from_iterable(pairs), 0, 0)
        for code, tag, children, pairs in entries
    )
    return b"".join(rows) + b"\0"


UNIT: Final = (1, 0x11, True, [(0x13, 0x0B)])
"""Root: language (data1)."""
FUNCTION: Final = (2, 0x2E, True, [(3, 8), (0x11, 1), (0x12, 7)])
"""Function: name (string), low_pc (addr), length (data8)."""
CALL: Final = (3, 0x1D, True, [(0x31, 0x13), (0x11, 1), (0x12, 7)])
"""Inlined call: origin (ref4), low_pc, length."""
CALLEE: Final = (4, 0x2E, False, [(3, 8)])
"""Abstract function: name (string)."""
TABLE: Final = abbrevs(UNIT, FUNCTION, CALL, CALLEE)
ROOT: Final = b"\1\4"
FIRST: Final = 13
"""Offset of the entry behind the root, in a unit of `unit`."""


def unit(
    entries: bytes, *, version: int = 4, address_size: int = 8, length: int | None = None, table: int = 0
) -> bytes:
    """A unit of DWARF 2 to 4, or one that says so."""
    size = len(entries) + 7 if length is None else length
    return struct.pack("<IHIB", size, version, table, address_size) + entries


def function(name: str, start: int = BASE, size: int = 16) -> bytes:
    """An entry of `FUNCTION`; children follow."""
    return b"\2" + name.encode() + struct.pack("<BQQ", 0, start, size)


def call(origin: int, start: int = BASE, size: int = 16) -> bytes:
    """An entry of `CALL`; children follow."""
    return b"\3" + struct.pack("<IQQ", origin, start, size)


def symbol(name: int, address: int, size: int = 0) -> bytes:
    """An entry of the symbol table: a global function in .text."""
    return struct.pack("<IBBHQQ", name, 0x12, 0, 1, address, size)


def words(*values: int) -> bytes:
    """Eight bytes each."""
    return array("Q", values).tobytes()
