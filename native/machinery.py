"""Frames that ran because the program had already failed: they lie above the place where it failed.

Marked once functions have names: Rust's panic machinery, Node.js' fatal errors, aborts and C++ exceptions that nobody
catches, from the function that starts it to the newest call, a panic hook of the program's own among them. (A signal
handler is told apart by its reader: `native.crashes`.)
"""

import re

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
_ABORT = (
    "abort", "__abort", "__libc_message", "__libc_fatal", "malloc_printerr",
    "__assert", "__assert2", "__assert_fail", "__assert_fail_base", "__assert_rtn", "__assert_perror_fail",
    "__stack_chk_fail", "__fortify_fail", "__fortify_fatal", "__chk_fail",
)  # fmt: skip
_EXCEPTION = ("__cxa_throw", "__cxa_rethrow", "std::terminate", "std::__terminate", "objc_exception_throw")
LABELS = {"panic handling": _PANIC, "fatal error handling": _FATAL_ERROR}
"""What it is called, and how the names of the functions begin that start it."""
_WHOLE_NAMES = dict.fromkeys(_ABORT, "abort handling") | dict.fromkeys(_EXCEPTION, "exception handling")
"""What it is called, by the whole names of the functions that start it: other functions' names begin like these."""
_GLIBC = "__GI_"
"""How glibc calls its functions among themselves."""
_ARGUMENTS = re.compile(r"\([^()]{0,500}\)\Z")


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
    begun = (label for label, starts in LABELS.items() if frame.function.startswith(starts))
    return next(begun, _WHOLE_NAMES.get(_ARGUMENTS.sub("", frame.function.removeprefix(_GLIBC))))


def _marked(frame: Frame, label: str) -> Frame:
    return frame if frame.data and frame.data.machinery else with_data(frame, machinery=label)
