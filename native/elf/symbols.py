"""Functions in an ELF file's symbol tables.

Source: System V ABI, chapter 4, "Symbol Table"; ARM ELF for the Thumb bit.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from native.elf import layout
from native.elf.layout import ElfFile, Section
from symbolicator.errors import MalformedArtifact

MAX_SYMBOLS = 4_000_000
MAX_STRINGS = 256 << 20
MAX_NAME = 1 << 16
_FUNCTION_TYPES = (2, 10)  # STT_FUNC, STT_GNU_IFUNC
_LABEL_TYPE = 0  # STT_NOTYPE: functions of assembly, and labels in them
_MARKERS = ("$", ".L")
"""How names begin by which assemblers mark where code and data begin, and local labels."""
_ARM = 40
_EXECUTABLE = 4
_BINDINGS = {1: 0, 2: 1}  # global before weak before the rest


class FunctionSymbol(NamedTuple):
    """A function. ``address`` is virtual; ``size`` 0 where the table does not say; ``rank`` 0 is the best name."""

    address: int
    size: int
    name: str
    rank: int
    section: int
    is_export: bool = False
    """From the list of what other files may call, which says nothing of the functions between."""
    is_label: bool = False
    """A place in code that the table does not call a function."""


class _Entry(NamedTuple):
    name: int
    info: int
    section: int
    address: int
    size: int

    @property
    def is_defined_function(self) -> bool:
        return self.info & 15 in _FUNCTION_TYPES and self.section != 0

    @property
    def is_defined_label(self) -> bool:
        return self.info & 15 == _LABEL_TYPE and self.section != 0


def has_functions(elf: ElfFile) -> bool:
    """Whether a symbol table defines a function."""
    return any(entry.is_defined_function for table in _tables(elf) for entry in _entries(elf, table))


def function_symbols(elf: ElfFile) -> list[FunctionSymbol]:
    """All defined functions and labels of ``.symtab`` and ``.dynsym``, unsorted, doubles included."""
    return [symbol for table in _tables(elf) for symbol in _functions_in(elf, table)]


def _tables(elf: ElfFile) -> list[Section]:
    wanted = (layout.SECTION_SYMBOLS, layout.SECTION_DYNAMIC_SYMBOLS)
    return [section for section in elf.sections if section.type in wanted]


def _entries(elf: ElfFile, table: Section) -> Iterator[_Entry]:
    form = struct.Struct(elf.order + ("IBBHQQ" if elf.is_64 else "IIIBBH"))
    data = elf.raw(table)[: MAX_SYMBOLS * form.size]
    for fields in form.iter_unpack(data[: len(data) // form.size * form.size]):
        if elf.is_64:
            name, info, _, section, address, size = fields
        else:
            name, address, size, info, _, section = fields
        yield _Entry(name, info, section, address, size)


def _functions_in(elf: ElfFile, table: Section) -> Iterator[FunctionSymbol]:
    strings = _strings(elf, table)
    is_export = table.type == layout.SECTION_DYNAMIC_SYMBOLS
    mask = ~1 if elf.machine == _ARM else ~0
    for entry in _entries(elf, table):
        is_label = entry.is_defined_label and _is_code(elf, entry.section)
        if not (entry.is_defined_function or is_label):
            continue
        name = _name_at(strings, entry.name)
        if name and not (is_label and name.startswith(_MARKERS)):
            rank = _BINDINGS.get(entry.info >> 4, 2)
            address = entry.address if is_label else entry.address & mask
            yield FunctionSymbol(address, entry.size, name, rank, entry.section, is_export, is_label)


def _is_code(elf: ElfFile, section: int) -> bool:
    return section < len(elf.sections) and bool(elf.sections[section].flags & _EXECUTABLE)


def _strings(elf: ElfFile, table: Section) -> bytes:
    if table.link >= len(elf.sections):
        raise MalformedArtifact("A symbol table of the ELF file has no names. Copy the file again.")
    return elf.content(elf.sections[table.link], MAX_STRINGS)


def _name_at(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset, offset + MAX_NAME)
    return strings[offset:end].decode("utf-8", "replace") if end > offset else ""
