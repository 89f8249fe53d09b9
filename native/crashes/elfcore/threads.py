"""The threads of a core: where each stands, its registers and its stack, which an unwinder has yet to walk."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.process import Process, ThreadStatus
from symbolicator.model import AbsoluteAddress, Frame, ReportedAddress, StackMemory, Stacktrace, Thread

MAX_STACK = 1 << 20
"""Bytes of a thread's stack that are taken along."""
MAX_STACKS = 64 << 20
"""Bytes of all stacks together."""
_GUARD = 1 << 20
"""Bytes that a stack pointer may lie below the stack, in its guard, after an overflow."""


class Stacks(Struct):
    """Counts what was taken: ``left`` bytes may still be, and ``missing`` threads have a stack that is not there."""

    left: int = MAX_STACKS
    missing: int = 0


def threads_of(
    process: Process, memory: Memory, stacks: Stacks, python: Mapping[int, Stacktrace], *, crashed: bool
) -> Iterator[Thread]:
    """The threads in the core's order. The first one ``crashed``, or else was the one that was looked at.

    ``python``: what the interpreter ran in them, by the threads' ids.
    """
    program = process.program
    for index, status in enumerate(process.threads):
        is_main = program is not None and status.id == program.id
        yield Thread(
            id=status.id,
            name=program.name if program and is_main and program.name else None,
            crashed=True if crashed and index == 0 else None,
            current=True if index == 0 else None,
            main=True if is_main else None,
            stacktrace=_stacktrace(status, process),
            vm_stacktrace=python.get(status.id),
            stack_memory=_stack(status, process, memory, stacks),
        )


def _stacktrace(status: ThreadStatus, process: Process) -> Stacktrace | None:
    """The one frame that a core knows: where the processor is."""
    pointer = status.registers.get(process.layout.pointer) if process.layout else None
    if pointer is None:
        return None
    registers = {name: ReportedAddress(value) for name, value in status.registers.items()}
    frame = Frame(instruction_addr=ReportedAddress(pointer), trust="context")
    return Stacktrace(frames=(frame,), registers=dict(registers))


def _stack(status: ThreadStatus, process: Process, memory: Memory, stacks: Stacks) -> StackMemory | None:
    """The stack from the stack pointer upwards; from its lowest byte where the pointer ran into the guard below."""
    pointer = status.registers.get(process.layout.stack) if process.layout else None
    span = memory.span_from(pointer) if pointer is not None else None
    if pointer is None or span is None or not span.is_writable or span.start - pointer > _GUARD:
        stacks.missing += 1
        return None
    start = max(pointer, span.start)
    data = memory.read(start, min(MAX_STACK, stacks.left), only_writable=True)
    stacks.left -= len(data)
    return StackMemory(address=AbsoluteAddress(start), data=data) if data else None
