r"""Reads Linux core files, as the kernel writes them and gdb's ``gcore``.

>>> event = READER.read(core)
>>> event.exceptions[0].value
'SEGV_MAPERR at 0x8: nothing is mapped there'

A core has registers and memory, and no frames: each thread comes with the one frame where it stands, and with its stack
for the unwinder. Where a Python interpreter ran, its own stacks stand beside that.
"""

from collections.abc import Iterator, Sequence

from native.crashes.elfcore.abort_message import abort_message
from native.crashes.elfcore.cpython.walk import Python, read_python
from native.crashes.elfcore.images import images_of
from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.notes import notes_of
from native.crashes.elfcore.problems import RAISE_LIMIT, problems, python_problems
from native.crashes.elfcore.process import Process, read_process
from native.crashes.elfcore.siginfo import Signal, exception_of, signal_of
from native.crashes.elfcore.threads import Threads
from native.elf.layout import MAGIC as ELF_MAGIC
from native.elf.layout import TYPE_CORE, ElfFile
from native.elf.summary import architecture
from symbolicator.errors import MalformedArtifact, UnreadableInput
from symbolicator.model import JSON, DebugImage, DebugMeta, Event, ExceptionValue, Values
from symbolicator.protocols import Buffer

_TYPE_AT = 16
_BIG_ENDIAN = 2
_PACKED = (
    (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"),
    (b"\x04\x22\x4d\x18", "lz4", "unlz4"),
    (b"\xfd7zXZ\0", "xz", "unxz"),
)
"""How systemd-coredump keeps cores: how such a file begins, what it is called and what unpacks it."""
_SURE, _PERHAPS = 0.99, 0.35


class CoreReader:
    """Reader of ELF core files."""

    name = "Linux core file"

    def detect(self, head: bytes) -> float:
        """By the header of the file, which says that it is a core; perhaps it is one that was compressed."""
        if _packing(head):
            return _PERHAPS
        if head[:4] != ELF_MAGIC or len(head) < _TYPE_AT + 2:
            return 0.0
        kind = int.from_bytes(head[_TYPE_AT : _TYPE_AT + 2], "big" if head[5] == _BIG_ENDIAN else "little")
        return _SURE if kind == TYPE_CORE else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the core, as far as it goes. Raises `UnreadableInput` if no thread and no image is left of it."""
        packing = _packing(data)
        if packing:
            name, tool = packing
            raise UnreadableInput(
                f"It is compressed with {name}, as coredumpctl leaves cores: unpack it first ({tool})."
            )
        try:
            elf = ElfFile.parse(data, may_be_cut=True)
            process, memory = read_process(elf, notes_of(elf)), Memory.of(elf)
        except MalformedArtifact as error:
            raise UnreadableInput(f"The core cannot be read: {error}") from error
        if elf.type != TYPE_CORE:
            raise UnreadableInput("This ELF file is no core: it is an artifact. Pass it with --artifacts.")
        if not process.threads and not process.files:
            raise UnreadableInput(f"The core has no threads and no list of files: it is cut off. {RAISE_LIMIT}")
        return _event(elf, process, memory)


def _packing(data: Buffer) -> tuple[str, str] | None:
    """What a file is compressed with, and what unpacks it."""
    return next(((name, tool) for magic, name, tool in _PACKED if bytes(data[: len(magic)]) == magic), None)


def _event(elf: ElfFile, process: Process, memory: Memory) -> Event:
    signal, images = signal_of(process, elf), images_of(process, memory, architecture(elf))
    python = read_python(memory, images)
    made = Threads(process, memory, architecture(elf), python.stacks if python else {})
    threads = tuple(made.all(crashed=signal is not None))
    exceptions = (_exception(signal, process, memory, images),) if signal and threads else ()
    return Event(
        platform="native",
        exception=Values(values=exceptions) if exceptions else None,
        threads=Values(values=threads) if threads else None,
        debug_meta=DebugMeta(images=images) if images else None,
        contexts=_contexts(elf, process, python),
        errors=(*problems(process, memory, made), *python_problems(python, images)),
        extra=dict(_program(process)),
    )


def _exception(signal: Signal, process: Process, memory: Memory, images: Sequence[DebugImage]) -> ExceptionValue:
    process_id = process.program.id if process.program else None
    message = abort_message(memory, images) if signal.name == "SIGABRT" else None
    return exception_of(signal, process.threads[0].id, process_id, message)


def _contexts(elf: ElfFile, process: Process, python: Python | None) -> dict[str, JSON]:
    contexts: dict[str, JSON] = {"os": {"name": "Linux"}, "device": {"arch": architecture(elf)}}
    if process.program and process.program.name:
        contexts["app"] = {"app_name": process.program.name}
    if python:
        contexts["runtime"] = {"name": "CPython", "version": python.version}
    return contexts


def _program(process: Process) -> Iterator[tuple[str, JSON]]:
    if process.program:
        yield "process_id", process.program.id
    if process.program and process.program.arguments:
        yield "command_line", process.program.arguments


READER = CoreReader()
