r"""Reads what .NET and mono print when a program dies.

>>> event = READER.read(b"Unhandled exception. System.Exception: no\n   at Shop.Cart.Total() in /src/Cart.cs:line 12\n")
>>> event.exceptions[0].stacktrace.frames[0].module
'Shop.Cart'
"""

from itertools import islice

from native.crashes.dotnet import chains
from native.crashes.dotnet.frames import PLATFORM, parse_frame
from native.crashes.dotnet.modules import Modules
from native.crashes.dotnet.mono_crash import is_mono_crash, read_mono_crash
from native.crashes.dotnet.report import read_exceptions
from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.log_lines import log_lines
from symbolicator.errors import UnreadableInput
from symbolicator.model import DebugMeta, Event, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode

_SURE, _LIKELY = 0.95, 0.85


class DotnetReader:
    """Reader of .NET's crash texts."""

    name = ".NET exception text"

    def detect(self, head: bytes) -> float:
        """By calls in .NET's form, or the headings of mono's report."""
        lines = log_lines(head.decode("utf-8", "replace"))
        if is_mono_crash(lines):
            return _SURE
        frames = sum(1 for _ in islice(filter(parse_frame, lines), 2))
        return (0.0, _LIKELY, _SURE)[frames]

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        lines = log_lines(text)
        crash = read_mono_crash(lines, text) if is_mono_crash(lines) else None
        if crash:
            return crash
        reading = read_exceptions(lines)
        if not reading.roots:
            raise UnreadableInput(
                "No call of .NET was found: expected `   at Shop.Cart.Total(Order order) in Cart.cs:line 12`. "
                "Pass the whole text of the exception, as its ToString() gives it."
            )
        modules = Modules()
        values = tuple(modules.placed(value) for value in reversed(chains.exceptions_of(reading.roots)))
        return Event(
            platform=PLATFORM,
            exception=Values(values=values),
            debug_meta=DebugMeta(images=modules.images) if modules.images else None,
            errors=(TOO_MANY_FRAMES,) if reading.is_full else (),
            extra={RAW_REPORT: text},
        )


READER = DotnetReader()
