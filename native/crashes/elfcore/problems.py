"""What a core lacks, and how the next one will not."""

from collections.abc import Iterator, Sequence

from native.crashes.elfcore.cpython.runtime import is_interpreter
from native.crashes.elfcore.cpython.walk import Python
from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.process import Process
from native.crashes.elfcore.threads import Threads
from symbolicator.model import DebugImage, Problem

RAISE_LIMIT = (
    "Let cores be written whole (`ulimit -c unlimited`; ProcessSizeMax and ExternalSizeMax of systemd-coredump) where "
    "there is room for them, and let it crash again."
)
_RAISE_FILTER = (
    "Set /proc/PID/coredump_filter of the process to 0x33 or more, so that its private memory is dumped, and let it "
    "crash again."
)


def problems(process: Process, memory: Memory, threads: Threads) -> Iterator[Problem]:
    """What is missing for every thread to be walked."""
    if memory.lost:
        there = memory.promised - memory.lost
        message = f"The core is cut off: {there:,} of {memory.promised:,} bytes of memory are there."
        yield Problem(type="core_truncated", message=message, remedy=RAISE_LIMIT)
    if process.layout is None:
        message = "The registers of this processor are not known here, so no thread can be walked."
        yield Problem(type="core_unknown_processor", message=message, remedy="Open the core with a gdb for it.")
    elif threads.missing:
        message = f"The core lacks the stacks of {threads.missing:,} of {len(process.threads):,} threads."
        remedy = RAISE_LIMIT if memory.lost else _RAISE_FILTER
        yield Problem(type="core_without_stacks", message=message, remedy=remedy)
    if process.full or threads.left <= 0:
        message = "The core has more threads, or more of their stacks, than are read; some are left out."
        yield Problem(type="core_too_large", message=message, remedy="Open the core with gdb for the others.")


def python_problems(python: Python | None, images: Sequence[DebugImage]) -> Iterator[Problem]:
    """What is missing of Python's stacks where an interpreter ran."""
    interpreter = next((image.code_file for image in images if is_interpreter(image)), None)
    if python is None and interpreter:
        message = (
            f"The Python frames of {interpreter} cannot be read: it is no CPython 3.11 to 3.14, or was not running"
        )
        yield Problem(
            type="core_unknown_python",
            message=f"{message}, or its data is not in the core.",
            remedy="Open the core with gdb and the interpreter's own extension (`py-bt`).",
            image_path=interpreter,
        )
    if python and python.cut:
        message = f"The Python stacks of {len(python.cut):,} threads have older calls that are left out."
        yield Problem(type="core_python_cut", message=message, remedy="Open the core with gdb (`py-bt`) for them.")
