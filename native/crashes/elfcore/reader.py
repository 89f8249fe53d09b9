r"""Reads Linux core files, as the kernel writes them and gdb's ``gcore``.

>>> event = READER.read(core)
>>> event.exceptions[0].value
'SEGV_MAPERR at 0x8: nothing is mapped there'

A core has registers and memory, and no frames: each thread comes with the one frame where it stands, and with its stack
for the unwinder. Where a Python interpreter ran, its own stacks stand beside that.
"""

from collections.abc import Iterator

from native.crashes.elfcore.images import images_of
from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.notes import notes_of
from native.crashes.elfcore.process import Process, read_process
from native.crashes.elfcore.siginfo import exception_of, signal_of
from native.crashes.elfcore.threads import Stacks, threads_of
from native.elf.layout import MAGIC as ELF_MAGIC
from native.elf.layout import TYPE_CORE, ElfFile
from native.elf.summary import architecture
from symbolicator.errors import MalformedArtifact, UnreadableInput
from symbolicator.model import JSON, DebugMeta, Event, Problem, Values
from symbolicator.protocols import Buffer

_TYPE_AT = 16
_BIG_ENDIAN = 2
_RAISE_LIMIT = (
    "Let cores be written whole (`ulimit -c unlimited`; ProcessSizeMax and ExternalSizeMax of systemd-coredump) where "
    "there is room for them, and let it crash again."
)
_RAISE_FILTER = (
    "Set /proc/PID/coredump_filter of the process to 0x33 or more, so that its private memory is dumped, and let it "
    "crash again."
)


class CoreReader:
    """Reader of ELF core files."""

    name = "Linux core file"

    def detect(self, head: bytes) -> float:
        """By the header of the file, which says that it is a core."""
        if head[:4] != ELF_MAGIC or len(head) < _TYPE_AT + 2:
            return 0.0
        kind = int.from_bytes(head[_TYPE_AT : _TYPE_AT + 2], "big" if head[5] == _BIG_ENDIAN else "little")
        return 0.99 if kind == TYPE_CORE else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the core, as far as it goes. Raises `UnreadableInput` if no thread and no image is left of it."""
        try:
            elf = ElfFile.parse(data, may_be_cut=True)
            process, memory = read_process(elf, notes_of(elf)), Memory.of(elf)
        except MalformedArtifact as error:
            raise UnreadableInput(f"The core cannot be read: {error}") from error
        if elf.type != TYPE_CORE:
            raise UnreadableInput("This ELF file is no core: it is an artifact. Pass it with --artifacts.")
        if not process.threads and not process.files:
            raise UnreadableInput(f"The core has no threads and no list of files: it is cut off. {_RAISE_LIMIT}")
        return _event(elf, process, memory)


def _event(elf: ElfFile, process: Process, memory: Memory) -> Event:
    signal = signal_of(process, elf)
    stacks = Stacks()
    threads = tuple(threads_of(process, memory, stacks, crashed=signal is not None))
    images = images_of(process, memory)
    exceptions = (exception_of(signal, threads[0].id),) if signal and threads else ()
    return Event(
        platform="native",
        exception=Values(values=exceptions) if exceptions else None,
        threads=Values(values=threads) if threads else None,
        debug_meta=DebugMeta(images=images) if images else None,
        contexts=_contexts(elf, process),
        errors=tuple(_problems(process, memory, stacks)),
        extra=dict(_program(process)),
    )


def _contexts(elf: ElfFile, process: Process) -> dict[str, JSON]:
    contexts: dict[str, JSON] = {"os": {"name": "Linux"}, "device": {"arch": architecture(elf)}}
    if process.program and process.program.name:
        contexts["app"] = {"app_name": process.program.name}
    return contexts


def _program(process: Process) -> Iterator[tuple[str, JSON]]:
    if process.program:
        yield "process_id", process.program.id
    if process.program and process.program.arguments:
        yield "command_line", process.program.arguments


def _problems(process: Process, memory: Memory, stacks: Stacks) -> Iterator[Problem]:
    if memory.lost:
        there = memory.promised - memory.lost
        message = f"The core is cut off: {there:,} of {memory.promised:,} bytes of memory are there."
        yield Problem(type="core_truncated", message=message, remedy=_RAISE_LIMIT)
    if process.layout is None:
        message = "The registers of this processor are not known here, so no thread can be walked."
        yield Problem(type="core_unknown_processor", message=message, remedy="Open the core with gdb for it.")
    elif stacks.missing:
        message = f"The core lacks the stacks of {stacks.missing:,} of {len(process.threads):,} threads."
        remedy = _RAISE_LIMIT if memory.lost else _RAISE_FILTER
        yield Problem(type="core_without_stacks", message=message, remedy=remedy)
    if process.full:
        message = f"The core has more than {len(process.threads):,} threads; the others are left out."
        yield Problem(type="core_too_many_threads", message=message, remedy="Open the core with gdb for the others.")


READER = CoreReader()
