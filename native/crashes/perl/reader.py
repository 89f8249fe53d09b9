r"""Reads what Perl prints when a script dies.

>>> event = READER.read(b'no price at shop.pl line 10.\n\tTill::price("pear") called at shop.pl line 15\n')
>>> [frame.function for frame in event.exceptions[0].stacktrace.frames]
[None, 'Till::price']
"""

from native.crashes.events import TOO_MANY_FRAMES, replace_ids
from native.crashes.log_lines import log_lines
from native.crashes.perl.errors import PLATFORM, PrintedError, read_errors
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, ExceptionValue, Stacktrace, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode

_SURE, _POSSIBLE = 0.9, 0.5


class PerlReader:
    """Reader of Perl's error texts."""

    name = "Perl error"

    def detect(self, head: bytes) -> float:
        """By an error with calls; less so by one that names a script."""
        errors = read_errors(log_lines(head.decode("utf-8", "replace"))).errors
        return 0.0 if not errors else _SURE if any(len(error.frames) > 1 for error in errors) else _POSSIBLE

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it has no error with a place."""
        text = decode(data)
        reading = read_errors(log_lines(text))
        if not reading.errors:
            raise UnreadableInput(
                "No error of Perl was found: expected `no price at shop.pl line 12.`, and below it calls such as "
                "`Till::price() called at shop.pl line 15`. Pass the whole text of the error."
            )
        are_several = len(reading.errors) > 1
        values = [
            replace_ids(_exception(error), number if are_several else None)
            for number, error in enumerate(reading.errors)
        ]
        return Event(
            platform=PLATFORM,
            exception=Values(values=tuple(reversed(values))),
            errors=(TOO_MANY_FRAMES,) if reading.is_full else (),
            extra={RAW_REPORT: text},
        )


def _exception(error: PrintedError) -> ExceptionValue:
    return ExceptionValue(
        type="Perl error", value=error.message or None, stacktrace=Stacktrace(frames=tuple(reversed(error.frames)))
    )


READER = PerlReader()
