r"""Reads what Python prints: tracebacks, dumps of faulthandler, dumps of py-spy, reports of pystack.

>>> event = READER.read(b'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nValueError: no\n')
>>> event.exceptions[0].stacktrace.frames[0].context_line
'g()'

A text with a dump and tracebacks is about what ended the process; the tracebacks stand beside it, unrelated.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from native.crashes.events import TOO_MANY_FRAMES, replace_ids
from native.crashes.gdb_session import count_frames
from native.crashes.log_lines import log_lines, without_prefix
from native.crashes.python import chains, faults, pyspy, pystack
from native.crashes.python.frames import PLATFORM, parse_fault_frame, parse_frame
from native.crashes.python.tracebacks import START, read_tracebacks
from symbolicator.errors import UnreadableInput
from symbolicator.model import DebugMeta, Event, ExceptionValue, Problem, Thread, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode, lines_of

if TYPE_CHECKING:
    from symbolicator.model import JSON

_SURE, _LIKELY = 0.95, 0.8
_BESIDE_GDB, _SEVERAL = 0.5, 2
"""A session of gdb that has ``py-bt`` too is read as one report by the reader of backtraces."""


class PythonReader:
    """Reader of Python's crash texts."""

    name = "Python traceback"

    def detect(self, head: bytes) -> float:
        """By a heading and a call; by a call alone if it has Python's form."""
        lines = log_lines(head.decode("utf-8", "replace"))
        if any(map(pyspy.is_heading, lines)):
            return _SURE if pyspy.read_dump(lines) else 0.0
        if any(map(pystack.is_heading, lines)):
            return _SURE if pystack.read_report(lines) else 0.0
        if not any(map(_is_call, lines)):
            return 0.0
        if count_frames(lines, _SEVERAL) == _SEVERAL:
            return _BESIDE_GDB
        return _SURE if any(line.endswith(START) or faults.is_heading(line) for line in lines) else _LIKELY

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        raw = lines_of(text)
        lines = [without_prefix(line) for line in raw]
        dump = pyspy.read_dump(lines)
        report = None if dump else pystack.read_report(raw)
        event = _of_dump(dump) if dump else _of_report(report) if report else _of_failure(raw, lines)
        if not event.exceptions and not event.thread_list:
            raise UnreadableInput(
                'No call of Python was found: expected `File "shop.py", line 12, in total` below '
                "`Traceback (most recent call last):`. Pass the whole traceback."
            )
        return replace(event, platform=PLATFORM, extra={RAW_REPORT: text})


def _is_call(line: str) -> bool:
    plain = line.lstrip(" ").removeprefix("| ") if line.lstrip(" ").startswith("| ") else line
    return parse_frame(plain) is not None or parse_fault_frame(plain) is not None


def _of_dump(dump: pyspy.Dump) -> Event:
    runtime: dict[str, JSON] | None = (
        {"runtime": {"name": "CPython", "version": dump.version}} if dump.version else None
    )
    return Event(threads=Values(values=tuple(dump.threads)), contexts=runtime, errors=_errors(full=dump.full))


def _of_report(report: pystack.Report) -> Event:
    return Event(
        exception=Values(values=(report.ended,)) if report.ended else None,
        threads=Values(values=tuple(report.threads)),
        errors=_errors(full=report.full),
    )


def _of_failure(raw: Sequence[str], lines: Sequence[str]) -> Event:
    fault = faults.read_fault(lines)
    reading = read_tracebacks(raw)
    roots = [root for root in reading.roots if root.frames or root.message or root.cause or root.children]
    table = faults.image_table(fault or faults.Fault())
    ended = faults.exception_of(fault, table) if fault else None
    values = [replace_ids(ended, 0 if roots else None)] if ended else []
    values += chains.exceptions_of(roots, first=len(values))
    threads = [*(faults.threads_of(fault, table) if fault else ()), *_without_known(chains.threads_of(roots), ended)]
    return Event(
        exception=Values(values=tuple(reversed(values))) if values else None,
        threads=Values(values=tuple(threads)) if threads else None,
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        errors=_errors(full=reading.is_full or bool(fault and fault.full)),
    )


def _without_known(threads: Sequence[Thread], ended: ExceptionValue | None) -> list[Thread]:
    """Threads that an exception ended; none of them crashed where the whole process did."""
    return [replace(thread, crashed=None) if ended else thread for thread in threads]


def _errors(*, full: bool) -> tuple[Problem, ...]:
    return (TOO_MANY_FRAMES,) if full else ()


READER = PythonReader()
