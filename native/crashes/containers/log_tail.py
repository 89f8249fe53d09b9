"""The tail of a program's log as breadcrumbs.

Unreal Engine's lines say when, where and how bad: ``[2024.03.05-11.47.14:566][  5]LogNet: Warning: lost``.
"""

import re

from symbolicator.model import Breadcrumb
from symbolicator.protocols import Buffer

MAX_BREADCRUMBS = 100
_TAIL = 256 * 1024
_MAX_MESSAGE = 4096
_LINE = re.compile(
    r"\[(?P<date>[0-9]{4}\.[0-9]{2}\.[0-9]{2})-(?P<time>[0-9]{2}\.[0-9]{2}\.[0-9]{2}):(?P<milliseconds>[0-9]{3})\]"
    r"\[[ 0-9]{0,10}\](?P<category>[A-Za-z0-9_]{1,100}): "
    r"(?:(?P<level>Fatal|Error|Warning|Display|Log|Verbose|VeryVerbose): )?(?P<message>.*)"
)
_LEVELS = {
    "Fatal": "fatal", "Error": "error", "Warning": "warning", "Display": "info", "Log": "info", "Verbose": "debug",
    "VeryVerbose": "debug",
}  # fmt: skip


def log_tail(log: Buffer) -> tuple[Breadcrumb, ...]:
    """The last lines, the oldest first."""
    text = bytes(log[-_TAIL:]).decode("utf-8", "replace").strip("\0\n\r\ufeff")
    lines = [line.rstrip("\r") for line in text.split("\n")[-MAX_BREADCRUMBS:]]
    return tuple(_breadcrumb(line[:_MAX_MESSAGE]) for line in lines if line.strip())


def _breadcrumb(line: str) -> Breadcrumb:
    match = _LINE.match(line)
    if match is None:
        return Breadcrumb(category="log", message=line)
    date, time = match["date"].replace(".", "-"), match["time"].replace(".", ":")
    return Breadcrumb(
        timestamp=f"{date}T{time}.{match['milliseconds']}Z",
        category=match["category"],
        level=_LEVELS.get(match["level"] or "Log"),
        message=match["message"],
    )
