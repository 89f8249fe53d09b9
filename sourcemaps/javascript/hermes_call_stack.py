"""Puts the call stack that Hermes wrote when the process crashed beside the native frames of the thread that crashed.

Hermes hands its list (`sourcemaps.javascript.hermes_crash`) to the app's crash handler, which sends it along::

    "contexts": {"hermes": {"callstack": [{"NativeCode": true}, {"FunctionID": 27, "ByteCodeOffset": 16, …}]}}

It is looked for in ``contexts``, in ``extra`` and in the thread's own fields, under any name, as JSON or as text with
JSON. Native calls in it are no frames of their own: they mark where the runtime was entered again.
"""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import msgspec
from msgspec.structs import replace

from sourcemaps.javascript.hermes_crash import is_call_stack, runtime_frames
from sourcemaps.javascript.survey import PLATFORMS
from symbolicator.model import JSON, Event, Stacktrace, Thread, Values
from symbolicator.model.edit import platform_of
from symbolicator.protocols import Artifacts, Key

_FIELD = "callstack"
_MAX_DEPTH = 4
_MAX_VALUES = 10_000
_MAX_TEXT = 1 << 20


class HermesCallStackTransformer:
    """Gives the crashed thread what Hermes knew of it."""

    name = "Hermes' call stack"

    def needs(self, event: Event, artifacts: Artifacts) -> frozenset[Key]:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return frozenset()

    def transform(self, event: Event, artifacts: Artifacts) -> Event:  # noqa: ARG002 - the protocol's
        """Adds the runtime's view; a thread that has one keeps it."""
        crashed = [index for index, thread in enumerate(event.thread_list) if thread.crashed]
        if len(crashed) != 1:
            return event
        threads = list(event.thread_list)
        thread = threads[crashed[0]]
        listed = _call_stack(event, thread) if _is_native(event, thread) else None
        frames = runtime_frames(listed) if listed else ()
        if not frames:
            return event
        threads[crashed[0]] = replace(thread, vm_stacktrace=Stacktrace(frames=frames))
        return replace(event, threads=Values(values=tuple(threads)))


TRANSFORMER = HermesCallStackTransformer()


def _is_native(event: Event, thread: Thread) -> bool:
    """Whether native frames are all that is known of a thread."""
    if thread.vm_stacktrace or thread.caller or not thread.stacktrace:
        return False
    return not any(platform_of(event, frame) in PLATFORMS for frame in thread.stacktrace.frames)


def _call_stack(event: Event, thread: Thread) -> list[dict[str, JSON]] | None:
    holders: tuple[JSON, ...] = (thread.extra, event.contexts, event.extra)
    return next((found for holder in holders for found in islice(_lists(holder), 1)), None)


def _lists(holder: JSON) -> Iterator[list[dict[str, JSON]]]:
    """The call stacks in a value, the outermost first; values of values only as far as anybody would put one."""
    waiting: deque[tuple[JSON, int]] = deque([(holder, _MAX_DEPTH)])
    for _ in range(_MAX_VALUES):
        if not waiting:
            return
        value, depth = waiting.popleft()
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, dict):
            listed = value.get(_FIELD)
            if is_call_stack(listed):
                yield listed
            if depth:
                waiting.extend((one, depth - 1) for one in islice(value.values(), _MAX_VALUES))


def _parsed(text: str) -> JSON:
    """What a text holds that mentions the list."""
    if f'"{_FIELD}"' not in text[:_MAX_TEXT] or len(text) > _MAX_TEXT or not text.lstrip().startswith("{"):
        return None
    try:
        value: JSON = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value
