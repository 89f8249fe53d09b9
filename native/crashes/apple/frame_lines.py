"""One frame of a ``.crash`` text.

=====================================================================  ===============================================
``0   MyApp         0x0000000104e3c2c8 0x104e34000 + 33480``           address, where the image begins, offset in it
``1   My App        0x104e3c2c8 Cart.total() + 52 (Cart.swift:42)``    resolved
``2   MyApp         0x104e3c2c8 MyApp + 33480``                        not resolved: image and offset again
``3   + MyApp       0x104e3c2c8 0x104e34000 + 33480``                  marked as the app's own
``4   MyApp         0x104e3c2c8 Cart.sum() + 8 (C.swift:9) [inlined]``  a call inlined into the next frame
``5   UIKitCore     -[UIApplication _run] + 888``                      copied from Xcode, without its address
``6   ???           0x00000000deadbeef 0 + 3735928559``                in no image
=====================================================================  ===============================================

Source: "Examining the fields in a crash report" of Apple's documentation, and "Adding identifiable symbol names to a
crash report".
"""

import re
from typing import NamedTuple

from native.crashes.raw_frames import RawFrame, last_group

UNKNOWN = "???"
_INDEX = re.compile(r"[ \t]{0,40}[0-9]{1,4}[ \t]{1,40}(?:\+[ \t]{1,40})?(?P<rest>\S.*)\Z", re.DOTALL)
_ADDRESS = re.compile(r"(?:(?<=[ \t])|\A)0x(?P<hex>[0-9a-fA-F]{1,16})(?=[ \t]|\Z)")
_GAP = re.compile(r"\t|  ")
_PLACE = re.compile(r"(?P<file>[^:()]{1,1024}):(?P<line>[0-9]{1,10})(?::(?P<column>[0-9]{1,10}))?\Z")
_INLINED = "[inlined]"
_GENERATED = "<compiler-generated>"
_MAX_DIGITS = 20


class _Symbol(NamedTuple):
    """What stands behind the address."""

    name: str | None = None
    offset: int | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None


def parse_frame(line: str) -> RawFrame | None:
    """The frame of a line; None if it is none."""
    match = _INDEX.match(line)
    if match is None:
        return None
    rest = match["rest"]
    found = _ADDRESS.search(rest)
    if found:
        name, tail, address = rest[: found.start()].strip(), rest[found.end() :].strip(), int(found["hex"], 16)
        return _frame(name, address, tail)
    gap = _GAP.search(rest)
    return _frame(rest[: gap.start()], None, rest[gap.end() :].strip()) if gap else None


def _frame(image: str, address: int | None, tail: str) -> RawFrame:
    inlined = tail.endswith(_INLINED) or image == _INLINED
    symbol = _symbol(tail.removesuffix(_INLINED).rstrip())
    base = _number(symbol.name) if symbol.name else None
    is_again = symbol.name == image and symbol.offset is not None
    is_name = symbol.name is not None and base is None and symbol.name != UNKNOWN
    return RawFrame(
        function=symbol.name if is_name else None,
        function_offset=symbol.offset if is_name else None,
        image=None if image in (UNKNOWN, _INLINED, "") else image,
        image_offset=_offset(address, base) if base else symbol.offset if is_again else None,
        address=address,
        file=None if symbol.file == _GENERATED else symbol.file,
        line1=symbol.line or None,
        column1=symbol.column or None,
        inlined=inlined,
    )


def _offset(address: int | None, base: int) -> int | None:
    return address - base if address is not None and address >= base else None


def _symbol(text: str) -> _Symbol:
    file, line, column = None, None, None
    for _ in range(2):
        start = last_group(text)
        if start is None or start == 0 or text[start - 1] != " ":
            break
        inside = text[start + 1 : -1]
        place = _PLACE.match(inside)
        if place:
            file, line, column = place["file"], int(place["line"]), int(place["column"] or 0)
        elif not inside.startswith("in "):
            break
        text = text[:start].rstrip()
    head, plus, digits = text.rpartition(" + ")
    offset = _number(digits) if plus else None
    return _Symbol((head if offset is not None else text) or None, offset, file, line, column)


def _number(text: str) -> int | None:
    """A number in hex with ``0x``, else in decimal."""
    if len(text) > _MAX_DIGITS or not text.isascii():
        return None
    try:
        return int(text, 16) if text.startswith("0x") else int(text) if text.isdecimal() else None
    except ValueError:
        return None
