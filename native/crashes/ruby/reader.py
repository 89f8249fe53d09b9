r"""Reads what Ruby prints when a program dies: the interpreter's own crash reports, and exceptions.

>>> event = READER.read(b"shop.rb:12:in `total': no price (Shop::NoPrice)\n\tfrom shop.rb:20:in `<main>'\n")
>>> event.exceptions[0].stacktrace.frames[-1].function
'total'
"""

from collections.abc import Iterator, Sequence

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.log_lines import log_lines
from native.crashes.ruby import bug_event, chains
from native.crashes.ruby.bug_report import is_bug_report, read_bug_report
from native.crashes.ruby.errors import Reading, read_errors
from native.crashes.ruby.frames import PLATFORM
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, Problem, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode

_SURE, _LIKELY, _POSSIBLE = 0.96, 0.9, 0.7


class RubyReader:
    """Reader of Ruby's crash texts."""

    name = "Ruby crash text"

    def detect(self, head: bytes) -> float:
        """By the titles of a crash report's sections, or by an exception with its calls."""
        lines = log_lines(head.decode("utf-8", "replace"))
        if is_bug_report(lines):
            return _SURE
        errors = read_errors(lines).roots
        calls = max((sum(bool(frame.function) for frame in error.frames) for error in errors), default=0)
        if any(error.type and error.frames for error in errors):
            return _SURE if calls > 1 else _LIKELY if calls else _POSSIBLE
        return _POSSIBLE if calls > 1 else 0.0

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no call."""
        text = decode(data)
        lines = log_lines(text)
        if is_bug_report(lines):
            event = bug_event.event_of(read_bug_report(lines), text)
            if event.thread_list[0].stacktrace:
                return event
        return _of_errors(lines, text)


def _of_errors(lines: Sequence[str], text: str) -> Event:
    reading = read_errors(lines)
    roots = [root for root in reading.roots if root.frames]
    if not roots:
        raise UnreadableInput(
            "No call of Ruby was found: expected `shop.rb:12:in 'total': no price (NoPrice)` and below it "
            "`from shop.rb:20:in 'sum'`. Pass the whole text, or the crash report with all its sections."
        )
    threads = chains.threads_of(roots)
    return Event(
        platform=PLATFORM,
        exception=Values(values=tuple(reversed(chains.exceptions_of(roots)))),
        threads=Values(values=tuple(threads)) if threads else None,
        errors=tuple(_problems(reading)),
        extra={RAW_REPORT: text},
    )


def _problems(reading: Reading) -> Iterator[Problem]:
    if reading.is_full:
        yield TOO_MANY_FRAMES
    if reading.left_out:
        yield Problem(
            type="frames_left_out",
            message=f"Ruby did not print all calls: {reading.left_out:,} are left out.",
            remedy="Run Ruby without --backtrace-limit; of a SystemStackError it never prints the middle.",
        )


READER = RubyReader()
