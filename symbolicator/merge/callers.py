"""Who asked for what a thread does: the caller's stack goes below the function that carries the request out (``R2``).

The two never were one physical stack: a seam says so. The place is the one native frame whose function begins at the
address that the caller's record names; never the nearest one.
"""

from collections.abc import Sequence

from symbolicator.model import Caller, Frame

EXACT = 1.0
EVIDENCE = "exact function match"


def place_of(caller: Caller, frames: Sequence[Frame]) -> int | str:
    """Position (0-based, caller to callee) of the frame that carries the request out, or why there is none.

    Of several calls of that function (it may be recursive) the newest one is meant: the others were there before.
    """
    if caller.function_addr is None:
        return "nothing says which function carried the request out"
    found = [at for at, frame in enumerate(frames) if frame.symbol_addr == caller.function_addr]
    return found[-1] if found else f"no frame is in the function at {caller.function_addr:#x} that carried it out"
