"""``LineNumberMappings.json``: which lines of the C++ that IL2CPP generated come from which lines of C#.

::

    {"/build/il2cppOutput/Assembly-CSharp.cpp": {"/shop/Assets/Player.cs": {"412": 17, "420": 18}}}

A line of C++ is where a statement of C# begins: what follows belongs to it, but not for long, as glue and the next
method's head have no lines of their own. So nothing is said of lines further than `MAX_DISTANCE` below the last one.
``"__debug-id__": {"…": {}}`` (sentry-cli writes it) is the debug id of the image that was made of the code.

Source: the file's form as Unity's IL2CPP (``--emit-source-mapping``) and sentry-cli (``--il2cpp-mapping``) write it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from symbolicator.errors import MalformedArtifact
from symbolicator.model.debug_ids import normal_debug_id
from symbolicator.protocols import Buffer
from symbolicator.store.names import NameIndex

MAX_MAPPING = 1 << 28
MAX_DISTANCE = 5
"""In lines of C++; the bound that Sentry has."""
MAX_LINE = 1 << 31
DEBUG_ID = "__debug-id__"
NO_SOURCE = "<no-source>"
"""What IL2CPP writes for code that no person wrote."""

_Lines = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]


class Place(Struct, frozen=True):
    """A line of C#, counted from 1."""

    path: str
    line: int


class LineMapping:
    """Lines of C# by lines of C++. ``debug_id``: of the image, in normal form; None if the file does not say."""

    def __init__(self, files: Mapping[str, Mapping[str, Mapping[str, int]]], debug_id: str | None = None) -> None:
        self.debug_id = debug_id
        self._files = files
        self._index = NameIndex((path, path) for path in files)
        self._read: dict[str, _Lines] = {}

    def find(self, path: str, line: int) -> Place | None:
        """The line of C# for a line of C++; None if the file is unknown, or the line too far from a known one."""
        known = self._index.find(path)
        if len(known) != 1:
            return None
        starts, places = self._lines(known[0][0])
        at = bisect_right(starts, line) - 1
        if at < 0 or line - starts[at] > MAX_DISTANCE or places[at][0] == NO_SOURCE:
            return None
        return Place(*places[at])

    def has(self, path: str) -> bool:
        """Whether it has the file of C++, by its path or a unique end of it."""
        return len(self._index.find(path)) == 1

    def _lines(self, path: str) -> _Lines:
        if path not in self._read:
            entries = sorted(_entries(self._files[path]))
            self._read[path] = tuple(start for start, _ in entries), tuple(place for _, place in entries)
        return self._read[path]


def _entries(files: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[int, tuple[str, int]]]:
    for source, lines in files.items():
        for start, line in lines.items():
            if start.isascii() and start.isdecimal() and len(start) < len(str(MAX_LINE)) and 0 < line < MAX_LINE:
                yield int(start), (source, line)


def read_mapping(data: Buffer, name: str) -> LineMapping:
    """Reads the file. Raises `symbolicator.errors.MalformedArtifact`."""
    if len(data) > MAX_MAPPING:
        raise MalformedArtifact(f"{name} has more than {MAX_MAPPING} bytes: too long for a line mapping.")
    try:
        files = msgspec.json.decode(bytes(data), type=dict[str, dict[str, dict[str, int]]])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedArtifact(
            f"The line mapping {name} cannot be read: {error}. Copy it again from il2cppOutput/Symbols of the build."
        ) from error
    debug_id = next(iter(files.pop(DEBUG_ID, {})), None)
    return LineMapping(files, normal_debug_id(debug_id) if debug_id else None)
