"""Reports that are read line by line, until all is read or as many frames as any report may have."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class LineReading(Protocol):
    """What has been read so far."""

    @property
    def is_full(self) -> bool:
        """Whether no further line is looked at."""
        ...

    def take(self, line: str) -> None:
        """Reads the next line."""
        ...


ReadingT = TypeVar("ReadingT", bound=LineReading)


def read_lines(reading: ReadingT, lines: Iterable[str]) -> ReadingT:
    """Gives the reading its lines, as long as it is not full."""
    for line in lines:
        if reading.is_full:
            break
        reading.take(line)
    return reading
