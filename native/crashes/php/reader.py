r"""Reads what PHP prints and logs when a script fails.

>>> event = READER.read(b"PHP Fatal error:  Uncaught Error: no in /srv/a.php:3\nStack trace:\n#0 {main}\n  thrown in\n")
>>> event.exceptions[0].type, event.exceptions[0].stacktrace.frames[-1].lineno
('Error', 3)
"""

from collections.abc import Iterator, Sequence

from native.crashes.events import TOO_MANY_FRAMES
from native.crashes.log_lines import log_lines
from native.crashes.php.errors import PrintedError, chain_of, read_errors
from native.crashes.php.frames import PLATFORM, frames_of
from symbolicator.errors import UnreadableInput
from symbolicator.model import Event, ExceptionValue, Mechanism, Stacktrace, Values
from symbolicator.protocols import Buffer
from symbolicator.readers.text import RAW_REPORT, decode

_SURE, _LIKELY = 0.95, 0.7


class PhpReader:
    """Reader of PHP's crash texts."""

    name = "PHP error"

    def detect(self, head: bytes) -> float:
        """By an exception with its trace, or by a fatal error with its place."""
        roots = read_errors(log_lines(head.decode("utf-8", "replace"))).roots
        return 0.0 if not roots else _SURE if any(root.calls for root in roots) else _LIKELY

    def read(self, data: Buffer) -> Event:
        """Reads the text. Raises `UnreadableInput` if it names no failure with a place."""
        text = decode(data)
        reading = read_errors(log_lines(text))
        if not reading.roots:
            raise UnreadableInput(
                "No failure of PHP was found: expected `PHP Fatal error:  Uncaught Error: … in /srv/shop.php:3`, and "
                "below `Stack trace:` calls such as `#0 /srv/shop.php(9): total()`. Pass the whole text of the error."
            )
        return Event(
            platform=PLATFORM,
            exception=Values(values=tuple(reversed(list(_exceptions(reading.roots))))),
            errors=(TOO_MANY_FRAMES,) if reading.is_full else (),
            extra={RAW_REPORT: text},
        )


def _exceptions(roots: Sequence[PrintedError]) -> Iterator[ExceptionValue]:
    """The one that was raised first, each followed by those before it. What nothing links is ``separate``."""
    is_alone = len(roots) == 1 and roots[0].cause is None
    number = 0
    for root in roots:
        for depth, error in enumerate(chain_of(root)):
            yield ExceptionValue(
                type=error.type,
                module=error.type.rpartition("\\")[0] or None,
                value=error.value,
                mechanism=None if is_alone else _mechanism(number, is_caused=depth > 0),
                stacktrace=Stacktrace(frames=frames_of(error.place, error.calls)),
            )
            number += 1


def _mechanism(number: int, *, is_caused: bool) -> Mechanism:
    kind = "chained" if is_caused else "separate" if number else "generic"
    return Mechanism(
        type=kind,
        source="previous" if is_caused else None,
        exception_id=number,
        parent_id=number - 1 if is_caused else None,
    )


READER = PhpReader()
