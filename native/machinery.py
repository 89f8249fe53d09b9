"""Frames that ran because the program had already failed: they lie above the place where it failed.

Marked once functions have names: Rust's panic machinery, from the function that starts a panic to the newest call, a
panic hook of the program's own among them. (A signal handler is told apart by its reader: `native.crashes`.)
"""

from msgspec.structs import replace

from native.protocol import NEAREST
from symbolicator.model import Frame, Stacktrace
from symbolicator.model.edit import with_data

LABEL = "panic handling"
_STARTS_A_PANIC = (
    "core::panicking::",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "std::panicking::begin_panic",
)


def mark_machinery(stack: Stacktrace) -> Stacktrace:
    """The stack with its panic machinery marked. Of several panics (one while unwinding) the first one counts."""
    start = next((index for index, frame in enumerate(stack.frames) if _starts_panic(frame)), None)
    if start is None:
        return stack
    marked = tuple(_marked(frame) for frame in stack.frames[start:])
    return replace(stack, frames=stack.frames[:start] + marked)


def _starts_panic(frame: Frame) -> bool:
    is_sure = frame.data is None or frame.data.evidence != NEAREST
    return is_sure and bool(frame.function) and str(frame.function).startswith(_STARTS_A_PANIC)


def _marked(frame: Frame) -> Frame:
    return frame if frame.data and frame.data.machinery else with_data(frame, machinery=LABEL)
