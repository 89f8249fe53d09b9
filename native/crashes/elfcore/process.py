"""The process as a whole: its threads' states, its program, and what the kernel told it at its start.

Source: the kernel's include/linux/elfcore.h (``elf_prstatus``, ``elf_prpsinfo``), proc(5) for ``NT_FILE`` as of
``/proc/PID/maps``, getauxval(3) for the auxiliary vector.
"""

import struct
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from native.crashes.elfcore.notes import AUXV, FILES, PRPSINFO, PRSTATUS, SIGINFO, Note
from native.crashes.elfcore.registers import RegisterLayout, layout_of
from native.elf.layout import ElfFile

MAX_THREADS = 10_000
MAX_MAPPINGS = 200_000
MAX_FILES_NOTE = 64 << 20
"""In bytes; the kernel writes 4 MiB at most unless it is told otherwise."""
AT_ENTRY, AT_EXECFN, AT_SYSINFO_EHDR = 9, 31, 33
_NAME, _ARGUMENTS = 16, 80
"""Bytes of ``pr_fname`` and ``pr_psargs``, which end the note."""
_MAX_AUXILIARY = 512


class ThreadStatus(Struct, frozen=True):
    """A thread: its id as the kernel counts (LWP), the signal that it got (0: none), its registers."""

    id: int
    signal: int
    registers: dict[str, int]


class Program(Struct, frozen=True):
    """What ran: ``name`` is cut to 15 bytes, ``arguments`` to 79; ``id`` is that of the process."""

    id: int
    name: str
    arguments: str


class MappedFile(Struct, frozen=True):
    """Memory ``start`` to ``end`` showed the file ``path`` from byte ``offset`` on."""

    start: int
    end: int
    offset: int
    path: str


class Process(Struct):
    """What the notes say; ``signal_note`` is of the thread that crashed. ``full``: a limit was met."""

    layout: RegisterLayout | None
    threads: list[ThreadStatus] = field(default_factory=list)
    program: Program | None = None
    signal_note: bytes | None = None
    auxiliary: dict[int, int] = field(default_factory=dict)
    files: list[MappedFile] = field(default_factory=list)
    full: bool = False


def read_process(elf: ElfFile, notes: Iterable[Note]) -> Process:
    """Gathers what the notes of a core say. The first thread is the one that crashed, as for gdb."""
    process = Process(layout_of(elf))
    for note in notes:
        if note.type == PRSTATUS:
            _add_thread(process, note.content, elf)
        elif note.type == SIGINFO:
            process.signal_note = process.signal_note or bytes(note.content[:_SIGINFO])
        elif note.type == PRPSINFO:
            process.program = process.program or _program(note.content, elf)
        elif note.type == AUXV:
            process.auxiliary = process.auxiliary or dict(_auxiliary(note.content, elf))
        elif note.type == FILES and not process.files:
            process.files = _files(note.content, elf)
    return process


_SIGINFO = 128


def _add_thread(process: Process, status: memoryview, elf: ElfFile) -> None:
    """Signal at 12, id behind two words of masks, registers where the processor has them."""
    id_at = 32 if elf.is_64 else 24
    if len(status) < id_at + 4:
        return
    if len(process.threads) >= MAX_THREADS:
        process.full = True
        return
    signal, thread_id = (struct.unpack_from(elf.order + form, status, at)[0] for form, at in (("h", 12), ("i", id_at)))
    registers = process.layout.read(status, elf.order) if process.layout else {}
    process.threads.append(ThreadStatus(thread_id, signal, registers))


def _program(content: memoryview, elf: ElfFile) -> Program | None:
    name_at = len(content) - _NAME - _ARGUMENTS
    if name_at < _NAME:
        return None
    (process_id,) = struct.unpack_from(elf.order + "i", content, name_at - 16)
    name, arguments = (_text(content[at : at + size]) for at, size in ((name_at, _NAME), (name_at + _NAME, _ARGUMENTS)))
    return Program(process_id, name, arguments.strip())


def _text(content: memoryview) -> str:
    return bytes(content).partition(b"\0")[0].decode("utf-8", "backslashreplace")


def _auxiliary(content: memoryview, elf: ElfFile) -> Iterator[tuple[int, int]]:
    form = struct.Struct(elf.order + ("QQ" if elf.is_64 else "II"))
    whole = content[: min(len(content) // form.size, _MAX_AUXILIARY) * form.size]
    for key, value in form.iter_unpack(whole):
        if key == 0:
            return
        yield key, value


def _files(content: memoryview, elf: ElfFile) -> list[MappedFile]:
    """Count and page size, then start, end and offset (in pages) of each mapping, then their names."""
    content = content[:MAX_FILES_NOTE]
    word, letter = elf.word_size, "Q" if elf.is_64 else "I"
    if len(content) < 2 * word:
        return []
    count, page = struct.unpack_from(f"{elf.order}2{letter}", content)
    row = struct.Struct(f"{elf.order}3{letter}")
    count = min(count, MAX_MAPPINGS, (len(content) - 2 * word) // row.size)
    rows = row.iter_unpack(content[2 * word : 2 * word + count * row.size])
    names = bytes(content[2 * word + count * row.size :]).split(b"\0", count)[:-1]
    return [
        MappedFile(start, end, offset * page, name.decode("utf-8", "backslashreplace"))
        for (start, end, offset), name in zip(rows, names, strict=False)
    ]
