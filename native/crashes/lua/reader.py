r"""Reads Lua's errors with their tracebacks.

>>> event = READER.read(b"lua: shop.lua:3: no price\nstack traceback:\n\tshop.lua:3: in local 'price'\n\t[C]: in ?\n")
>>> event.exceptions[0].value
'no price'

A program in C may print Lua's traceback beside its own backtrace when a signal ends it: right above or below that it is
the same thread as Lua sees it.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.backtrace import READER as NATIVE
from native.crashes.events import TOO_MANY_FRAMES, replace_ids
from native.crashes.log_lines import log_lines
from native.crashes.lua.frames import PLATFORM
from native.crashes.lua.tracebacks import Traceback, read_tracebacks
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, ExceptionValue, Stacktrace, Thread, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, decode

_SURE, _LIKELY = 0.95, 0.7
_MAX_BETWEEN = 4
"""Lines between the two views of one thread: headings, and what the signal was."""
_ERROR = "Lua error"


class LuaReader:
    """Reader of Lua's crash texts."""

    name = "Lua traceback"

    def detect(self, head: bytes) -> float:
        """By a traceback, or by what the interpreter says of a script that it cannot compile."""
        found = read_tracebacks(log_lines(head.decode("utf-8", "replace")))
        return 0.0 if not found else _SURE if len(found[0].levels) > 1 else _LIKELY

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no traceback."""
        text = decode(data)
        lines = log_lines(text)
        found = read_tracebacks(lines)
        if not found:
            raise UnreadableInput(
                "No traceback of Lua was found: expected `stack traceback:` and below it levels such as "
                "`shop.lua:3: in local 'price'`. Pass the whole text of the error."
            )
        return (_beside_native(lines, found[0], text) if len(found) == 1 else None) or _of_errors(found, text)


def _of_errors(found: Sequence[Traceback], text: str) -> Event:
    """The first error is the one that was raised; nothing links others to it."""
    values = [replace_ids(_exception(one), number if len(found) > 1 else None) for number, one in enumerate(found)]
    return Event(
        platform=PLATFORM,
        exception=Values(values=tuple(reversed(values))),
        errors=(TOO_MANY_FRAMES,) if sum(len(one.levels) for one in found) >= MAX_FRAMES else (),
        extra={RAW_REPORT: text},
    )


def _exception(found: Traceback) -> ExceptionValue:
    return ExceptionValue(type=_ERROR, value=found.message, stacktrace=Stacktrace(frames=found.frames))


def _beside_native(lines: Sequence[str], found: Traceback, text: str) -> Event | None:
    """The event of the native backtrace right above or below the traceback, with that as Lua's view of its thread."""
    above, below = lines[: found.start], lines[found.end :]
    near = "\n".join([*above[-_MAX_BETWEEN:], *below[:_MAX_BETWEEN]]).encode()
    if not NATIVE.detect(near):
        return None
    event = NATIVE.read("\n".join([*above, *below]).encode())
    crashed = _with_lua(event, Stacktrace(frames=found.frames))
    return replace(crashed, extra={RAW_REPORT: text}) if crashed else None


def _with_lua(event: Event, lua: Stacktrace) -> Event | None:
    """Lua's view beside the stack that crashed. None if several did: nothing says which of them ran Lua."""
    threads = list(event.thread_list)
    crashed = [at for at, thread in enumerate(threads) if thread.crashed]
    if threads and len(crashed) == 1:
        threads[crashed[0]] = replace(threads[crashed[0]], vm_stacktrace=lua)
        return replace(event, threads=Values(values=tuple(threads)))
    if threads or len(event.exceptions) != 1:
        return None
    raised = event.exceptions[0]
    thread = Thread(crashed=True, current=True, stacktrace=raised.stacktrace, vm_stacktrace=lua)
    values = (replace(raised, stacktrace=None),)
    return replace(event, exception=Values(values=values), threads=Values(values=(thread,)))


READER = LuaReader()
