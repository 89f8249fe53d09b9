"""Swift's async functions in a native stack: who awaited is told by their symbols.

swiftc cuts an async function at each ``await``, and what is left of it runs later. The parts have symbols of their own:
``…TQ1_`` continues when the awaited function returns, ``…TY0_`` when an executor takes the task up again. An async
function jumps to the next one and never calls it: a part that lies right below another async function was on no stack.
Such stacks come from those who walk Swift's tasks: Apple's own reporter, Sentry's SDK (``swiftAsyncStacktraces``).

Source: docs/ABI/Mangling.rst of Swift ("await resume partial function", "suspend resume partial function").
"""

import re
from itertools import pairwise

from msgspec.structs import replace

from symbolicator.model import AsyncCall, Frame, Stacktrace
from symbolicator.model.edit import with_data

_AWAITED = AsyncCall(rule="swift-async")
_PART = re.compile(r"_?\$[sS].{1,8000}T[QY][0-9]{0,4}_\Z")
_ASYNC = re.compile(
    r"_?\$[sS].{1,8000}Ya(?:K|Y[a-zA-Z]){0,4}(?:F|c|XE)(?:fU[0-9]{0,4}_|Z|T[a-zA-Z][0-9]{0,4}_?){0,6}\Z"
)
_WORDS = re.compile(r"\([0-9]{1,4}\) (?:await|suspend) resume partial function for (?=\S)")


def with_swift_awaits(stack: Stacktrace) -> Stacktrace:
    """The stack with parts of async functions under the functions' names, and marked where they awaited."""
    if not any(map(_is_part, stack.frames)):
        return stack
    marked = [
        with_data(older, async_call=_AWAITED)
        if _is_part(older) and _is_async(newer) and not _is_marked(older)
        else older
        for older, newer in pairwise(stack.frames)
    ]
    return replace(stack, frames=tuple(map(_named, (*marked, stack.frames[-1]))))


def _is_part(frame: Frame) -> bool:
    return any(_PART.match(name) for name in _symbols(frame)) or bool(_WORDS.match(frame.function or ""))


def _is_async(frame: Frame) -> bool:
    return _is_part(frame) or any(_ASYNC.match(name) for name in _symbols(frame))


def _is_marked(frame: Frame) -> bool:
    return frame.data is not None and frame.data.is_async


def _symbols(frame: Frame) -> tuple[str, ...]:
    """Where a mangled name may be: what was resolved has it apart from the function's name."""
    return tuple(name for name in (frame.symbol, frame.function) if name and name.startswith(("$", "_$")))


def _named(frame: Frame) -> Frame:
    words = _WORDS.match(frame.function or "")
    if words is None or frame.function is None:
        return frame
    return replace(frame, function=frame.function[words.end() :], raw_function=frame.raw_function or frame.function)
