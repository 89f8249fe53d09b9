"""Threads that are yet to be walked, and what becomes of them."""

from collections.abc import Sequence

from msgspec.structs import replace

from native.unwinding.frames import WalkedFrame
from symbolicator.model import AbsoluteAddress, Event, Frame, ReportedAddress, Stacktrace, Thread
from symbolicator.model.edit import with_data

_WRAP = 1 << 64


def unwalked(event: Event) -> list[Thread]:
    """Threads with registers and memory of their stack."""
    return [
        thread
        for thread in event.thread_list
        if thread.stack_memory
        and is_address(thread.stack_memory.address)
        and thread.stacktrace
        and thread.stacktrace.registers
    ]


def registers_of(thread: Thread) -> dict[str, int]:
    """The registers that the dump has of a thread."""
    registers = (thread.stacktrace.registers if thread.stacktrace else None) or {}
    return {name: int(value) for name, value in registers.items() if value is not None and is_address(value)}


def is_address(value: int) -> bool:
    """Whether a number fits into a register; reports may have any."""
    return 0 <= value < _WRAP


def with_frames(thread: Thread, walked: Sequence[WalkedFrame]) -> Thread:
    """The thread with the frames that were found in place of its memory; with its own where none were."""
    stack = thread.stacktrace or Stacktrace()
    if not walked:
        return replace(thread, stack_memory=None)
    context = stack.frames[-1] if stack.frames else Frame()
    frames = [_frame(context, one) for one in reversed(walked)]
    if thread.vm_stacktrace:
        frames = [_placed(frame, one) for frame, one in zip(frames, reversed(walked), strict=True)]
    return replace(thread, stack_memory=None, stacktrace=replace(stack, frames=tuple(frames)))


def _frame(context: Frame, walked: WalkedFrame) -> Frame:
    """An address to be executed is said to be one, since whoever reads the stack takes it for a return address."""
    if walked.trust == "context":
        address = context.instruction_addr or ReportedAddress(walked.address)
        return replace(context, instruction_addr=address, trust=walked.trust, adjust_instruction_addr=False)
    adjusts = False if walked.is_interrupted else None
    return Frame(
        platform=context.platform,
        instruction_addr=ReportedAddress(walked.address),
        trust=walked.trust,
        adjust_instruction_addr=adjusts,
    )


def _placed(frame: Frame, walked: WalkedFrame) -> Frame:
    """With its place on the stack, by which a runtime's frames are found to belong to it."""
    pointer = next((walked.registers[name] for name in _STACK_POINTERS if name in walked.registers), None)
    return frame if pointer is None else with_data(frame, stack_pointer=AbsoluteAddress(pointer))


_STACK_POINTERS = ("rsp", "esp", "sp")
