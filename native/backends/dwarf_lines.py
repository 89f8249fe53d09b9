"""Line programs: which file, line and column the code at an address came from.

pyelftools reads the header and its tables; the program runs here, without keeping a state object a row.
Source: DWARF 5, section 6.2; DWARF 2-4 number files and directories from 1, DWARF 5 from 0.
"""

import posixpath
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from elftools.dwarf.compileunit import CompileUnit
from elftools.dwarf.lineprogram import LineProgram
from msgspec import Struct, field

from native.backends.bytes_reader import BytesReader
from native.backends.dwarf_ranges import Range, in_code
from native.backends.dwarf_sections import line_program_bytes

MAX_PROGRAM = 16 << 20
MAX_ROWS = 2_000_000
_DWARF_5 = 5
_64_BIT = 0xFFFFFFFF
_FIXED = {0x05: 2, 0x06: 4, 0x07: 8, 0x0B: 1, 0x1E: 16}
"""Sizes of ``DW_FORM`` data2, data4, data8, data1 and data16."""
_BLOCKS = {0x03: 2, 0x0A: 1}
"""Sizes of the lengths of ``DW_FORM`` block2 and block1."""
_SIZED_FORMS = frozenset({*_FIXED, *_BLOCKS, 0x08, 0x09, 0x0E, 0x0F, 0x1F})
"""The above, and string, block, strp, udata and line_strp: what a file table may hold, none of them without bytes."""


class Row(NamedTuple):
    """A row of the line table. ``line`` and ``column`` are 1-based, 0 where the compiler did not say."""

    address: int
    file: int
    line: int
    column: int


class Sequence(NamedTuple):
    """A piece of code in one go: rows by address; the last row ends at ``end``."""

    begin: int
    end: int
    rows: list[Row]


class LineTable(Struct):
    """The line program of a unit."""

    files: list[str] = field(default_factory=list)
    sequences: list[Sequence] = field(default_factory=list)
    _begins: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sequences.sort(key=lambda sequence: sequence.begin)
        self._begins = [sequence.begin for sequence in self.sequences]

    def row_at(self, address: int) -> Row | None:
        """The row that covers a virtual address."""
        index = bisect_right(self._begins, address) - 1
        if index < 0 or address >= self.sequences[index].end:
            return None
        rows = self.sequences[index].rows
        at = bisect_right(rows, address, key=lambda row: row.address) - 1
        return rows[at] if at >= 0 else None

    def file(self, number: int) -> str | None:
        """Path of a file by the number that rows and calls have for it."""
        return self.files[number] or None if 0 <= number < len(self.files) else None


def read_lines(unit: CompileUnit, code: tuple[Range, ...], directory: str) -> LineTable:
    """Reads the unit's line program. Raises whatever pyelftools does on damaged bytes."""
    at = unit.get_top_DIE().attributes.get("DW_AT_stmt_list")
    if at is None:
        return LineTable()
    data = line_program_bytes(unit.dwarfinfo)
    reader = BytesReader(data, little_endian=unit.dwarfinfo.config.little_endian)
    _check_tables(reader, at.value)
    program = unit.dwarfinfo.line_program_for_CU(unit)
    if program is None or program.program_end_offset - program.program_start_offset > MAX_PROGRAM:
        raise ValueError("line program too long")
    sequences = _sequences(_rows(program, reader, unit.header.address_size))
    kept = [part for part in sequences if in_code(Range(part.begin, part.end), code)]
    return LineTable(_files(program, directory), kept)


def _check_tables(reader: BytesReader, at: int) -> None:
    """DWARF 5 tables whose entries take no bytes could claim any number of them, and pyelftools would make them."""
    reader.seek(at)
    offset_size = 8 if reader.unsigned(4) == _64_BIT else 4
    reader.seek(at + 12 if offset_size == 8 else at + 4)  # noqa: PLR2004 - 64-bit DWARF
    if reader.unsigned(2) < _DWARF_5:
        return
    reader.skip(2 + offset_size + 5)
    reader.skip(max(reader.unsigned(1) - 1, 0))
    for _ in range(2):
        forms = [(reader.uleb(), reader.uleb())[1] for _ in range(reader.unsigned(1))]
        count = reader.uleb()
        if count and not (forms and _SIZED_FORMS.issuperset(forms)):
            raise ValueError("file table without content")
        for _ in range(count):
            for form in forms:
                _skip(reader, form, offset_size)


