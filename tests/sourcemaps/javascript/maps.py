"""Writes source maps by hand: segments in, JSON out."""

import json
from collections.abc import Iterable
from typing import TypeAlias

Segment: TypeAlias = tuple[int, int, int, int, int] | tuple[int, int, int, int, int, int]
"""Generated line0 and column0, source, original line0 and column0, and a name if there is one."""

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def mappings(segments: Iterable[Segment]) -> str:
    """The segments as ``mappings`` (ECMA-426, "Mappings structure")."""
    lines: list[list[str]] = []
    before = [0, 0, 0, 0, 0]
    for line0, *fields in sorted(segments):
        while len(lines) <= line0:
            lines.append([])
            before[0] = 0
        lines[-1].append("".join(_vlq(new - old) for new, old in zip(fields, before, strict=False)))
        before[: len(fields)] = fields
    return ";".join(",".join(line) for line in lines)


def _vlq(value: int) -> str:
    rest = abs(value) << 1 | (value < 0)
    text = ""
    while True:
        rest, digit = rest >> 5, rest & 31
        text += _DIGITS[digit | (32 if rest else 0)]
        if not rest:
            return text


def source_map(sources: list[str], segments: Iterable[Segment], /, **fields: object) -> bytes:
    """A source map."""
    smap = {"version": 3, "sources": sources, "names": [], "mappings": mappings(segments)}
    return json.dumps(smap | fields).encode()
