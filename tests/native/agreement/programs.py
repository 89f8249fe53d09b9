"""What the tests of agreement share: what an answer is, and line programs written by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a chain. ``name`` is the mangled one where there is one; line and column are 1-based, 0 unknown."""

    name: str
    file: str
    line: int
    column: int
    shown: str = ""


Chain = list[Call]
Ask = Callable[[Path, Sequence[int]], list[Chain]]


class Build(Protocol):
    """Compiles and links ``source``, which is named ``name``, with gcc or g++ by its suffix; returns the program."""

    def __call__(self, name: str, source: str, *flags: str) -> Path: ...


Symbols = Callable[[Path], dict[str, tuple[int, int]]]
"""Virtual address and size of each named symbol of a program."""


@dataclass(frozen=True, slots=True)
class LineSequence:
    """A sequence of a line program. ``start``: a label or a number; ``rows``: bytes to go on, and line.

    ``end``: bytes from the last row to the end. ``again``: the address is set once more before the last row.
    """

    start: str | int
    rows: Sequence[tuple[int, int]]
    end: int
    again: bool = False

    def statements(self) -> str:
        """As the GNU assembler reads it."""
        line, out = 1, [_set_address(self.start)]
        for index, (advance, row) in enumerate(self.rows):
            out += [_set_address(self.start)] * (self.again and index == len(self.rows) - 1)
            out += [f"    .byte 2; .uleb128 {advance}; .byte 3; .sleb128 {row - line}; .byte 1"]
            line = row
        return "\n".join([*out, f"    .byte 2; .uleb128 {self.end}; .byte 0, 1, 1"])


def _set_address(address: str | int) -> str:
    return f"    .byte 0, 9, 2; .quad {address}"


FUNCTIONS = ("first", "second")
FUNCTION_SIZE = 64

_FUNCTION = """\
    .globl {name}
    .type {name}, @function
{name}:
    .fill {size}, 1, 0x90
    .size {name}, {size}
"""
_ENTRY = '    .uleb128 2; .string "{name}"; .quad {name}, {size}\n'
_UNIT = """\
    .section .debug_abbrev,"",@progbits
    .uleb128 1; .uleb128 0x11; .byte 1          # DW_TAG_compile_unit with children
    .uleb128 0x10; .uleb128 0x17                # DW_AT_stmt_list, DW_FORM_sec_offset
    .uleb128 0x11; .uleb128 1                   # DW_AT_low_pc, DW_FORM_addr
    .uleb128 0x12; .uleb128 7                   # DW_AT_high_pc, DW_FORM_data8
    .byte 0, 0
    .uleb128 2; .uleb128 0x2e; .byte 0          # DW_TAG_subprogram: name, low_pc, high_pc
    .uleb128 3; .uleb128 8; .uleb128 0x11; .uleb128 1; .uleb128 0x12; .uleb128 7; .byte 0, 0
    .byte 0
    .section .debug_info,"",@progbits
    .long 2f - 1f
1:  .short 4; .long 0; .byte 8
    .uleb128 1; .long 0; .quad {first}, {size}
{entries}    .byte 0
2:
    .section .debug_line,"",@progbits
    .long 4f - 3f
3:  .short 4; .long 6f - 5f
5:  .byte 1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1
    .byte 0
    .string "made.c"
    .byte 0, 0, 0, 0
6:
{sequences}
4:
    .section .note.GNU-stack,"",@progbits
"""


def with_lines(sequences: Sequence[LineSequence]) -> str:
    """Assembler source of `FUNCTIONS`, one after the other, in one unit of DWARF 4 with these lines."""
    functions = "".join(_FUNCTION.format(name=name, size=FUNCTION_SIZE) for name in FUNCTIONS)
    entries = "".join(_ENTRY.format(name=name, size=FUNCTION_SIZE) for name in FUNCTIONS)
    lines = "\n".join(sequence.statements() for sequence in sequences)
    size = FUNCTION_SIZE * len(FUNCTIONS)
    unit = _UNIT.format(first=FUNCTIONS[0], size=size, entries=entries, sequences=lines)
    return f"    .text\n{functions}{unit}"
