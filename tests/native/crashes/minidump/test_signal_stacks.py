"""The stack that a signal interrupted, where its handler has one of its own: walked as gdb does, or said to be missing.

The dumps have the registers and the memory of a real process, taken from a core that gdb wrote.
"""

import random
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from native.crashes.elfcore.reader import READER as CORES
from native.crashes.minidump.memory import memory_of
from native.crashes.minidump.reader import READER
from symbolicator.engine import Engine
from symbolicator.model import DebugImage, Event, StackMemory
from tests.native.crashes.elfcore import gdb
from tests.native.crashes.minidump.dumps import md

pytest.importorskip("symbolicator._core", reason="the compiled core is not installed")
LINUX = 0x8201
MEMORY_64 = 9


class Parked(Struct, frozen=True):
    """A program that waits in a handler: its core's event, its files, and gdb's frames, newest call first."""

    folder: Path
    event: Event
    addresses: list[int]

    @property
    def stack(self) -> StackMemory:
        (thread,) = self.event.thread_list
        assert thread.stack_memory
        return thread.stack_memory


@pytest.fixture(scope="module")
def parked(tmp_path_factory: pytest.TempPathFactory) -> Parked:
    if not all(map(shutil.which, ("gcc", "gdb"))):
        pytest.skip("needs gcc and gdb")
    folder = tmp_path_factory.mktemp("parked")
    program, core = folder / "parked", folder.parent / "parked.core"
    source = Path(__file__).with_name("parked.c")
    subprocess.run(["gcc", "-O1", "-g", "-no-pie", source, "-o", program], check=True)
    told = ("set debuginfod enabled off", "handle SIGUSR2 nostop", "break park", "run", f"generate-core-file {core}")
    command = ["gdb", "-nx", "-batch", *(part for one in told for part in ("-ex", one)), str(program)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    event = CORES.read(core.read_bytes())
    for image in event.images:
        if image.code_file and Path(image.code_file).is_file() and Path(image.code_file) != program:
            shutil.copy(image.code_file, folder)
    (frames,) = gdb.frames(program, core).values()
    return Parked(folder, event, [frame.address for frame in frames if frame.kind not in ("inlined", "tail call")])


def dump_of(event: Event, pieces: Sequence[StackMemory], *, is_full: bool = False) -> bytes:
    """A minidump of the one thread of a core's event, with these pieces of memory in its list."""
    (thread,) = event.thread_list
    assert thread.stacktrace
    assert thread.stack_memory
    registers = {name: int(value or 0) for name, value in (thread.stacktrace.registers or {}).items()}
    dump = md.Writer(timestamp=1_700_000_000)
    stack = dump.memory(thread.stack_memory.address, thread.stack_memory.data)
    row = md.thread(7, stack, dump.place(md.context_x86_64(registers)))
    dump.stream(md.SYSTEM_INFO, md.system(md.X86_64, LINUX))
    dump.stream(md.THREADS, md.listed(row))
    dump.stream(md.MODULES, md.listed(*(_module(dump, image) for image in event.images)))
    if is_full:
        _, start = dump.place(b"".join(piece.data for piece in pieces))
        rows = b"".join(struct.pack("<QQ", piece.address, len(piece.data)) for piece in pieces)
        dump.stream(MEMORY_64, struct.pack("<QQ", len(pieces), start) + rows)
    else:
        dump.stream(md.MEMORY, md.listed(*(dump.memory(piece.address, piece.data) for piece in pieces)))
    data: bytes = dump.finish()
    return data


def _module(dump: "md.Writer", image: DebugImage) -> bytes:
    code_id = bytes.fromhex(image.code_id or "")
    name = dump.text(image.code_file or "")
    row: bytes = md.module(image.image_addr, image.image_size or 0, name, dump.place(md.elf_id(code_id)))
    return row


def walked(parked: Parked, data: bytes) -> list[int]:
    """Addresses of the frames, newest call first."""
    (thread,) = Engine.for_folder(parked.folder).resolve(data).thread_list
    frames = thread.stacktrace.frames if thread.stacktrace else ()
    return [int(frame.instruction_addr or 0) for frame in reversed(frames) if not (frame.data and frame.data.inlined)]


@pytest.mark.parametrize("is_full", [False, True])
def test_the_stack_below_a_handler_is_walked_as_gdb_walks_it(parked: Parked, *, is_full: bool) -> None:
    """If this failed, what the program did when the signal came would be lost, although the dump has it."""
    data = dump_of(parked.event, parked.stack.pieces, is_full=is_full)
    assert READER.read(data).errors == ()
    assert walked(parked, data) == parked.addresses


def test_a_stack_that_is_not_in_the_dump_is_told(parked: Parked) -> None:
    """If this failed, the thread would look as if the interrupted function had no caller."""
    data = dump_of(parked.event, ())
    (problem,) = READER.read(data).errors
    assert problem.type == "minidump_interrupted_stack"
    assert "interrupted in thread 7," in (problem.message or "")
    found = walked(parked, data)
    assert found == parked.addresses[: len(found)]
    assert 3 <= len(found) < len(parked.addresses)


def test_memory_is_found_in_both_lists() -> None:
    """If this failed, a full dump would count as one without memory."""
    dump = md.Writer()
    dump.stream(md.MEMORY, md.listed(dump.memory(0x1000, b"ab"), dump.memory(0x1002, b"cd")))
    size, start = dump.place(b"wxyz")
    rows = struct.pack("<QQQQ", 0x2000, 1, 0x3000, size - 1)
    dump.stream(MEMORY_64, struct.pack("<QQ", 2, start) + rows)
    memory = memory_of(dump.finish())
    assert [memory.read(at, 9) for at in (0x1001, 0x2000, 0x3000, 0x4000)] == [b"bcd", b"w", b"xyz", b""]


@given(st.randoms(), st.integers(1, 12))
def test_damaged_lists_of_memory_are_no_error(chance: random.Random, changes: int) -> None:
    """If this failed, one wrong count would lose the whole dump, or take all memory."""
    dump = md.Writer()
    dump.stream(md.MEMORY, md.listed(*(dump.memory(0x1000 * at, bytes(16)) for at in range(4))))
    dump.stream(MEMORY_64, struct.pack("<QQQQ", 1, 100, 0x9000, 16))
    data = bytearray(dump.finish())
    for _ in range(changes):
        at = chance.randrange(len(data))
        data[at : at + chance.choice((1, 4, 8))] = chance.choice((b"\xff" * 8, bytes(8), b"\x7f", b""))
    memory = memory_of(bytes(data[: chance.choice((len(data), chance.randrange(len(data))))]))
    for span in memory.spans:
        assert len(memory.read(span.start, 64)) <= 64