def _skip(reader: BytesReader, form: int, offset_size: int) -> None:
    """Goes past one value of a file table."""
    if form == 0x08:  # noqa: PLR2004 - DW_FORM_string
        reader.skip_string()
    elif form == 0x0F:  # noqa: PLR2004 - DW_FORM_udata
        reader.uleb()
    elif form == 0x09:  # noqa: PLR2004 - DW_FORM_block
        reader.skip(reader.uleb())
    elif form in _BLOCKS:
        reader.skip(reader.unsigned(_BLOCKS[form]))
    else:
        reader.skip(_FIXED.get(form, offset_size))


def _files(program: LineProgram, directory: str) -> list[str]:
    header = program.header
    directories = [_text(name) for name in header.get("include_directory") or ()]
    names = [(_text(entry.name), entry.dir_index or 0) for entry in header.get("file_entry") or ()]
    if header.version < _DWARF_5:
        directories, names = ["", *directories], [("", 0), *names]
    return [_path(directory, directories, name, index) for name, index in names]


def _path(base: str, directories: list[str], name: str, index: int) -> str:
    if not name:
        return ""
    folder = directories[index] if 0 <= index < len(directories) else ""
    return posixpath.join(base, folder, name)


def _text(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "replace")


class _Registers:
    """The registers of the line state machine."""

    __slots__ = ("address", "column", "file", "line", "operation")

    def __init__(self) -> None:
        self.address, self.file, self.line, self.column, self.operation = 0, 1, 1, 0, 0

    def row(self) -> Row:
        return Row(self.address, self.file, max(self.line, 0), self.column)


def _rows(program: LineProgram, reader: BytesReader, address_size: int) -> Iterator[Row | None]:
    """The rows of the program; None after each sequence, preceded by the row that ends it."""
    state = _Registers()
    reader.seek(program.program_start_offset)
    while reader.position < program.program_end_offset:
        opcode = reader.unsigned(1)
        if opcode >= program["opcode_base"]:
            _special(program, state, opcode)
            yield state.row()
        elif opcode == 0:
            if _extended(reader, state, address_size):
                yield state.row()
                yield None
                state = _Registers()
        elif _standard(program, reader, state, opcode):
            yield state.row()


def _advance(program: LineProgram, state: _Registers, operations: int) -> None:
    """Moves on by so many operations; more than one an instruction only on VLIW machines."""
    width = program["maximum_operations_per_instruction"]
    state.operation += operations
    state.address += program["minimum_instruction_length"] * (state.operation // width)
    state.operation %= width


def _special(program: LineProgram, state: _Registers, opcode: int) -> None:
    operations, lines = divmod(opcode - program["opcode_base"], program["line_range"])
    _advance(program, state, operations)
    state.line += program["line_base"] + lines


def _extended(reader: BytesReader, state: _Registers, address_size: int) -> bool:
    """Runs an extended opcode; True at the end of a sequence."""
    size = reader.uleb()
    after = reader.position + size
    opcode = reader.unsigned(1) if size else 0
    if opcode == 2:  # noqa: PLR2004 - DW_LNE_set_address
        state.address, state.operation = reader.unsigned(address_size), 0
    reader.seek(after)
    return opcode == 1


def _standard(program: LineProgram, reader: BytesReader, state: _Registers, opcode: int) -> bool:
    """Runs a standard opcode; True if it adds a row."""
    match opcode:
        case 1:
            return True
        case 2:
            _advance(program, state, reader.uleb())
        case 3:
            state.line += reader.sleb()
        case 4:
            state.file = reader.uleb()
        case 5:
            state.column = reader.uleb()
        case 8:
            _advance(program, state, (255 - program["opcode_base"]) // program["line_range"])
        case 9:
            state.address, state.operation = state.address + reader.unsigned(2), 0
        case _:
            for _ in range(program["standard_opcode_lengths"][opcode - 1]):
                reader.uleb()
    return False


def _sequences(rows: Iterator[Row | None]) -> Iterator[Sequence]:
    current: list[Row] = []
    for count, row in enumerate(rows):
        if count > MAX_ROWS:
            return
        if row is not None:
            current.append(row)
            continue
        end = current.pop().address
        if current and current[0].address < end:
            yield Sequence(current[0].address, end, _ordered(current))
        current = []


def _ordered(rows: list[Row]) -> list[Row]:
    """By address; of several at one address the last one counts, which the stable sort leaves last."""
    in_order = all(left.address <= right.address for left, right in pairwise(rows))
    return rows if in_order else sorted(rows, key=lambda row: row.address)
