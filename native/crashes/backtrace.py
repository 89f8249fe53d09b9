r"""Reads backtraces of native programs: glibc, gdb, sanitizers, Rust.

>>> event = READER.read(b"*** signal 11 (SIGSEGV), address 0x8 ***\n./shop(+0x3578)[0x55e7bb248578]")
>>> event.exceptions[0].type
'SIGSEGV'

The formats are described in `native.crashes.glibc`, `gdb`, `sanitizer`, `rust`; what programs say around their
backtraces in `native.crashes.statements`. A text with several formats is read as the one with most of its frames.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from native.crashes import gdb, glibc, rust, sanitizer
from native.crashes.gdb_session import count_frames as count_gdb_frames
from native.crashes.sanitizer_frames import parse_frame as parse_sanitizer_frame
from native.crashes.sanitizer_report import starts_report
from native.crashes.text import decode, lines_of
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event

_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{\"])")
_ENOUGH = 20
"""Frames to count: more do not make it surer."""
_SURE, _LIKELY = 0.9, 0.6


@dataclass(frozen=True, slots=True)
class _Format:
    """``count``: how many frames (or headers) of the format are in the lines, up to `_ENOUGH`."""

    count: Callable[[Sequence[str]], int]
    read: Callable[[Sequence[str], str], Event]


class BacktraceReader:
    """Reader of backtrace text."""

    name = "native backtrace"

    def detect(self, head: bytes) -> float:
        """By the lines that are frames or a sanitizer's header."""
        text = head.decode("utf-8", "replace")
        if _JSON.match(text):
            return 0.0
        lines = lines_of(text)
        found = max(format_.count(lines) for format_ in _FORMATS)
        return 0.0 if not found else _LIKELY if found == 1 else _SURE

    def read(self, data: bytes) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no frame or is too large."""
        text = decode(data)
        lines = lines_of(text)
        counts = [format_.count(lines) for format_ in _FORMATS]
        if not any(counts):
            raise UnreadableInput(
                "No native stack frame was found: expected lines such as `prog(func+0x12) [0x55d0]`, gdb's "
                "`#0  0x55d0 in func () at file.cpp:12` or a sanitizer's `#0 0x55d0 in func (lib.so+0x12)`. "
                "Pass the whole text of the crash, with its frames."
            )
        return _FORMATS[counts.index(max(counts))].read(lines, text)


def _count(found: Callable[[str], bool]) -> Callable[[Sequence[str]], int]:
    def count(lines: Sequence[str]) -> int:
        return sum(1 for _, _ in zip(range(_ENOUGH), filter(found, lines), strict=False))

    return count


def _is_sanitizer_line(line: str) -> bool:
    if "#" in line:
        frame = parse_sanitizer_frame(line)
        return frame is not None and (frame.certain or bool(frame.raw.address is not None and frame.raw.file))
    return starts_report(line)


_FORMATS = (
    _Format(_count(_is_sanitizer_line), sanitizer.read),
    _Format(lambda lines: count_gdb_frames(lines, _ENOUGH), gdb.read),
    _Format(lambda lines: rust.count_frames(lines, _ENOUGH), rust.read),
    _Format(_count(lambda line: glibc.parse_frame(line) is not None), glibc.read),
)
"""A tie goes to the earlier one: sanitizers' lines are the most particular."""

READER = BacktraceReader()
