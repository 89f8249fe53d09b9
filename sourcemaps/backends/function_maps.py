"""Function maps: which original function surrounds an original position, as Metro writes it (``x_facebook_sources``).

``x_facebook_sources`` has an entry a source, a list whose first item is the function map::

    {"names": ["<global>", "linePrice"], "mappings": "AAA;ACM;CDI"}

Lines of ``mappings`` are split by ``;``, entries by ``,``. An entry holds VLQ deltas: column (0-based, from 0 on each
line), index of the name, and line (1-based, only in the first entry of a line). A name holds up to the next entry.
Source: metro-source-map and metro-symbolicate (its consumer of source metadata).
"""

from bisect import bisect_right
from collections.abc import Iterator

from sourcemaps.backends.segments import decode_vlq
from sourcemaps.text import clean

_MAX_MAPPINGS = 16 * 1024 * 1024


class FunctionMap:
    """The functions of one source, up to the first entry that cannot be read."""

    def __init__(self, raw: object) -> None:
        self._starts: list[tuple[int, int]] = []
        self._names: list[str] = []
        for start, name in sorted(_entries(raw), key=lambda entry: entry[0]):
            self._starts.append(start)
            self._names.append(name)

    def find(self, line0: int, column0: int) -> str | None:
        """The name of the function around a position, None before the first entry."""
        at = bisect_right(self._starts, (line0 + 1, column0))
        return self._names[at - 1] if at else None


def _entries(raw: object) -> Iterator[tuple[tuple[int, int], str]]:
    """((line1, column0), name) of every entry that makes sense."""
    names, mappings = _fields(raw)
    line1, name = 1, 0
    for line in mappings.split(";"):
        column0 = 0
        for entry in line.split(","):
            numbers = decode_vlq(entry)
            if not entry:
                continue
            if numbers is None or len(numbers) not in (2, 3):
                return
            column_delta, name_delta, line_delta = (*numbers, 0)[:3]
            column0, name, line1 = column0 + column_delta, name + name_delta, line1 + line_delta
            if column0 < 0 or line1 < 1 or not 0 <= name < len(names):
                return
            yield (line1, column0), _name(names[name])


def _name(raw: object) -> str:
    return clean(raw) if isinstance(raw, str) else ""


def _fields(raw: object) -> tuple[list[object], str]:
    """``names`` and ``mappings`` of a source's metadata; empty where there is no function map."""
    function_map = raw[0] if isinstance(raw, list) and raw else None
    if not isinstance(function_map, dict):
        return [], ""
    names, mappings = function_map.get("names"), function_map.get("mappings")
    if not isinstance(names, list) or not isinstance(mappings, str) or len(mappings) > _MAX_MAPPINGS:
        return [], ""
    return names, mappings
