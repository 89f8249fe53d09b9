r"""Text of a crash report, as readers of text want it: decoded, bounded, in lines.

The whole text stays with the event as ``raw_report``: whatever no parser understood is still there for a person, and a
line that was cut for parsing is there in full. Bytes that are no UTF-8 appear in it as ``\xff``.
"""

import re

from symbolicator.errors import UnreadableInput
from symbolicator.protocols import Buffer

MAX_REPORT_BYTES = 16 * 1024 * 1024
MAX_LINES = 1_000_000
"""Lines after that are kept in the text and not parsed."""
MAX_LINE = 64 * 1024
"""In characters. A longer line is parsed without its middle: frames have their position at the end."""
MAX_FRAMES = 10_000
"""In one report, over all its stacks."""
RAW_REPORT = "raw_report"
"""Field of the event (``extra``) that holds the text as it was read."""

_CUT = " … "
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def decode(data: Buffer) -> str:
    """The report as text. Raises `UnreadableInput` if it is larger than `MAX_REPORT_BYTES`."""
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableInput(
            f"The report has {len(data):,} bytes; the limit is {MAX_REPORT_BYTES:,}. Pass only the part with the crash."
        )
    return bytes(data).decode("utf-8", "backslashreplace")


def lines_of(text: str) -> list[str]:
    """The lines to parse: without line ends and terminal colours, none longer than `MAX_LINE`."""
    lines = text.split("\n", MAX_LINES)[:MAX_LINES]
    return [bounded(_COLOUR.sub("", line.removesuffix("\r"))) for line in lines]


def bounded(line: str) -> str:
    """The line, without its middle where it is longer than `MAX_LINE`."""
    if len(line) <= MAX_LINE:
        return line
    half = (MAX_LINE - len(_CUT)) // 2
    return f"{line[:half]}{_CUT}{line[-half:]}"


def is_cut(line: str) -> bool:
    """Whether `bounded` took something out of the line."""
    return len(line) > MAX_LINE // 2 and _CUT in line
