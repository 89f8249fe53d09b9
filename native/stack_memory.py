"""The pieces of memory that a thread's stack lies in: one, or two where a signal handler runs on a stack of its own.

The second piece is the stack that the signal interrupted. The model has one piece a thread, so the other stands in that
one's free fields, in base64 as all bytes are in JSON.
"""

from base64 import b64decode, b64encode

from msgspec.structs import replace

from symbolicator.model import AbsoluteAddress, StackMemory

_INTERRUPTED = "interrupted_stack"


def with_interrupted(memory: StackMemory, interrupted: StackMemory) -> StackMemory:
    """The memory of a handler's stack, together with that of the stack that the signal interrupted."""
    piece = {"address": hex(interrupted.address), "data": b64encode(interrupted.data).decode("ascii")}
    return replace(memory, extra={**memory.extra, _INTERRUPTED: piece})


def pieces(memory: StackMemory) -> list[StackMemory]:
    """All memory that belongs to a thread's stack, the current piece first."""
    other = memory.extra.get(_INTERRUPTED)
    if not isinstance(other, dict):
        return [memory]
    address, data = other.get("address"), other.get("data")
    if not isinstance(address, str) or not isinstance(data, str):
        return [memory]
    try:
        return [memory, StackMemory(address=AbsoluteAddress(int(address, 16)), data=b64decode(data, validate=True))]
    except ValueError:
        return [memory]
