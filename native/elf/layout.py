"""The outer layout of an ELF file: header, segments, sections and notes, every offset checked before use.

>>> elf = ElfFile.parse(data)
>>> elf.section(".text").address
4096

Source: System V ABI, chapters 4 and 5; GNU build-id and compressed-section conventions (`Elf64_Chdr`, ``.zdebug_``).
"""

import struct
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Buffer

MAGIC = b"\x7fELF"
_IDENT = 16
"""Bytes of ``e_ident``."""
MAX_SECTIONS = 1 << 18
MAX_SEGMENTS = 1 << 18
"""A core has one for each mapping of the process."""
MAX_NOTES = 1 << 12
MAX_SECTION_NAME = 256
MAX_NAMES = 16 << 20
"""Bytes of section names that are looked at."""

TYPE_RELOCATABLE, TYPE_EXECUTABLE, TYPE_SHARED, TYPE_CORE = 1, 2, 3, 4
SECTION_SYMBOLS, SECTION_NOTE, SECTION_NO_BITS, SECTION_DYNAMIC_SYMBOLS = 2, 7, 8, 11
SEGMENT_LOAD, SEGMENT_INTERPRETER, SEGMENT_NOTE = 1, 3, 4
SEGMENT_EXECUTABLE = 1
_FLAG_COMPRESSED = 0x800
_COMPRESS_ZLIB = 1
_EXTENDED_SECTION_COUNT, _EXTENDED_NAMES, _EXTENDED_SEGMENT_COUNT = 0, 0xFFFF, 0xFFFF


class Section(NamedTuple):
    """A section header. ``address`` is virtual, ``offset`` and ``size`` are in bytes of the file."""

    name: str
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    entry_size: int


class Segment(NamedTuple):
    """A program header. ``address`` is virtual."""

    type: int
    flags: int
    offset: int
    address: int
    file_size: int
    memory_size: int


class Note(NamedTuple):
    """One note: its owner, its type and what it says."""

    owner: bytes
    type: int
    content: bytes


class _Headers(NamedTuple):
    segments_at: int
    sections_at: int
    segment_size: int
    segment_count: int
    section_size: int
    section_count: int
    names_index: int


