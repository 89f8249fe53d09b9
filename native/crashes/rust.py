"""Backtraces of Rust's standard library: ``RUST_BACKTRACE=1`` and ``=full``, newest call first.

::

    thread 'main' (8872) panicked at src/money.rs:27:21:
    a price with its tax fits into 32 bits
    stack backtrace:
       0: rust_begin_unwind
                 at /rustc/59807616/library/std/src/panicking.rs:689:5
       1:     0x5565924b94d7 - ledger::total::he61840868f9a25a1
                                   at /home/ana/ledger/src/money.rs:27:21

Calls at one address that are not calls of the same function are one call that others were inlined into; older versions
number them once. Addresses are return addresses. Source: library/std/src/sys/backtrace.rs, for the shapes.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from native.crashes.events import PrintedStack, event_of
from native.crashes.mappings import mapped_images
from native.crashes.raw_frames import RawFrame, mark_inlined, position
from native.crashes.statements import Statement, find_statement, is_panic
from symbolicator.model import Event
from symbolicator.readers.text import MAX_FRAMES

_START = re.compile(r"\s*stack backtrace:\s*\Z", re.IGNORECASE)
_NUMBERED = re.compile(r" *(?P<number>[0-9]{1,6}): +(?:0x(?P<address>[0-9a-f]{1,16}) - )?(?P<name>\S.*)\Z")
_PLACE = re.compile(r" {6,}at (?P<place>\S.*)\Z")
_CONTINUED = re.compile(r" {6,}(?P<name>\S.*)\Z")
_MAX_STATEMENT_LINES = 2_000
_MAX_PANICS, _MAX_PANIC_LINES = 1_000, 50


def count_frames(lines: Sequence[str], enough: int) -> int:
    """How many frames in this form there are, counted up to ``enough``; a panic alone counts as one."""
    frames = (frame for start, end in _blocks(lines) for frame in _frames(lines[start:end]))
    return sum(1 for _, _ in zip(range(enough), frames, strict=False)) or int(any(map(is_panic, lines)))


def read(lines: Sequence[str], text: str) -> Event:
    """The event of a report that has frames in this form, or panics alone."""
    return event_of(list(_stacks(lines)) or list(_panics(lines)), text, known=mapped_images(lines))


def _stacks(lines: Sequence[str]) -> Iterator[PrintedStack]:
    above, left = 0, MAX_FRAMES
    for start, end in _blocks(lines):
        frames = _frames(lines[start:end])[:left]
        said = find_statement(lines[max(above, start - _MAX_STATEMENT_LINES) : start])
        if frames:
            yield PrintedStack(mark_inlined(frames), said or Statement())
        above, left = end, left - len(frames)


def _panics(lines: Sequence[str]) -> Iterator[PrintedStack]:
    """Panics that no backtrace follows: the panic itself says where it was."""
    for index in islice((index for index, line in enumerate(lines) if is_panic(line)), _MAX_PANICS):
        said = find_statement(lines[index : index + _MAX_PANIC_LINES]) or Statement()
        file, line1, column1 = position(str(said.data.get("panicked_at", "")))
        yield PrintedStack([RawFrame(file=file, line1=line1, column1=column1)] if file else [], said)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First line and end of what is below each ``stack backtrace:``."""
    starts = [index + 1 for index, line in enumerate(lines) if _START.match(line)]
    for start in starts:
        end = start
        while end < len(lines) and (_NUMBERED.match(lines[end]) or _CONTINUED.match(lines[end])):
            end += 1
        yield start, end


def _frames(lines: Sequence[str]) -> list[RawFrame]:
    frames: list[RawFrame] = []
    for line in lines:
        numbered, place, continued = _NUMBERED.match(line), _PLACE.match(line), _CONTINUED.match(line)
        if numbered:
            address = int(numbered["address"], 16) if numbered["address"] else None
            frames.append(RawFrame(function=_name(numbered["name"]), address=address))
        elif place and frames:
            file, line1, column1 = position(place["place"])
            frames[-1] = replace(frames[-1], file=file, line1=line1, column1=column1)
        elif continued and frames:
            frames[-1] = replace(frames[-1], inlined=True)
            frames.append(RawFrame(function=_name(continued["name"]), address=frames[-1].address))
    return frames


def _name(text: str) -> str | None:
    return None if text == "<unknown>" else text
