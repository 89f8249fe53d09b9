"""Threads in a signal handler that has a stack of its own: the stack that the signal interrupted is looked up too.

Breakpad and its kin keep one stack a thread, that of the stack pointer. The other one is in the dump if the reporter
was told to keep more memory; where it is not, that is said.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from native.crashes.elfcore.signal_stack import interrupted_pointer
from native.crashes.minidump.memory import memory_of
from native.crashes.minidump.systems import system_of
from symbolicator.model import AbsoluteAddress, Problem, StackMemory, Thread

if TYPE_CHECKING:
    from native.crashes.elfcore.memory import Memory
    from symbolicator import _core
    from symbolicator.protocols import Buffer

MAX_STACK: Final = 1 << 20
MAX_STACKS: Final = 16 << 20
"""Bytes of all interrupted stacks together."""
_MAX_NAMED = 5


def with_interrupted_stacks(
    dump: "_core.Minidump", data: "Buffer", threads: Sequence[Thread]
) -> tuple[tuple[Thread, ...], tuple[Problem, ...]]:
    """The threads with the stacks that signals interrupted, and a problem if the dump lacks some. Linux only."""
    arch = dump.system.arch if dump.system else ""
    if system_of(dump) != "linux" or not any(thread.stack_memory for thread in threads):
        return tuple(threads), ()
    search = _Search(memory_of(data), arch)
    found = tuple(search.with_interrupted(thread) for thread in threads)
    return found, (_problem(search.missing),) if search.missing else ()


class _Search:
    """The search in the memory of one dump. ``missing``: threads whose other stack is not there."""

    def __init__(self, memory: "Memory", arch: str) -> None:
        self.missing: list[Thread] = []
        self._memory = memory
        self._arch = arch
        self._left = MAX_STACKS

    def with_interrupted(self, thread: Thread) -> Thread:
        stack = thread.stack_memory
        pointer = interrupted_pointer(self._arch, stack, self._memory) if stack else None
        if stack is None or pointer is None:
            return thread
        interrupted = self._taken(pointer)
        if interrupted is None:
            self.missing.append(thread)
            return thread
        return replace(thread, stack_memory=replace(stack, interrupted=interrupted))

    def _taken(self, pointer: int) -> StackMemory | None:
        start = self._memory.stack_from(pointer)
        data = self._memory.read(start, min(MAX_STACK, self._left)) if start is not None else b""
        self._left -= len(data)
        return StackMemory(address=AbsoluteAddress(start), data=data) if start is not None and data else None


def _problem(threads: Sequence[Thread]) -> Problem:
    named = ", ".join(str(thread.name or thread.id) for thread in threads[:_MAX_NAMED])
    more = f" and {len(threads) - _MAX_NAMED:,} more" if len(threads) > _MAX_NAMED else ""
    one = len(threads) == 1
    return Problem(
        type="minidump_interrupted_stack",
        message=f"The minidump lacks the stack{'' if one else 's'} that a signal interrupted in "
        f"{'thread' if one else 'threads'} {named}{more}, whose handler runs on a stack of its own.",
        remedy="Have the crash reporter add that memory to the dump, or pass a core file, which has it.",
    )
