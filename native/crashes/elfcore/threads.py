"""The threads of a core: where each stands, its registers and its stack, which an unwinder has yet to walk."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from native.crashes.elfcore.memory import Memory
from native.crashes.elfcore.process import Process, ThreadStatus
from native.crashes.elfcore.signal_stack import interrupted_pointer
from symbolicator.model import AbsoluteAddress, Frame, ReportedAddress, StackMemory, Stacktrace, Thread

MAX_STACK = 1 << 20
"""Bytes of a thread's stack that are taken along."""
MAX_STACKS = 64 << 20
"""Bytes of all stacks together."""


class Threads:
    """Makes the threads of a core. ``python``: what the interpreter ran in them, by the threads' ids."""

    def __init__(self, process: Process, memory: Memory, arch: str, python: Mapping[int, Stacktrace]) -> None:
        self.left = MAX_STACKS
        """Bytes of stacks that may still be taken along."""
        self.missing = 0
        """Threads whose stack is not in the core."""
        self._process = process
        self._memory = memory
        self._arch = arch
        self._python = python

    def all(self, *, crashed: bool) -> Iterator[Thread]:
        """The threads in the core's order. The first one ``crashed``, or else was the one that was looked at."""
        for index, status in enumerate(self._process.threads):
            program = self._process.program
            is_main = program is not None and status.id == program.id
            yield Thread(
                id=status.id,
                name=program.name if program and is_main and program.name else None,
                crashed=True if crashed and index == 0 else None,
                current=True if index == 0 else None,
                main=True if is_main else None,
                stacktrace=self._stacktrace(status),
                vm_stacktrace=self._python.get(status.id),
                stack_memory=self._stack(status),
            )

    def _stacktrace(self, status: ThreadStatus) -> Stacktrace | None:
        """The one frame that a core knows: where the processor is."""
        layout = self._process.layout
        pointer = status.registers.get(layout.pointer) if layout else None
        if pointer is None:
            return None
        frame = Frame(instruction_addr=ReportedAddress(pointer), trust="context")
        registers = {name: ReportedAddress(value) for name, value in status.registers.items()}
        return Stacktrace(frames=(frame,), registers=dict(registers))

    def _stack(self, status: ThreadStatus) -> StackMemory | None:
        """The stack, and the one that a signal interrupted where its handler has a stack of its own."""
        layout = self._process.layout
        pointer = status.registers.get(layout.stack) if layout else None
        start = self._memory.stack_from(pointer) if pointer is not None else None
        if start is None:
            self.missing += 1
            return None
        stack = self._taken(start)
        other = interrupted_pointer(self._arch, stack, self._memory) if stack else None
        begin = self._memory.stack_from(other) if other is not None else None
        interrupted = self._taken(begin) if begin is not None else None
        return replace(stack, interrupted=interrupted) if stack and interrupted else stack

    def _taken(self, start: int) -> StackMemory | None:
        """The memory from an address upwards, as far as there is room for it."""
        data = self._memory.read(start, min(MAX_STACK, self.left), only_writable=True)
        self.left -= len(data)
        return StackMemory(address=AbsoluteAddress(start), data=data) if data else None
