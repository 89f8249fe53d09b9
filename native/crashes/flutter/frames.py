r"""One call of Dart.

===============================================================================  ====================================
``#0      Cart.total (package:shop/cart.dart:12:5)``                             readable; also without line or column
``package:shop/cart.dart 12:5  Cart.total``                                      the same by package stack_trace
``    #00 abs 000000751c519567 virt 0000000000266567 _kDartIsolateSnap…+0x19``   ``--split-debug-info``
``    #00 abs 000000751c519567 unit 2 virt 000000000000a567 …``                  in a deferred loading unit
``<asynchronous suspension>``, ``===== asynchronous gap =====…``                 what is below was awaiting
===============================================================================  ====================================

Addresses are printed stepped back into the call. ``virt`` is the address in the file. Source: runtime/vm/object.cc of
the Dart SDK for the shapes.
"""

import re

from msgspec import Struct

from symbolicator.model import Frame

PLATFORM = "dart"
SUSPENSION = "<asynchronous suspension>"
_GAP = re.compile(r"={3,10} asynchronous gap =")
_CALL = re.compile(r"#(?P<number>[0-9]{1,6}) {1,7}(?P<function>\S.*?) \((?P<place>[^()\s][^()\n]{0,1000})\)\Z")
_PLACE = re.compile(
    r"(?P<file>(?:package|dart|file|org-dartlang-[a-z-]{1,20}|https?):\S*?|\S{1,400}\.dart)"
    r"(?::(?P<line>[0-9]{1,9})(?::(?P<column>[0-9]{1,9}))?)?\Z"
)
_TERSE = re.compile(
    r"(?P<file>(?:package|dart|file):\S{1,400}|\S{1,400}\.dart) (?P<line>[0-9]{1,9})(?::(?P<column>[0-9]{1,9}))? {2,60}"
    r"(?P<function>\S.{0,400})\Z"
)
_ADDRESS = re.compile(
    r"\s*(?:unparsed +)?#(?P<number>[0-9]{1,6}) abs (?P<abs>[0-9a-f]{1,16})(?: unit (?P<unit>[0-9]{1,6}))?"
    r"(?: virt (?P<virt>[0-9a-f]{1,16}))?(?: (?P<symbol>[^\s+]\S{0,400}?)(?:\+0x(?P<offset>[0-9a-f]{1,16}))?)?\Z"
)


class AddressFrame(Struct, frozen=True):
    """``address`` is absolute, ``virtual`` the file's own, in bytes and inside the call; ``unit`` 1 is the root."""

    number: int
    address: int
    virtual: int | None
    unit: int
    symbol: str | None = None


def parse_address(line: str) -> AddressFrame | None:
    """The call of an obfuscated trace on a line, None if it is none."""
    match = _ADDRESS.match(line) if " abs " in line[:40] else None
    if match is None:
        return None
    virtual = int(match["virt"], 16) if match["virt"] else None
    symbol = f"{match['symbol']}+0x{match['offset']}" if match["symbol"] and match["offset"] else None
    return AddressFrame(int(match["number"]), int(match["abs"], 16), virtual, int(match["unit"] or 1), symbol)


def parse_call(line: str) -> Frame | None:
    """The call of a readable trace on a line, None if it is none."""
    match = _CALL.match(line)
    place = _PLACE.match(match["place"]) if match else _TERSE.match(line)
    if place is None:
        return None
    file = place["file"]
    return Frame(
        platform=PLATFORM,
        function=match["function"] if match else place["function"],
        filename=file,
        abs_path=file,
        lineno=int(place["line"] or 0) or None,
        colno=int(place["column"] or 0) or None,
    )


def is_suspension(line: str) -> bool:
    """Whether what is below the line was awaiting what is above."""
    return line.strip() == SUSPENSION or _GAP.match(line) is not None
