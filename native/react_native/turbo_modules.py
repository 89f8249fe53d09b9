"""The call of a TurboModule during which native code failed: what JavaScript asked for.

Sentry's SDK for React Native notes it in a native crash's payload, which has no stack of JavaScript::

    "contexts": {"turbo_module": {"name": "Payments", "method": "charge", "kind": "async", "call_id": 17}}

An ``async`` method, or one that returns nothing (``void``), runs on a queue of its own when JavaScript has gone on; a
``sync`` one runs while JavaScript waits. Source: React Native's TurboModule documentation; Sentry's SDK.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from symbolicator.model import JSON, Caller, Event, Frame, Thread, Values
from symbolicator.model.causes import raised_exception
from symbolicator.model.edit import platform_of
from symbolicator.protocols import Artifacts, Key

CONTEXT, RULE = "turbo_module", "react-native-turbo-module"
KINDS = frozenset({"sync", "async", "void"})
_MAX_NAME = 200
_JAVASCRIPT = frozenset({"javascript", "node"})
_CRASHED = "crashed"
"""Id of a thread that the payload has no entry for."""


class TurboModuleTransformer:
    """Says of the crashed thread which call of JavaScript it carries out."""

    name = "React Native's TurboModules"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Adds the caller, unless the thread has one that is known better."""
        caller = _caller((event.contexts or {}).get(CONTEXT))
        return _with_caller(event, caller) if caller else event


TRANSFORMER = TurboModuleTransformer()


def _caller(context: JSON) -> Caller | None:
    if not isinstance(context, dict):
        return None
    module, method, kind = (_text(context.get(field)) for field in ("name", "method", "kind"))
    if not module or not method:
        return None
    return Caller(asked_for=f"{module}.{method}", kind=kind if kind in KINDS else None, rule=RULE)


def _text(value: JSON) -> str | None:
    return value[:_MAX_NAME] if isinstance(value, str) and value.isprintable() else None


def _with_caller(event: Event, caller: Caller) -> Event:
    index = _crashed_thread(event)
    if index is None:
        return _with_thread(event, caller)
    threads = list(event.thread_list)
    thread = threads[index]
    if thread.caller or thread.vm_stacktrace or not _is_native(event, _frames_of(event, thread)):
        return event
    threads[index] = replace(thread, caller=caller)
    return replace(event, threads=Values(values=tuple(threads)))


def _with_thread(event: Event, caller: Caller) -> Event:
    """The event with a thread for a native exception that names none."""
    raised = raised_exception(event)
    if raised is None or event.thread_list:
        return event
    exception = event.exceptions[raised]
    frames = exception.stacktrace.frames if exception.stacktrace else ()
    if exception.thread_id is not None or not _is_native(event, frames):
        return event
    values = list(event.exceptions)
    values[raised] = replace(exception, thread_id=_CRASHED)
    thread = Thread(id=_CRASHED, crashed=True, caller=caller)
    return replace(event, exception=Values(values=tuple(values)), threads=Values(values=(thread,)))


def _crashed_thread(event: Event) -> int | None:
    """Index of the one that is marked, else of the one that the raised exception names."""
    marked = [index for index, thread in enumerate(event.thread_list) if thread.crashed]
    raised = raised_exception(event)
    named = None if raised is None else event.exceptions[raised].thread_id
    found = marked or [at for at, thread in enumerate(event.thread_list) if named is not None and thread.id == named]
    return found[0] if len(found) == 1 else None


def _frames_of(event: Event, thread: Thread) -> Sequence[Frame]:
    """The thread's frames, or those of the exception that was raised in it."""
    if thread.stacktrace and thread.stacktrace.frames:
        return thread.stacktrace.frames
    raised = raised_exception(event)
    stack = None if raised is None else event.exceptions[raised].stacktrace
    return stack.frames if stack else ()


def _is_native(event: Event, frames: Sequence[Frame]) -> bool:
    """Whether native code failed: an error of JavaScript has a better stack than the name of a call."""
    return bool(frames) and not any(platform_of(event, frame) in _JAVASCRIPT for frame in frames)
