"""Writes core files: by hand for tests, or as what is left of a real one when only what matters is kept.

    python -m tests.native.crashes.elfcore.cores LARGE.core SMALL.core

keeps the notes, the start of each image and of each stack, and the memory that reading Python's frames takes.
"""

import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from native.crashes.elfcore.cpython.layouts import TABLE_SIZE
from native.crashes.elfcore.cpython.runtime import find_runtime
from native.crashes.elfcore.cpython.walk import stacks_of
from native.crashes.elfcore.images import images_of
from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.notes import FILES, PRPSINFO, PRSTATUS, SIGINFO, notes_of
from native.crashes.elfcore.process import read_process
from native.elf.layout import SEGMENT_LOAD, ElfFile
from native.elf.summary import architecture
from tests.native.crashes.elfcore.files import mapped

READ, WRITE, EXECUTE = 4, 2, 1
_EXTENDED = 0xFFFF


class Part(NamedTuple):
    """A segment. ``size``: bytes in memory, where that is more than there is of ``data``."""

    address: int
    data: bytes
    flags: int = READ | WRITE
    size: int = 0


class Processor(NamedTuple):
    """``machine`` as ELF numbers it; ``registers``: how many ``elf_gregset_t`` has."""

    machine: int
    word: int
    registers: int
    order: str = "<"

    @property
    def letter(self) -> str:
        return "Q" if self.word == 8 else "I"


X86_64, X86 = Processor(62, 8, 27), Processor(3, 4, 17)
ARM, ARM64, RISCV64 = Processor(40, 4, 18), Processor(183, 8, 34), Processor(243, 8, 32)
MIPS = Processor(8, 4, 45, ">")


def note(kind: int, content: bytes, owner: bytes = b"CORE", *, size: int | None = None) -> bytes:
    """A note that ``size`` says to be longer or shorter than it is."""
    head = struct.pack("<III", len(owner) + 1, len(content) if size is None else size, kind)
    return head + _padded(owner + b"\0") + _padded(content)


def thread(thread_id: int, registers: Sequence[int], signal: int = 0, processor: Processor = X86_64) -> bytes:
    """The status of a thread."""
    order, is_64 = processor.order, processor.word == 8
    head = struct.pack(f"{order}3ihxx", signal, 0, 0, signal) + bytes(2 * processor.word)
    head += struct.pack(f"{order}4i", thread_id, 1, 1, 1) + bytes(64 if is_64 else 32)
    values = struct.pack(f"{order}{len(registers)}{processor.letter}", *registers)
    return note(PRSTATUS, head + values.ljust(processor.registers * processor.word, b"\0") + bytes(8))


def program(process_id: int, name: bytes = b"shop", arguments: bytes = b"./shop --open") -> bytes:
    """What ran, as 64-bit kernels tell."""
    head = bytes(24) + struct.pack("<4i", process_id, 1, 1, 1)
    return note(PRPSINFO, head + name.ljust(16, b"\0") + arguments.ljust(80, b"\0"))


def signal_information(number: int, code: int, *words: int, form: str = "Q") -> bytes:
    """A signal; ``words`` are what follows from the union on."""
    content = struct.pack("<3i4x", number, 0, code) + struct.pack(f"<{len(words)}{form}", *words)
    return note(SIGINFO, content.ljust(128, b"\0"))


def files(mappings: Sequence[tuple[int, int, int, str]], *, count: int | None = None) -> bytes:
    """Mapped files: start, end, offset in pages, path; ``count`` is what the note says."""
    head = struct.pack("<2Q", len(mappings) if count is None else count, 4096)
    rows = b"".join(struct.pack("<3Q", *row[:3]) for row in mappings)
    return note(FILES, head + rows + b"".join(row[3].encode() + b"\0" for row in mappings))


def auxiliary(**values: int) -> bytes:
    """The auxiliary vector: ``entry``, ``execfn``, ``vdso``."""
    keys = {"entry": 9, "execfn": 31, "vdso": 33}
    pairs = b"".join(struct.pack("<2Q", keys[name], value) for name, value in values.items())
    return note(6, pairs + bytes(16))


def image(
    build_id: bytes | None = None, *, kind: int = 3, address: int = 0, size: int = 0x3000, code_at: int = 0x1000
) -> bytes:
    """The first page of a 64-bit ELF file whose code is from ``code_at`` up to ``size``."""
    identity = note(3, build_id, b"GNU") if build_id else b""
    rows = [
        (1, READ, 0, address, code_at, code_at),
        (1, READ | EXECUTE, code_at, address + code_at, size - code_at, size - code_at),
    ]
    if identity:
        rows.append((4, READ, 64 + 56 * 3, address + 64 + 56 * 3, len(identity), len(identity)))
    head = _header(X86_64, kind, 64, len(rows))
    table = b"".join(struct.pack("<IIQQQQQQ", k, f, at, a, a, n, m, 4) for k, f, at, a, n, m in rows)
    return (head + table.ljust(56 * 3, b"\0") + identity).ljust(4096, b"\0")


