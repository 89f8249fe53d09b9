"""Backtraces in the form of glibc's ``backtrace_symbols()``, newest call first.

=======================================================  ============================================================
``./shop(total+0x12) [0x55d0c0a01234]``                  function by its dynamic symbol, and bytes from its start
``./shop(+0x3578)[0x55e7bb248578]``                      no symbol: bytes from the load bias
``./shop() [0x4011eb]``                                  no symbol and a load bias of 0: not position independent
``./shop[0x4011eb]``                                     no symbol, before glibc 2.26
``[0x401f3a]``                                           in no image: statically linked, or a wild address
=======================================================  ============================================================

Every address is a return address, except where a signal interrupted the program (`trampoline`). In front of a line a
number is tolerated (``#3 ``, ``3: ``, ``[bt] (3) ``). Source: backtrace(3), glibc's debug/backtracesyms.c.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from native.crashes.events import PrintedStack, event_of
from native.crashes.mappings import mapped_images
from native.crashes.raw_frames import RawFrame, last_group
from native.crashes.statements import Statement, find_statement, states_something
from native.crashes.trampoline import mark_interruption
from symbolicator.model import Event
from symbolicator.readers.text import MAX_FRAMES

_ADDRESS = re.compile(r"\[0x([0-9a-fA-F]{1,16})\]\Z")
_ADDRESS_WINDOW = len("[0x0123456789abcdef]")
_NUMBER = re.compile(r"(?:\[bt\]:? *(?:\([0-9]{1,5}\))? +|#?[0-9]{1,5}[:.)]? +)")
_OFFSET = re.compile(r"(?P<sign>[+-])0x(?P<offset>[0-9a-fA-F]{1,16})\Z")
_OFFSET_WINDOW = len("+0x0123456789abcdef")
_NEW_STACK = re.compile(r"back ?trace|stack ?trace|call stack|\bthread\b", re.IGNORECASE)
_MAX_STATEMENT_LINES = 2_000
_MAX_VALUE_LINES = 20
_HEADING = re.compile(
    r"[\s=*-]*(?:back ?trace|stack ?trace|call stack|obtained [0-9]+ stack frames)\b.*", re.IGNORECASE
)


def parse_frame(line: str) -> RawFrame | None:
    """The frame of one line, None if it is none."""
    text = line.strip()
    found = _ADDRESS.search(text, max(0, len(text) - _ADDRESS_WINDOW))
    if found is None:
        return None
    address = int(found[1], 16)
    number = _NUMBER.match(text)
    place = text[number.end() if number and number.end() <= found.start() else 0 : found.start()].rstrip()
    if not place:
        return RawFrame(address=address)
    opened = last_group(place)
    if not opened:
        return _without_parentheses(place, text[found.start() - 1], address)
    return _in_image(place[:opened], place[opened + 1 : -1], address)


def _without_parentheses(place: str, before: str, address: int) -> RawFrame | None:
    """``./shop[0x400499]``: glibc before 2.26, no symbol."""
    return None if before == " " or any(map(str.isspace, place)) else RawFrame(image=place, address=address)


def _in_image(image: str, inside: str, address: int) -> RawFrame | None:
    """``inside`` the parentheses: nothing, ``+0x12``, ``symbol+0x12`` (``-0x12`` before the symbol)."""
    if not inside:
        return RawFrame(image=image, image_offset=address, address=address)
    match = _OFFSET.search(inside, max(0, len(inside) - _OFFSET_WINDOW))
    if match is None:
        return None
    offset = int(match["offset"], 16) * (1 if match["sign"] == "+" else -1)
    symbol = inside[: match.start()]
    if symbol:
        return RawFrame(function=symbol, function_offset=offset, image=image, address=address)
    return RawFrame(image=image, image_offset=offset, address=address)


def read(lines: Sequence[str], text: str) -> Event:
    """The event of a report that has frames in this form."""
    return event_of(list(_stacks(lines)), text, known=mapped_images(lines))


def _stacks(lines: Sequence[str]) -> Iterator[PrintedStack]:
    """The stacks of the report with what is said above (or, for the last one, below) each of them."""
    runs = list(_runs(lines))
    above = 0
    for number, (start, end, frames) in enumerate(runs):
        said = find_statement(lines[max(above, start - _MAX_STATEMENT_LINES) : start])
        below = lines[end : end + _MAX_STATEMENT_LINES] if number == len(runs) - 1 else []
        statement = _with_later(said, find_statement(below)) or _unread(lines[above:start])
        yield PrintedStack(mark_interruption(frames, signalled=statement.signal is not None), statement)
        above = end


def _with_later(said: Statement | None, later: Statement | None) -> Statement | None:
    """What was said above the stack, with the signal that a shell names below it."""
    if said and later and said.signal is None:
        return replace(said, signal=later.signal)
    return said or later


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int, list[RawFrame]]]:
    """Start and end (one past it) of each stack in the lines, and its frames.

    A line among the frames that is none is noise, unless it states something or speaks of a stack: then a new one
    starts.
    """
    frames: list[RawFrame] = []
    start = end = count = 0
    for index, line in enumerate(lines):
        frame = parse_frame(line)
        if frame is None:
            if frames and (states_something(line) or _NEW_STACK.search(line[:200])):
                yield start, end, frames
                frames = []
            continue
        if not frames:
            start = index
        frames.append(frame)
        end = index + 1
        count += 1
        if count == MAX_FRAMES:
            break
    if frames:
        yield start, end, frames


def _unread(lines: Sequence[str]) -> Statement:
    """The words above the frames, where they are no statement that we know."""
    words: list[str] = []
    for line in reversed(lines[-_MAX_VALUE_LINES:]):
        if not line.strip() and words:
            break
        if line.strip() and not _HEADING.match(line[:200]):
            words.append(line.strip())
    return Statement(value="\n".join(reversed(words)) or None)
