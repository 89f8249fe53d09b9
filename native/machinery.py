"""Frames that ran because the program had already failed: they lie above the place where it failed.

Marked once functions have names: Rust's panic machinery and Node.js' fatal errors, from the function that starts either
to the newest call, a panic hook of the program's own among them. (A signal handler is told apart by its reader:
`native.crashes`.)
"""

from msgspec.structs import replace

from native.protocol import NEAREST
from symbolicator.model import Frame, Stacktrace
from symbolicator.model.edit import with_data

_PANIC = (
    "core::panicking::",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "std::panicking::begin_panic",
)
_FATAL_ERROR = (
    "node::OnFatalError",
    "node::Abort",
    "node::Assert",
    "node::TriggerNodeReport",
    "node::report::TriggerNodeReport",
)
LABELS = {"panic handling": _PANIC, "fatal error handling": _FATAL_ERROR}
"""What it is called, and how the names of the functions begin that start it."""


def mark_machinery(stack: Stacktrace) -> Stacktrace:
    """The stack with such frames marked. Of several failures (one while handling another) the first one counts."""
    found = ((index, _label(frame)) for index, frame in enumerate(stack.frames))
    start, label = next(((index, label) for index, label in found if label), (0, None))
    if label is None:
        return stack
    marked = tuple(_marked(frame, label) for frame in stack.frames[start:])
    return replace(stack, frames=stack.frames[:start] + marked)


def _label(frame: Frame) -> str | None:
    """What the function starts, if its name is sure."""
    if not frame.function or (frame.data and frame.data.evidence == NEAREST):
        return None
    return next((label for label, starts in LABELS.items() if frame.function.startswith(starts)), None)


def _marked(frame: Frame, label: str) -> Frame:
    return frame if frame.data and frame.data.machinery else with_data(frame, machinery=label)
