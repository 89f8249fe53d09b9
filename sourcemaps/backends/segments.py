"""The ``mappings`` of one plain source map, decoded by PyPI ``sourcemap``.

``AAAA,SAAS;A`` has two lines; each segment is 1, 4 or 5 VLQ deltas: generated column, source, original line, original
column, name (ECMA-426, "Mappings structure"). The library gives up at the first segment that breaks a rule; then the
segments are walked one by one. A segment that points nowhere costs only itself. One that cannot be read ends the
mappings: all later deltas refer to it, and no answer is better than a wrong one.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field
from sourcemap.decoder import SourceMapDecoder
from sourcemap.exceptions import SourceMapDecodeError

from symbolicator.errors import MalformedArtifact

MAX_LINES = 2_000_000
MAX_SEGMENTS = 6_000_000
MAX_NUMBER = 2**32 - 2

_MORE = "[g-z0-9+/]"
"""A base64 digit that another one follows."""
_UNUSUAL = re.compile(
    rf"[^A-Za-z0-9+/,;]|{_MORE}{{7}}|{_MORE}{{6}}[E-Za-f]|[^,;]{{36}}|{_MORE}(?:[,;]|\Z)|(?<!{_MORE})(?:B|hg*A)"
)
"""What the library accepts or computes wrongly: other characters, more than 32 bits, cut numbers, minus zero."""
_ZERO_DIGITS = re.compile("(?<!g)g+A")
_NUMBER = re.compile(rf"{_MORE}*[A-Za-f]")
_SEGMENT = re.compile(rf"(?:{_MORE}{{0,5}}[A-Za-f]|{_MORE}{{6}}[A-D]){{1,6}}\Z")
_MINUS_ZERO = {"B", "hA"}
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
    """The numbers of a segment; None if it is none: other characters, cut off, or beyond 32 bits.

    Digits that add nothing are allowed; minus zero stands for -2^31 (ECMA-426, "Base64 VLQ").
    """
    text = _ZERO_DIGITS.sub("A", text)
    if not _SEGMENT.match(text):
        return None
    numbers = zip(_NUMBER.findall(text), _VLQ.parse_vlq(text), strict=True)
    return [-(2**31) if digits in _MINUS_ZERO else number for digits, number in numbers]


def decode_segments(mappings: str, sources: int, names: int) -> tuple[list[Segment], list[str]]:
    """Every segment, and a sentence for each kind of defect that was passed over.

    Raises MalformedArtifact if there are too many.
    """
    _check_size(mappings)
    segments = None if _UNUSUAL.search(mappings) else _decode_at_once(mappings, sources, names)
    if segments is not None:
        return segments, []
    walk = _Walk(sources, names)
    return list(walk.run(mappings)), list(walk.defects)


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


class _Walk(Struct):
    """Goes through mappings that break rules, segment by segment."""

    sources: int
    names: int
    defects: dict[str, None] = field(default_factory=dict)
    _state: list[int] = field(default_factory=lambda: [0] * 5)

    def run(self, mappings: str) -> Iterator[Segment]:
        """The segments up to the first that cannot be read; behind it nothing is known."""
        for line0, line in enumerate(mappings.split(";")):
            self._state[0] = 0
            for text in line.split(","):
                if not text:
                    continue
                numbers = decode_vlq(text)
                if numbers is None or len(numbers) not in (1, 4, 5):
                    yield from self._end(line0)
                    return
                yield from self._segment(line0, numbers)

    def _end(self, line0: int) -> Iterator[Segment]:
        """Keeps the segment before from answering for what follows."""
        self.defects["A segment that cannot be read ends the mappings."] = None
        if _fits(self._state[0] + 1):
            yield Segment(line0, self._state[0] + 1, None, 0, 0, None)

    def _segment(self, line0: int, numbers: list[int]) -> Iterator[Segment]:
        for at, delta in enumerate(numbers):
            self._state[at] += delta
        column0 = self._state[0]
        if not _fits(column0):
            self.defects["Segments with a generated column out of range were passed over."] = None
        elif len(numbers) == 1 or not self._has_source():
            yield Segment(line0, column0, None, 0, 0, None)
        else:
            _, source, source_line0, source_column0, _ = self._state
            yield Segment(line0, column0, source, source_line0, source_column0, self._name(len(numbers)))

    def _has_source(self) -> bool:
        _, source, source_line0, source_column0, _ = self._state
        if 0 <= source < self.sources and _fits(source_line0) and _fits(source_column0):
            return True
        self.defects["Segments with a source, line or column out of range were read as having none."] = None
        return False

    def _name(self, fields: int) -> int | None:
        if fields < 5:  # noqa: PLR2004 - the fifth field is the name
            return None
        if 0 <= self._state[4] < self.names:
            return self._state[4]
        self.defects["Segments with a name out of range were read as having none."] = None
        return None


def _fits(number: int) -> bool:
    return 0 <= number <= MAX_NUMBER
