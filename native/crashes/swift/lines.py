r"""Lines of a backtrace by Swift's runtime (5.9 and later).

==================================================================================  ====================================
``*** Signal 11: Backtracing from 0xaaaad4a41804... done ***``                      the signal
``*** Program crashed: Bad pointer dereference at 0x0000000000000004 ***``          what happened
``💣 Program crashed: Bad pointer dereference at 0x0000000000000004``                the same for people
``Platform: x86_64 Linux (Ubuntu 24.04.3 LTS)``                                     processor and system
``Thread 0 "shop" crashed:``, ``Thread 1:``                                         a stack follows, newest call first
`` 0                  0x0000aaaad4a41804 crash() + 12 in shop at /src/a.swift:7:15`` where it failed: exact
`` 1 [ra]             0x0000aaaad4a411a8 level(_:) + 15 in shop at /src/a.swift:9`` return address
`` 2 [ra] [inlined]   0x0000aaaad4a411a8 pay() in shop at /src/a.swift:12:3``       inlined into the next older call
`` 3 [async]          0x0000aaaad4a41218 load() in shop at /src/a.swift:22``        continues when what is newer is done
`` 4 [async] [system] 0x0000aaaad4a41344 static Shop.$main() in shop at /<comp…>``  nobody wrote it
`` 5                  0x0000aaaad4a41804 <unknown> in libc.so.6``                   no symbol
``0 crash() + 12 in shop at /src/a.swift:7:15``                                     for people: no address
``...``                                                                             frames that were left out
``rax 0x0000000000000000  0``                                                       below ``Registers:``
``0x0000aaaad4a40000–0x0000aaaad4a45000 66f6a1… shop /srv/shop``                    below ``Images (3 omitted):``
==================================================================================  ====================================

Source: docs/Backtracing.rst of Swift; the backtrace formatter of its runtime module; reports of its users.
"""  # noqa: RUF002 - the runtime writes that dash

import re

from msgspec import Struct
from msgspec.structs import replace

from native.crashes.raw_frames import RawFrame, position
from symbolicator.model import AsyncCall

RESUMES = AsyncCall(rule="swift-async")
_MAX_LINE = 8_000
"""In characters: a line of that length is no frame."""
_FRAME = re.compile(
    r" {0,8}(?P<number>[0-9]{1,7})(?P<kinds>(?: \[(?:ra|async|inlined|thunk|system)\]){0,4})"
    r"(?: {1,60}(?P<address>0x[0-9a-f]{1,16})(?= |\Z))?(?: {1,60}(?P<call>\S.*))?\Z"
)
_CALL = re.compile(
    r"(?P<name>.{1,4000}?)(?: (?P<sign>[+-]) (?P<offset>[0-9]{1,12}))? in (?P<image>[^\s/]{1,300})"
    r"(?: at (?P<place>/.*))?\Z"
)
_GENERATED = "<compiler-generated>"
_UNKNOWN = "<unknown>"
_THREAD = re.compile(r'Thread (?P<number>[0-9]{1,7})(?: "(?P<name>[^\n]{0,200})")?(?P<crashed> crashed)?:\Z')
_IMAGE = re.compile(
    r"(?P<start>0x[0-9a-f]{1,16})\u2013(?P<end>0x[0-9a-f]{1,16}) +(?P<id>[0-9a-f]{2,128}|<no build ID>) +"
    r"(?P<name>\S{1,300}) +(?P<path>\S.{0,2000})\Z"
)
_REGISTER = re.compile(r" {0,8}(?P<name>[a-z][a-z0-9]{1,8}) (?P<value>0x[0-9a-f]{1,16})(?:  .*)?\Z")


class SwiftFrame(Struct, frozen=True):
    """A frame, its number (0 is the newest call), and whether nobody wrote it: a thunk, or the runtime's."""

    number: int
    raw: RawFrame
    is_system: bool


class Heading(Struct, frozen=True):
    """The line above a stack."""

    number: int
    name: str | None
    crashed: bool


class ImageLine(Struct, frozen=True):
    """An image: bytes ``start`` to ``end`` (absolute, one past the last)."""

    start: int
    end: int
    build_id: str | None
    name: str
    path: str | None


def parse_frame(line: str) -> SwiftFrame | None:
    """The frame of a line; None if it is none."""
    match = _FRAME.match(line) if len(line) <= _MAX_LINE else None
    if match is None:
        return None
    address, call = match["address"], _CALL.match(match["call"] or "")
    if address is None and call is None:
        return None
    kinds = match["kinds"]
    raw = RawFrame(
        address=int(address, 16) if address else None,
        adjust="[ra]" in kinds,
        inlined="[inlined]" in kinds,
        async_call=RESUMES if "[async]" in kinds else None,
    )
    is_system = "[system]" in kinds or "[thunk]" in kinds
    return SwiftFrame(int(match["number"]), _with_call(raw, call) if call else raw, is_system)


def _with_call(raw: RawFrame, call: re.Match[str]) -> RawFrame:
    file, line1, column1 = position(call["place"] or "")
    distance = int(call["offset"] or 0) * (-1 if call["sign"] == "-" else 1)
    is_written = bool(file) and not file.endswith(_GENERATED)
    name = call["name"]
    return replace(
        raw,
        function=None if name == _UNKNOWN else name,
        function_offset=distance if distance > 0 and not is_written else None,
        image=call["image"],
        file=file if is_written else None,
        line1=line1 if is_written else None,
        column1=column1 if is_written else None,
    )


def parse_heading(line: str) -> Heading | None:
    """The thread that a line begins the stack of; None if it is no such line."""
    match = _THREAD.match(line)
    return Heading(int(match["number"]), match["name"] or None, bool(match["crashed"])) if match else None


def parse_image(line: str) -> ImageLine | None:
    """The image of a line; None if it is none."""
    match = _IMAGE.match(line)
    if match is None:
        return None
    build_id, path = match["id"], match["path"]
    return ImageLine(
        start=int(match["start"], 16),
        end=int(match["end"], 16),
        build_id=None if build_id.startswith("<") else build_id,
        name=match["name"],
        path=None if path == _UNKNOWN else path,
    )


def parse_register(line: str) -> tuple[str, int] | None:
    """Name and value of a register; None if the line has none."""
    match = _REGISTER.match(line)
    return (match["name"], int(match["value"], 16)) if match else None
