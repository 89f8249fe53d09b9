r"""The memory map of a tombstone.

::

    memory map (1224 entries): (fault address prefixed with --->)
    --->Fault address falls at 00000000'00000008 before any mapped regions
        0000007b'0c5a4000-0000007b'0c5a7fff r--      4000      4000  /data/app/…/base.apk!libshop.so (BuildId: ab12…)
        0000007b'0c5a8000-0000007b'0c5abfff r-x      8000      4000  /data/app/…/base.apk!libshop.so (BuildId: ab12…)

The columns are the first and the last byte, what may be done with it, where it begins in its file, its size.

Source: AOSP, debuggerd's tombstone.cpp (dump_all_maps) and tombstone_proto_to_text.
"""

import re

from msgspec import Struct

_ROW = re.compile(
    r"(?:--->| {4})(?P<begin>[0-9a-f']{8,17})-(?P<end>[0-9a-f']{8,17}) (?P<may>[r-][w-][x-])"
    r" {1,20}(?P<offset>[0-9a-f]{1,16}) {1,20}(?P<size>[0-9a-f]{1,16})(?: {1,4}(?P<rest>\S.*))?\Z"
)
_NOTE = re.compile(r" \((?:BuildId: (?P<id>[0-9a-f]{2,128})|load bias 0x(?P<bias>[0-9a-f]{1,16}))\)\Z")
MAX_MAPPINGS = 70_000
"""A process of Linux may have 65,530."""


class Mapping(Struct, frozen=True):
    """Bytes ``begin`` to ``end`` (absolute, one past the last) show ``name`` from byte ``offset`` on."""

    begin: int
    end: int
    offset: int
    name: str = ""
    build_id: str | None = None
    load_bias: int = 0
    is_executable: bool = False


def parse_mapping(line: str) -> Mapping | None:
    """The mapping of one line, None if it is none."""
    match = _ROW.match(line)
    if match is None:
        return None
    rest, build_id, bias = (match["rest"] or "").rstrip(), None, 0
    while note := _NOTE.search(rest):
        rest = rest[: note.start()]
        build_id, bias = note["id"] or build_id, int(note["bias"], 16) if note["bias"] else bias
    begin, end = (int(match[name].replace("'", ""), 16) for name in ("begin", "end"))
    return Mapping(begin, end + 1, int(match["offset"], 16), rest, build_id, bias, "x" in match["may"])
