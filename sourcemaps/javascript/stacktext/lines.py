"""One line of a stack: a frame, or a note on frames that were left out."""

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from sourcemaps.javascript.stacktext.at_sign import parse_at_sign_line
from sourcemaps.javascript.stacktext.v8 import parse_v8_line
from symbolicator.model import Frame
from symbolicator.model.edit import with_data
from symbolicator.readers.text import is_cut

Ends = Literal["", "{", ","]
"""What Node.js put after the last frame of an error: its properties follow, or the next error of an array."""

_OMITTED = re.compile(
    r"\.\.\. (?:(?P<cause>[0-9]{1,7}) lines matching cause stack trace \.\.\."
    r"|collapsed (?P<above>[0-9]{1,7}) duplicate lines matching above (?:(?P<unit>[0-9]{1,7}) )?lines"
    r"(?: [0-9]{1,7} times)? ?\.\.\."
    r"|skipping (?P<skipped>[0-9]{1,7}) frames)\Z"
)
_PREFIX = re.compile(
    r"(?:\[[0-9]{1,4}\] |[\w.-]{1,64} +\| )?"
    r"(?:\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
    r"(?: ?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?\]? ?(?:(?:stdout|stderr) [FP] )?"
    r"(?:\[?(?:ERROR|FATAL|WARN|error|fatal|warn)\]?:? )?)?"
)


class FrameLine(Struct, frozen=True):
    """A frame; ``text`` is its line without indentation and without what Node.js put after it."""

    text: str
    frame: Frame
    ends: Ends = ""


class Omitted(Struct, frozen=True):
    """``count`` frames that are not printed because they repeat others.

    ``cause``: they are in the stack of the cause too (Node.js). ``above``: the ``unit`` frames above, again (Node.js).
    ``skipped``: left out of the middle of a deep stack (Hermes).
    """

    why: Literal["cause", "above", "skipped"]
    count: int
    unit: int = 0
    ends: Ends = ""


def without_prefix(line: str) -> str:
    """The line without what log collectors put before it: process number or name, timestamp, level."""
    match = _PREFIX.match(line)
    return line[match.end() :] if match else line


def parse_stack_line(line: str, *, column_base: int = 1) -> FrameLine | Omitted | None:
    """What the line is, None if it belongs to no stack."""
    text = line.strip()
    if text.startswith("... "):
        return _parse_omitted(text)
    whole = _parse_frame(text, column_base)
    if whole or not text.endswith((" {", ",")):
        return whole
    ends: Ends = "{" if text.endswith("{") else ","
    inner = _parse_frame(text[:-1].rstrip(), column_base)
    return FrameLine(inner.text, inner.frame, ends) if inner else None


def _parse_frame(text: str, column_base: int) -> FrameLine | None:
    if text.startswith("at "):
        frame = parse_v8_line(text)
    elif "@" in text or "[native code]" in text or "://" in text:
        frame = parse_at_sign_line(text, column_base=column_base)
    else:
        return None
    return FrameLine(text, _whole(frame, text)) if frame else None


def _whole(frame: Frame, text: str) -> Frame:
    """A line that was cut says so: its URL is not one that a file could be found by."""
    if not is_cut(text):
        return frame
    extra = {**(frame.data.extra if frame.data else {}), "cut": True}
    return with_data(replace(frame, abs_path=None), extra=extra)


def _parse_omitted(text: str) -> Omitted | None:
    ends: Ends = "{" if text.endswith(" {") else "," if text.endswith(",") else ""
    match = _OMITTED.match(text.removesuffix("," if ends == "," else " {"))
    if match is None:
        return None
    if match["cause"]:
        return Omitted("cause", int(match["cause"]), ends=ends)
    if match["skipped"]:
        return Omitted("skipped", int(match["skipped"]), ends=ends)
    count = int(match["above"])
    return Omitted("above", count, int(match["unit"] or count), ends)
