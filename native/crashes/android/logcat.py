"""Finds the crash in Android's log: its lines without their prefixes, and what was logged before.

A native crash is what crash_dump writes under the tag ``DEBUG``, an uncaught exception what the runtime writes under
``AndroidRuntime``. Other exceptions are logged under any tag. The first crash counts; its lines are those of its tag
and process, whatever stands between them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.android.frames import parse_frame as parse_native_frame
from native.crashes.android.log_line import PrintedLine, parse_log_line
from native.crashes.android.tombstone import LogLine
from native.crashes.android.tombstone_text import BANNER, PROCESS
from native.crashes.java.frames import parse_frame
from native.crashes.java.uncaught import FATAL

Kind = Literal["native", "uncaught", "logged"]

NATIVE_TAGS = ("DEBUG", "crash_dump32", "crash_dump64", "CRASH")
"""Those of Android's own crash_dump, and Unity's."""
UNCAUGHT_TAG = "AndroidRuntime"
_INDENT = "    "
_JAVASCRIPT_TAGS = ("ReactNativeJS", "chromium", "SystemWebChromeClient", "Capacitor/Console", "unknown:ReactNative")
"""What they log are JavaScript's stacks."""


class LoggedCrash(Struct, frozen=True):
    """``lines`` of the crash without prefixes; ``before``: what else was logged until it was written."""

    kind: Kind
    lines: tuple[str, ...]
    before: tuple[LogLine, ...] = ()
    timestamp: str | None = None


def find_crash(lines: Sequence[str], most_before: int) -> LoggedCrash | None:
    """The first crash; None if there is none. ``most_before``: how many other lines are kept, the newest."""
    printed = list(_printed(lines))
    start = next(((index, kind) for index, line in enumerate(printed) if (kind := _kind(line))), None)
    logged = None if start else next((i for i, line in enumerate(printed) if _is_logged_frame(line)), None)
    if start is None and logged is None:
        return None
    index, kind = start or (logged or 0, "logged")
    group = _group(printed, index, whole=kind == "logged")
    own = frozenset(group)
    before = [line for at, line in enumerate(printed[: group[-1]]) if at not in own]
    kept = before[max(0, len(before) - most_before) :]
    return LoggedCrash(
        kind,
        tuple(printed[at].text for at in group),
        tuple(LogLine(line.timestamp or "", line.priority, line.tag, line.text) for line in kept),
        printed[index].timestamp,
    )


def _printed(lines: Iterable[str]) -> Iterator[PrintedLine]:
    """The log's lines; what has no prefix is more of the line before."""
    last: PrintedLine | None = None
    for line in lines:
        printed = parse_log_line(line)
        if printed is None:
            more = _more(last, line) if last and line.strip() else None
            if last and more is not None:
                yield replace(last, text=more, is_header=False)
            continue
        last = printed
        if not printed.is_header:
            yield printed


def _more(last: PrintedLine, line: str) -> str | None:
    """The text of a line without prefix: as it is in the format ``long``, indented by Android Studio."""
    if last.is_header:
        return line
    indent = last.column if not line[: last.column].strip() else len(_INDENT)
    return line[indent:] if line.startswith(_INDENT) else None


def _kind(line: PrintedLine) -> Kind | None:
    if line.tag in NATIVE_TAGS and (BANNER in line.text or PROCESS.search(line.text) or parse_native_frame(line.text)):
        return "native"
    if line.tag == UNCAUGHT_TAG and (FATAL.match(line.text) or parse_frame(line.text)):
        return "uncaught"
    return None


def _is_logged_frame(line: PrintedLine) -> bool:
    return line.tag not in _JAVASCRIPT_TAGS and parse_frame(line.text) is not None


def _group(printed: Sequence[PrintedLine], start: int, *, whole: bool) -> list[int]:
    """Indexes of the lines of one writer: from ``start`` on, or ``whole``, as the exception stands above its frames."""
    first = printed[start]
    indexes = range(0 if whole else start, len(printed))
    return [at for at in indexes if (printed[at].tag, printed[at].pid) == (first.tag, first.pid)]
