"""The memory of the crashed process, as far as the core has it.

>>> memory.read(0x7FFD2A5F0000, 16)
b'...'

A segment may be in the core in part, or only by its header: code that can be read in the file, or memory that the
process was told not to dump. Where segments overlap, the one that starts first has the bytes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct

from native.elf.layout import SEGMENT_EXECUTABLE, SEGMENT_LOAD, ElfFile, Segment

SEGMENT_WRITABLE = 2
MAX_ADDRESS = 1 << 64
_GUARD = 1 << 20
"""Bytes below a stack that its pointer may have run into."""


class Span(Struct, frozen=True):
    """Memory from ``start`` up to ``end`` whose bytes lie in the core from ``offset`` on."""

    start: int
    end: int
    offset: int
    flags: int

    @property
    def is_writable(self) -> bool:
        """Whether the process could write there."""
        return bool(self.flags & SEGMENT_WRITABLE)


class Memory:
    """What lay at which address."""

    def __init__(self, data: memoryview, segments: Iterable[Segment]) -> None:
        loaded = sorted((part.address, part) for part in segments if part.type == SEGMENT_LOAD)
        self._data = data
        self._code_starts = [start for start, part in loaded if part.flags & SEGMENT_EXECUTABLE]
        self.spans = tuple(_spans((part for _, part in loaded), len(data)))
        self._span_starts = [span.start for span in self.spans]
        self._last: Span | None = None
        self.promised = sum(part.file_size for _, part in loaded)
        """Bytes of memory that the headers say are in the file."""
        self.lost = sum(_lost(part, len(data)) for _, part in loaded)
        """Bytes of them that the file is too short for."""

    @staticmethod
    def of(elf: ElfFile) -> "Memory":
        """The memory in a core."""
        return Memory(elf.data, elf.segments)

    def span_at(self, address: int) -> Span | None:
        """The bytes around an address; None if they are not in the core."""
        index = bisect_right(self._span_starts, address) - 1
        return self.spans[index] if index >= 0 and address < self.spans[index].end else None

    def span_from(self, address: int) -> Span | None:
        """The bytes around an address, or else the next ones above it."""
        index = bisect_right(self._span_starts, address)
        return self.span_at(address) or (self.spans[index] if index < len(self.spans) else None)

    def stack_from(self, pointer: int) -> int | None:
        """Where the memory of a stack begins: at its pointer, or above the guard that this ran into in an overflow."""
        span = self.span_from(pointer)
        if span is None or not span.is_writable or span.start - pointer > _GUARD:
            return None
        return max(pointer, span.start)

    def spans_in(self, start: int, end: int) -> Iterator[Span]:
        """The parts of spans between two addresses, by address."""
        for index in range(max(bisect_right(self._span_starts, start) - 1, 0), len(self.spans)):
            span = self.spans[index]
            if span.start >= end:
                return
            if span.end > start:
                low = max(start, span.start)
                yield Span(low, min(end, span.end), span.offset + low - span.start, span.flags)

    def view(self, address: int, size: int) -> memoryview:
        """At most ``size`` bytes from an address on, without a copy; fewer at the end of a span, none outside."""
        span = self.span_at(address)
        if span is None or size <= 0:
            return self._data[:0]
        at = span.offset + address - span.start
        return self._data[at : at + min(size, span.end - address)]

    def number(self, address: int, size: int) -> int | None:
        """A little-endian number of ``size`` bytes; None if they are not all in one span."""
        span = self._last
        if span is None or not span.start <= address <= span.end - size:
            span = self._last = self.span_at(address)
            if span is None or address > span.end - size:
                return None
        at = span.offset + address - span.start
        return int.from_bytes(self._data[at : at + size], "little")

    def read(self, address: int, size: int, *, only_writable: bool = False) -> bytes:
        """At most ``size`` bytes from an address on, over the seams of adjacent spans; fewer where they end."""
        parts: list[bytes] = []
        while (span := self.span_at(address)) and (span.is_writable or not only_writable):
            part = bytes(self.view(address, size))
            parts.append(part)
            address, size = address + len(part), size - len(part)
            if size <= 0:
                break
        return b"".join(parts)

    def is_executable(self, start: int, end: int) -> bool:
        """Whether code began at one of these addresses; it need not be in the core."""
        index = bisect_left(self._code_starts, start)
        return index < len(self._code_starts) and self._code_starts[index] < end


def _spans(segments: Iterable[Segment], size: int) -> Iterator[Span]:
    """The parts of segments that are in a file of ``size`` bytes, by address, none over another."""
    free = 0
    for part in segments:
        start = max(part.address, free)
        skipped = start - part.address
        end = min(part.address + min(part.file_size, max(0, size - part.offset)), MAX_ADDRESS)
        if end > start:
            yield Span(start, end, part.offset + skipped, part.flags)
            free = end


def _lost(segment: Segment, size: int) -> int:
    return segment.file_size - min(segment.file_size, max(0, size - segment.offset))
