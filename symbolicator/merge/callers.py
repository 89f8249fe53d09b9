"""Who asked for what a thread does: the caller's stack goes below the function that carries the request out (``R2``).

The two never were one physical stack: a seam says so. Where it belongs is known, in order of evidence:

1. a caller that the runtime recorded when it queued the work stands below the whole stack;
2. by the one native frame whose function begins at the address that the caller's record names; never the nearest one;
3. by the one native frame whose function is called after what was asked for: module and method;
4. a caller of whom no frame is known, only what was asked for, stands below the whole stack.
"""

from collections.abc import Sequence

from msgspec import Struct
from rapidfuzz import fuzz

from symbolicator.model import Caller, Frame

EXACT, BY_NAME, BY_WORD = 1.0, 0.8, 0.7
_SAME_MODULE = 80
"""Of 100: how much of a module's name the function's scope must have (``Crash`` and ``NativeCrashCxxSpecJSI``)."""
_MAX_NAME = 500


class Place(Struct, frozen=True):
    """Before which frame (0-based, caller to callee) the caller belongs, and how that is known."""

    before: int
    evidence: str
    confidence: float
    label: str | None = None


def place_of(caller: Caller, frames: Sequence[Frame]) -> Place | str:
    """Where the caller belongs, or why that is not known.

    Of several calls of one function (it may be recursive) the newest one is meant: the others were there before.
    """
    if caller.label:
        return Place(0, "recorded when the work was queued", EXACT, caller.label)
    address = caller.function_addr
    found = [at for at, frame in enumerate(frames) if address and _begins_at(frame, address)]
    if found:
        return Place(found[-1], "exact function match", EXACT)
    named = [at for at, frame in enumerate(frames) if caller.asked_for and is_called(frame, caller.asked_for)]
    if named:
        return Place(named[-1], f"{_call(caller)}, by the function's name", BY_NAME)
    if caller.asked_for and not caller.stacktrace:
        return Place(0, _call(caller), BY_WORD)
    if address is None:
        return "nothing says which function carried the request out"
    return f"no frame is in the function at {address:#x} that carried it out"


def _begins_at(frame: Frame, address: int) -> bool:
    return frame.symbol_addr == address and not _is_nearest(frame)


def _is_nearest(frame: Frame) -> bool:
    """Whether the frame's symbol is only the nearest one: nothing says that it holds the frame."""
    return frame.data is not None and frame.data.symbol_distance is not None


def _call(caller: Caller) -> str:
    return f"{caller.asked_for} ({caller.kind} call)" if caller.kind else str(caller.asked_for)


def is_called(frame: Frame, asked_for: str) -> bool:
    """Whether a function is a method of that name in a class whose name has the module's, where that is known."""
    module, _, method = asked_for[:_MAX_NAME].rpartition(".")
    scope, called = _parts(frame)
    if _is_nearest(frame) or called != method:
        return False
    return not module or fuzz.partial_ratio(module.lower(), scope.lower()) >= _SAME_MODULE


def _parts(frame: Frame) -> tuple[str, str]:
    """Class and method of ``-[RNCrash crashNow:]``, ``react::NativeCrash::crashNow(…)`` or a Java frame."""
    name = (frame.function or "")[:_MAX_NAME].partition("(")[0].rstrip("]")
    objc = name.startswith(("-[", "+["))
    scope, _, method = name.rpartition(" ") if objc else name.replace("::", ".").rpartition(".")
    own = (scope or frame.module or "").rpartition(".")[2]
    return own, method.partition(":")[0] if objc else method
