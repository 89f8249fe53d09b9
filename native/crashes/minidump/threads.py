"""The threads: one frame, the registers and the stack of each; or the frames that the client walked itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from native.crashes.minidump.exceptions import Raised
from native.crashes.minidump.javascript import javascript_stack
from symbolicator.model import AbsoluteAddress, Frame, ReportedAddress, StackMemory, Stacktrace, Thread

if TYPE_CHECKING:
    from symbolicator import _core

_POINTERS = ("rip", "eip", "pc")
DUMP_WRITER = "wrote the dump"
"""State of the thread that had nothing to do with the crash but to report it."""


def threads_of(dump: "_core.Minidump", raised: Raised) -> tuple[Thread, ...]:
    """The threads in the order of the dump; that of the exception too where the list of threads is cut off."""
    walked = dict(dump.walked_threads)
    threads = [_thread(dump, thread, raised, walked.pop(thread.id, None)) for thread in dump.threads]
    threads += [_lone(dump, number, raised, frames) for number, frames in walked.items()]
    missing = raised.thread_id is not None and raised.thread_id not in {thread.id for thread in threads}
    if missing and dump.exception:
        threads.append(_lone(dump, dump.exception.thread_id, raised, None))
    return tuple(threads)


def _thread(
    dump: "_core.Minidump", thread: "_core.MinidumpThread", raised: Raised, walked: Sequence[tuple[int, str]] | None
) -> Thread:
    is_writer = thread.id == dump.dump_thread_id and thread.id != raised.thread_id
    stack = None if walked or is_writer else thread.stack
    known = [] if is_writer else thread.registers
    return _with_role(
        dump,
        raised,
        Thread(
            id=thread.id,
            name=thread.name,
            state=DUMP_WRITER if is_writer else None,
            stacktrace=walked_stack(walked, known) if walked else context_stack(known),
            stack_memory=StackMemory(address=AbsoluteAddress(stack[0]), data=stack[1]) if stack else None,
        ),
    )


def _lone(dump: "_core.Minidump", number: int, raised: Raised, walked: Sequence[tuple[int, str]] | None) -> Thread:
    """A thread that the list of threads does not have."""
    is_raised = dump.exception is not None and number == dump.exception.thread_id
    registers = dump.exception.registers if dump.exception and is_raised else []
    stack = walked_stack(walked, registers) if walked else context_stack(registers)
    return _with_role(dump, raised, Thread(id=number, stacktrace=stack))


def _with_role(dump: "_core.Minidump", raised: Raised, thread: Thread) -> Thread:
    is_raised = thread.id is not None and thread.id == raised.thread_id
    is_main = dump.process is not None and thread.id == dump.process.id
    return replace(
        thread,
        crashed=raised.is_crash if is_raised else None,
        current=True if is_raised else None,
        main=True if is_main else None,
        vm_stacktrace=javascript_stack(dump) if is_raised else None,
    )


def context_stack(registers: Sequence[tuple[str, int]]) -> Stacktrace | None:
    """One frame, where the processor was; None without registers."""
    pointer = next((value for name, value in registers if name in _POINTERS), None)
    if pointer is None:
        return None
    frame = Frame(instruction_addr=ReportedAddress(pointer), trust="context")
    return Stacktrace(frames=(frame,), registers=_registers(registers))


def walked_stack(walked: Sequence[tuple[int, str]], registers: Sequence[tuple[str, int]]) -> Stacktrace:
    """The frames that the client walked, newest call first in ``walked``."""
    frames = (
        Frame(instruction_addr=ReportedAddress(address), function=function or None, trust="prewalked")
        for address, function in reversed(walked)
    )
    return Stacktrace(frames=tuple(frames), registers=_registers(registers) if registers else None)


def _registers(registers: Sequence[tuple[str, int]]) -> dict[str, ReportedAddress | None]:
    return {name: ReportedAddress(value) for name, value in registers}
