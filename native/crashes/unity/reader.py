r"""Reads Unity's player logs.

>>> event = READER.read(b"NullReferenceException: no\nShop.Cart.Total () (at Assets/Cart.cs:12)\n")
>>> event.exceptions[0].stacktrace.frames[0].filename
'Assets/Cart.cs'

A crash of the player is what the event is about; exceptions that scripts threw before it are breadcrumbs then.
"""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from native.crashes.dotnet.chains import exceptions_of
from native.crashes.dotnet.frames import PLATFORM
from native.crashes.dotnet.report import PrintedError
from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.log_lines import log_lines
from native.crashes.signals import signal_mechanism
from native.crashes.unity.player import Crash, is_player_crash, read_player
from native.crashes.unity.scripts import parse_script_frame, read_scripts
from symbolicator.errors import UnreadableInput
from symbolicator.model import Breadcrumb, DebugMeta, Event, ExceptionValue, Problem, Stacktrace, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import MAX_FRAMES, RAW_REPORT, decode

if TYPE_CHECKING:
    from symbolicator.model import JSON

_CRASHED, _SURE, _LIKELY = 1.0, 0.95, 0.8
_MAX_BREADCRUMBS = 100


class UnityReader:
    """Reader of Unity's logs."""

    name = "Unity player log"

    def detect(self, head: bytes) -> float:
        """By the heading of a player's stack, or calls with Unity's form of a place."""
        lines = log_lines(head.decode("utf-8", "replace"))
        if is_player_crash(lines):
            return _CRASHED
        return (0.0, _LIKELY, _SURE)[sum(1 for _ in islice(filter(parse_script_frame, lines), 2))]

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        lines = log_lines(text)
        scripts = read_scripts(lines)
        crash = read_player(lines) if is_player_crash(lines) else None
        if crash and crash.frames:
            return _of_crash(crash, scripts, text)
        if not scripts:
            raise UnreadableInput(
                "No stack of Unity was found: expected `Shop.Cart.Total () (at Assets/Cart.cs:12)` or, below "
                "`OUTPUTTING STACK TRACE`, `0x00007FF8A1B2C3D4 (UnityPlayer) UnityMain`. Pass the whole Player.log."
            )
        return Event(
            platform=PLATFORM,
            exception=Values(values=tuple(reversed(exceptions_of(scripts)))),
            contexts={"runtime": {"name": "Unity"}},
            errors=_errors(sum(len(error.frames) for error in scripts)),
            extra={RAW_REPORT: text},
        )


def _of_crash(crash: Crash, scripts: Sequence[PrintedError], text: str) -> Event:
    runtime: dict[str, JSON] = {"name": "Unity"}
    if crash.version:
        runtime["version"] = crash.version
    raised = ExceptionValue(
        type=crash.signal or crash.kind or "crash",
        value=crash.what,
        mechanism=signal_mechanism(crash.signal, {"address": crash.address} if crash.address else {}),
        stacktrace=Stacktrace(frames=tuple(reversed(crash.frames)), instruction_addr_adjustment="all_but_first"),
    )
    before = [_breadcrumb(error) for error in scripts[-_MAX_BREADCRUMBS:]]
    return Event(
        platform="native",
        exception=Values(values=(raised,)),
        breadcrumbs=Values(values=tuple(before)) if before else None,
        debug_meta=DebugMeta(images=tuple(crash.images)) if crash.images else None,
        contexts={"runtime": runtime},
        errors=_errors(len(crash.frames)),
        extra={RAW_REPORT: text},
    )


def _breadcrumb(error: PrintedError) -> Breadcrumb:
    return Breadcrumb(category="exception", level="error", message="\n".join(error.told) or None)


def _errors(frames: int) -> tuple[Problem, ...]:
    return (TOO_MANY_FRAMES,) if frames >= MAX_FRAMES else ()


READER = UnityReader()
