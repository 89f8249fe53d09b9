r"""Reads Node.js' fatal errors and diagnostic reports.

>>> event = READER.read(b"FATAL ERROR: heap out of memory\n----- Native stack trace -----\n 1: 0xb78 f() [node]")
>>> event.exceptions[0].value
'heap out of memory'
"""

from msgspec.structs import replace

from native.crashes.events import TOO_MANY_FRAMES, PrintedStack, stacktrace
from native.crashes.images import ImageTable
from native.crashes.log_lines import log_lines
from native.crashes.node.fatal import Fatal, is_fatal, read_fatal
from native.crashes.node.frames import JAVASCRIPT
from native.crashes.node.report import confidence, read_report
from symbolicator.errors import UnreadableInput
from symbolicator.model import (
    DebugMeta,
    Event,
    ExceptionValue,
    Mechanism,
    Stacktrace,
    Thread,
    Values,
)
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, decode

_SURE = 0.95
_MAIN = 0
"""Node.js' own number of the main thread."""


class NodeReader:
    """Reader of Node.js' own reports."""

    name = "Node.js fatal error or report"

    def detect(self, head: bytes) -> float:
        """By the fields of a report, or the words of a fatal error."""
        if head.lstrip().startswith(b"{"):
            return confidence(head)
        return _SURE if is_fatal(log_lines(head.decode("utf-8", "replace"))) else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the report. Raises `UnreadableInput`."""
        if bytes(data[:1000]).lstrip().startswith(b"{"):
            return read_report(data)
        text = decode(data)
        fatal = read_fatal(log_lines(text))
        if not (fatal.what or fatal.where) or not (fatal.native or fatal.script):
            raise UnreadableInput(
                "No fatal error of Node.js was found: expected `FATAL ERROR: …` and ` 1: 0xb78db3 node::Abort() "
                "[node]`. Pass everything that Node.js printed before it ended."
            )
        return _event(fatal, text)


def _event(fatal: Fatal, text: str) -> Event:
    table = ImageTable(fatal.native)
    value = ", ".join(part for part in (fatal.what, fatal.where and f"in {fatal.where}") if part)
    raised = ExceptionValue(
        type=fatal.kind,
        value=value,
        thread_id=_MAIN,
        mechanism=Mechanism(type="generic", handled=False),
    )
    full = len(fatal.native) + len(fatal.script) >= MAX_FRAMES
    return Event(
        platform=JAVASCRIPT,
        exception=Values(values=(raised,)),
        threads=Values(values=(_thread(fatal, table),)),
        debug_meta=DebugMeta(images=table.images) if table.images else None,
        breadcrumbs=Values(values=tuple(fatal.collections)) if fatal.collections else None,
        contexts={"runtime": {"name": "node"}},
        errors=(TOO_MANY_FRAMES,) if full else (),
        extra={RAW_REPORT: text},
    )


def _thread(fatal: Fatal, table: ImageTable) -> Thread:
    native = stacktrace(PrintedStack(fatal.native), table)
    if native:
        native = replace(native, frames=tuple(replace(frame, platform="native") for frame in native.frames))
    script = Stacktrace(frames=tuple(reversed(fatal.script))) if fatal.script else None
    return Thread(
        id=_MAIN, crashed=True, current=True, stacktrace=native or script, vm_stacktrace=script if native else None
    )


READER = NodeReader()