class ElfFile(Struct, frozen=True, dict=True):
    """An ELF file whose headers were read."""

    data: memoryview
    is_64: bool
    little_endian: bool
    type: int
    machine: int
    headers: _Headers

    @staticmethod
    def parse(data: Buffer, *, may_be_cut: bool = False) -> "ElfFile":
        """Reads the file header. Raises `MalformedArtifact` if ``data`` is no ELF file.

        ``may_be_cut``: the sections may be missing, as in memory that the file was loaded to.
        """
        view = memoryview(data)
        if bytes(view[:4]) != MAGIC or len(view) < _IDENT or view[4] not in (1, 2) or view[5] not in (1, 2):
            raise MalformedArtifact("This is no ELF file. Pass the binary or its debug file.")
        is_64, little = view[4] == 2, view[5] == 1  # noqa: PLR2004 - EI_CLASS
        order = "<" if little else ">"
        form = order + ("HHIQQQIHHHHHH" if is_64 else "HHIIIIIHHHHHH")
        kind, machine, _, _, segments, sections, _, _, *counts = _unpack(form, view, _IDENT)
        headers = _Headers(segments, sections, *counts)
        if not may_be_cut and sections + headers.section_size * headers.section_count > len(view):
            raise MalformedArtifact("The ELF file is cut off: its section table lies behind its end. Copy it again.")
        return ElfFile(view, is_64, little, kind, machine, headers)

    @property
    def order(self) -> str:
        """Byte order as `struct` writes it."""
        return "<" if self.little_endian else ">"

    @property
    def word_size(self) -> int:
        """Bytes of an address."""
        return 8 if self.is_64 else 4

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The section headers; those that lie outside the file are left out."""
        raw = [self._raw_section(index) for index in range(self._section_count())]
        names = self._section_names(raw)
        return tuple(Section(_name_at(names, fields[0]), *fields[1:]) for fields in raw)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The program headers."""
        head = self.headers
        count = head.segment_count
        if count == _EXTENDED_SEGMENT_COUNT and 0 < head.sections_at < len(self.data):
            form = self.order + ("IIQQQQI" if self.is_64 else "IIIIIII")
            count = (*_unpack(form + "I", self.data, head.sections_at),)[7]
        room = max(0, len(self.data) - head.segments_at) // max(head.segment_size, 1)
        if not head.segments_at or head.segment_size < (56 if self.is_64 else 32):
            return ()
        return tuple(self._segment(index) for index in range(min(count, room, MAX_SEGMENTS)))

    def section(self, name: str) -> Section | None:
        """The first section of that name."""
        return next((section for section in self.sections if section.name == name), None)

    def raw(self, section: Section) -> memoryview:
        """The bytes of a section as they lie in the file, cut off at its end."""
        if section.type == SECTION_NO_BITS:
            return self.data[:0]
        return self.data[section.offset : section.offset + section.size]

    def content(self, section: Section, limit: int) -> bytes:
        """The bytes of a section, decompressed. Raises `MalformedArtifact` if damaged or more than ``limit``."""
        raw = self.raw(section)
        if len(raw) > limit:
            raise MalformedArtifact(f"{section.name} has {len(raw)} bytes; the limit is {limit}.")
        if section.flags & _FLAG_COMPRESSED:
            return self._decompressed(section.name, raw, limit)
        if section.name.startswith(".zdebug_") and bytes(raw[:4]) == b"ZLIB":
            return _inflated(section.name, raw[12:], int.from_bytes(raw[4:12], "big"), limit)
        return bytes(raw)

    def notes(self) -> Iterator[Note]:
        """The notes of all note sections, or of the note segments where there are no sections."""
        places = [(part.offset, part.size) for part in self.sections if part.type == SECTION_NOTE]
        places += [(part.offset, part.file_size) for part in self.segments if part.type == SEGMENT_NOTE]
        left = MAX_NOTES
        for offset, size in places:
            for note in self._notes_in(self.data[offset : offset + size]):
                left -= 1
                if left < 0:
                    return
                yield note

    def _section_count(self) -> int:
        head = self.headers
        if not head.sections_at or head.section_size < (64 if self.is_64 else 40):
            return 0
        count = head.section_count
        if count == _EXTENDED_SECTION_COUNT:
            count = self._raw_section(0)[5]
        room = max(0, len(self.data) - head.sections_at) // head.section_size
        return min(count, room, MAX_SECTIONS)

    def _raw_section(self, index: int) -> tuple[int, ...]:
        """Name offset, type, flags, address, offset, size, link, entry size."""
        form = self.order + ("IIQQQQIIQQ" if self.is_64 else "IIIIIIIIII")
        fields = _unpack(form, self.data, self.headers.sections_at + index * self.headers.section_size)
        return (*fields[:7], fields[9])

    def _section_names(self, raw: list[tuple[int, ...]]) -> bytes:
        index = self.headers.names_index
        if index == _EXTENDED_NAMES and raw:
            index = raw[0][6]
        if index >= len(raw):
            return b""
        _, _, _, _, offset, size, _, _ = raw[index]
        return bytes(self.data[offset : offset + min(size, MAX_NAMES)])

    def _segment(self, index: int) -> Segment:
        at = self.headers.segments_at + index * self.headers.segment_size
        if self.is_64:
            kind, flags, offset, address, _, in_file, in_memory, _ = _unpack(self.order + "IIQQQQQQ", self.data, at)
        else:
            kind, offset, address, _, in_file, in_memory, flags, _ = _unpack(self.order + "IIIIIIII", self.data, at)
        return Segment(kind, flags, offset, address, in_file, in_memory)

    def _decompressed(self, name: str, raw: memoryview, limit: int) -> bytes:
        if self.is_64:
            kind, _, size, _ = _unpack(self.order + "IIQQ", raw, 0)
        else:
            kind, size, _ = _unpack(self.order + "III", raw, 0)
        if kind != _COMPRESS_ZLIB:
            raise MalformedArtifact(f"{name} is compressed with method {kind}; this backend reads zlib only.")
        return _inflated(name, raw[24 if self.is_64 else 12 :], size, limit)

    def _notes_in(self, data: memoryview) -> Iterator[Note]:
        at = 0
        while at + 12 <= len(data):
            name_size, size, kind = _unpack(self.order + "III", data, at)
            content_at = at + 12 + _aligned(name_size)
            owner = bytes(data[at + 12 : at + 12 + name_size]).rstrip(b"\0")
            yield Note(owner, kind, bytes(data[content_at : content_at + size]))
            at = content_at + _aligned(size)


def _unpack(form: str, data: memoryview, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error as error:
        raise MalformedArtifact("The ELF file is cut off inside its headers. Copy it again.") from error


def _aligned(size: int) -> int:
    return (size + 3) & ~3


def _name_at(names: bytes, offset: int) -> str:
    end = names.find(b"\0", offset, offset + MAX_SECTION_NAME)
    return names[offset:end].decode("ascii", "replace") if end >= 0 else ""


def _inflated(name: str, data: memoryview, size: int, limit: int) -> bytes:
    """Decompresses to exactly ``size`` bytes."""
    if size > limit:
        raise MalformedArtifact(f"{name} has {size} bytes; the limit is {limit}.")
    try:
        content = zlib.decompressobj().decompress(data, size) if size else b""
    except zlib.error as error:
        raise MalformedArtifact(f"{name} is damaged: {error}.") from error
    if len(content) != size:
        raise MalformedArtifact(f"{name} is damaged: {len(content)} bytes of {size} can be decompressed.")
    return content
