"""The ``mappings`` of one plain source map, decoded by PyPI ``sourcemap``.

``AAAA,SAAS;A`` has two lines; each segment is 1, 4 or 5 VLQ deltas: generated column, source, original line, original
column, name (ECMA-426, "Mappings structure"). The library gives up at the first segment that breaks a rule; then the
segments are walked one by one, and only what is broken is passed over.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from sourcemap.decoder import SourceMapDecoder
from sourcemap.exceptions import SourceMapDecodeError

from symbolicator.errors import MalformedArtifact

MAX_LINES = 2_000_000
MAX_SEGMENTS = 6_000_000
MAX_NUMBER = 2**31 - 1

CONTINUES = "g-z0-9+/"
_UNUSUAL = re.compile(rf"[^A-Za-z0-9+/,;]|[{CONTINUES}]{{7}}|[^,;]{{36}}|[{CONTINUES}](?:[,;]|\Z)")
_ZERO_DIGITS = re.compile("(?<!g)g+A")
_SEGMENT = re.compile(rf"(?:[{CONTINUES}]{{0,6}}[A-Za-f]){{1,32}}\Z")
_VLQ = SourceMapDecoder()


class Segment(NamedTuple):
    """One mapping; ``source`` is None for code that no source gave. Sources and names are indices of its lists."""

    line0: int
    column0: int
    source: int | None
    source_line0: int
    source_column0: int
    name: int | None


def decode_vlq(text: str) -> list[int] | None:
    """The numbers of a segment; None if it is none: other characters, cut off, or beyond 32 bits."""
    text = _ZERO_DIGITS.sub("A", text)
    if not _SEGMENT.match(text):
        return None
    return list(_VLQ.parse_vlq(text))


def decode_segments(mappings: str, sources: int, names: int) -> tuple[list[Segment], list[str]]:
    """Every segment, and a sentence for each kind of defect that was passed over.

    Raises MalformedArtifact if there are too many.
    """
    _check_size(mappings)
    segments = None if _UNUSUAL.search(mappings) else _decode_at_once(mappings, sources, names)
    if segments is not None:
        return segments, []
    defects: dict[str, None] = {}
    return list(_salvage(mappings, sources, names, defects)), list(defects)


def _check_size(mappings: str) -> None:
    lines = mappings.count(";")
    if lines > MAX_LINES or lines + mappings.count(",") > MAX_SEGMENTS:
        raise MalformedArtifact(
            f"The source map has more than {MAX_LINES} lines or {MAX_SEGMENTS} segments, too many for the "
            "pure-Python backend: install the compiled core (`symbolicator doctor`)."
        )


def _decode_at_once(mappings: str, sources: int, names: int) -> list[Segment] | None:
    """The library's answer; None where it refuses the map. Names of sources are their numbers: null has none."""
    numbers = [str(number) for number in range(max(sources, names))]
    smap = {"version": 3, "sources": numbers[:sources], "names": numbers[:names], "mappings": mappings}
    try:
        tokens = SourceMapDecoder().decode(json.dumps(smap)).tokens
    except (SourceMapDecodeError, AttributeError, IndexError):  # its own complaint fails on Python 3
        return None
    segments = [
        Segment(
            token.dst_line,
            token.dst_col,
            None if token.src is None else int(token.src),
            token.src_line,
            token.src_col,
            None if token.name is None else int(token.name),
        )
        for token in tokens
    ]
    return segments if all(max(s[1], s[3], s[4]) <= MAX_NUMBER for s in segments) else None


def _salvage(mappings: str, sources: int, names: int, defects: dict[str, None]) -> Iterator[Segment]:
    """Walks the segments one by one. Deltas of a broken one still count where they can be read."""
    state = [0, 0, 0, 0, 0]
    for line0, line in enumerate(mappings.split(";")):
        state[0] = 0
        for text in line.split(","):
            numbers = decode_vlq(text) if text else None
            if numbers is None:
                if text:
                    defects["Segments that are no VLQ numbers were passed over."] = None
                continue
            yield from _mended(line0, state, numbers, (sources, names), defects)


def _mended(
    line0: int, state: list[int], numbers: list[int], counts: tuple[int, int], defects: dict[str, None]
) -> Iterator[Segment]:
    fields = len(numbers) if len(numbers) in (1, 4, 5) else 5 if len(numbers) > 5 else 1  # noqa: PLR2004 - the format's own numbers of fields
    if fields != len(numbers):
        defects["Segments with another number of fields than 1, 4 or 5 were read as far as they make sense."] = None
    for at, delta in enumerate(numbers[:fields]):
        state[at] += delta
    if not 0 <= state[0] <= MAX_NUMBER:
        defects["Segments with a generated column out of range were passed over."] = None
        return
    yield _segment(line0, state, fields, counts, defects)


def _segment(line0: int, state: list[int], fields: int, counts: tuple[int, int], defects: dict[str, None]) -> Segment:
    column0, source, source_line0, source_column0, name = state
    sources, names = counts
    has_source = fields > 1
    if has_source and not (
        0 <= source < sources and 0 <= source_line0 <= MAX_NUMBER and 0 <= source_column0 <= MAX_NUMBER
    ):
        defects["Segments with a source, line or column out of range were read as having none."] = None
        has_source = False
    if not has_source:
        return Segment(line0, column0, None, 0, 0, None)
    if fields > 4 and not 0 <= name < names:  # noqa: PLR2004 - the fifth field is the name
        defects["Segments with a name out of range were read as having none."] = None
        fields = 4
    return Segment(line0, column0, source, source_line0, source_column0, name if fields > 4 else None)  # noqa: PLR2004 - as above