def core(notes: Iterable[bytes], parts: Sequence[Part] = (), processor: Processor = X86_64) -> bytes:
    """A core of these notes and this memory, notes first as the kernel has it."""
    told = b"".join(notes)
    count = len(parts) + 1
    header_size, row = (64, 56) if processor.word == 8 else (52, 32)
    at = header_size + row * count
    body, rows = [told], [_row(processor, 4, at, Part(0, told, 0))]
    at += len(told)
    for part in parts:
        rows.append(_row(processor, 1, at, part))
        body.append(part.data)
        at += len(part.data)
    return b"".join([_header(processor, 4, at if count >= _EXTENDED else 0, count), *rows, *body, _extended(count)])


def _header(processor: Processor, kind: int, sections_at: int, count: int) -> bytes:
    is_64, order = processor.word == 8, processor.order
    size, row = (64, 56) if is_64 else (52, 32)
    identity = b"\x7fELF" + bytes([2 if is_64 else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    has_sections = kind == 4 and sections_at
    numbers = (kind, processor.machine, 1, 0, size, sections_at if has_sections else 0, 0, size, row)
    sections = (64, 1, 0) if has_sections else (0, 0, 0)
    form = "HHIQQQIHHHHHH" if is_64 else "HHIIIIIHHHHHH"
    return identity + struct.pack(order + form, *numbers, min(count, _EXTENDED), *sections)


def _row(processor: Processor, kind: int, at: int, part: Part) -> bytes:
    size, memory = len(part.data), max(part.size, len(part.data))
    if processor.word == 8:
        return struct.pack(processor.order + "IIQQQQQQ", kind, part.flags, at, part.address, 0, size, memory, 1)
    return struct.pack(processor.order + "8I", kind, at, part.address, 0, size, memory, part.flags, 1)


def _extended(count: int) -> bytes:
    """A section header that says how many segments there are, where the file header has no room for it."""
    return struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 0, 0, count, 0, 0) if count >= _EXTENDED else b""


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


class _Recording(Memory):
    """Memory that remembers what was read of it."""

    def __init__(self, elf: ElfFile) -> None:
        super().__init__(elf.data, elf.segments)
        self.taken: set[int] = set()

    def read(self, address: int, size: int, *, only_writable: bool = False) -> bytes:
        data = super().read(address, size, only_writable=only_writable)
        self._take(address, len(data))
        return data

    def number(self, address: int, size: int) -> int | None:
        self._take(address, size)
        return super().number(address, size)

    def _take(self, address: int, size: int) -> None:
        self.taken.update(range(address // _GRAIN, (address + size - 1) // _GRAIN + 1) if size else ())


_GRAIN = 64
_HEADERS = 1280
"""Bytes of an image's first page in which its headers and build id lie as a rule."""
_STACK = 1024
"""Bytes that are kept of each stack of a program that is not Python's."""


def reduced(data: memoryview) -> bytes:
    """The core with nothing but its notes, the start of its images and stacks, and Python's frames."""
    elf = ElfFile.parse(data, may_be_cut=True)
    memory = _Recording(elf)
    process = read_process(elf, notes_of(elf))
    images = images_of(process, memory, architecture(elf))
    runtime = find_runtime(Memory.of(elf), images)
    if runtime:
        stacks_of(memory, runtime)
        memory.read(runtime.address, TABLE_SIZE)
        head = memory.read(runtime.address + runtime.layout.interpreters_head, 8)
        memory.read(int.from_bytes(head, "little") + (runtime.layout.interpreter_runtime or 0), 8)
    for found in images:
        memory.read(int(found.image_addr or 0), _HEADERS)
    for status in process.threads if runtime is None else ():
        memory.read(status.registers[process.layout.stack] if process.layout else 0, _STACK)
    kept = [Part(*run, _flags(memory, run[0])) for run in _runs(memory)]
    code = [
        Part(part.address, b"", part.flags, part.memory_size)
        for part in elf.segments
        if part.type == SEGMENT_LOAD and part.flags & EXECUTE
    ]
    told = [
        note(one.type, bytes(one.content))
        for one in notes_of(elf)
        if one.type in (PRSTATUS, PRPSINFO, SIGINFO, FILES, 6)
    ]
    known = (X86_64, X86, ARM, ARM64, RISCV64)
    processor = next(one for one in known if (one.machine, one.word) == (elf.machine, elf.word_size))
    return core(told, sorted([*kept, *code]), processor)


def _flags(memory: Memory, address: int) -> int:
    span = memory.span_at(address)
    return span.flags if span else READ


def _runs(memory: _Recording) -> Iterable[tuple[int, bytes]]:
    """What was read, in pieces that are not interrupted."""
    start = previous = None
    for grain in [*sorted(memory.taken), None]:
        if previous is not None and start is not None and grain != previous + 1:
            data = Memory.read(memory, start * _GRAIN, (previous + 1 - start) * _GRAIN)
            if data:
                yield start * _GRAIN, data
            start = None
        start = grain if start is None else start
        previous = grain


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(reduced(mapped(Path(sys.argv[1]))))
