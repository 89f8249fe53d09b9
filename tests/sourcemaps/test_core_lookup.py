"""Lookups of the core against a model that knows the answers because it wrote the map."""

import json
import random
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from symbolicator._core import SourceIndex

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
NONE = 0xFFFF_FFFF
LARGEST = 2**31 - 1

Answer = tuple[int, int, int, int]
"""Source, line0, column0, name; all NONE where there is no position."""
NOTHING: Answer = (NONE, NONE, NONE, NONE)
Segment = tuple[int, Answer]
"""Generated column0 and what is there."""
Lines = list[list[Segment]]


def vlq(number: int) -> str:
    rest, digits = (-number << 1) | 1 if number < 0 else number << 1, ""
    while True:
        rest, low = rest >> 5, rest & 31
        digits += DIGITS[low | (32 if rest else 0)]
        if not rest:
            return digits


def encode(lines: Lines) -> str:
    """The mappings of segments in the order given; columns may go back, other numbers are free anyway."""
    source = line = column = name = 0
    texts = []
    for segments in lines:
        generated, fields = 0, []
        for at, answer in segments:
            text, generated = vlq(at - generated), at
            if answer != NOTHING:
                text += vlq(answer[0] - source) + vlq(answer[1] - line) + vlq(answer[2] - column)
                source, line, column, _ = answer
                if answer[3] != NONE:
                    text += vlq(answer[3] - name)
                    name = answer[3]
            fields.append(text)
        texts.append(",".join(fields))
    return ";".join(texts)


def expected(lines: Lines, line0: int, column0: int) -> Answer:
    if line0 >= len(lines):
        return NOTHING
    segments = sorted(lines[line0], key=lambda segment: segment[0])
    behind = bisect_right([column for column, _ in segments], column0)
    return segments[behind - 1][1] if behind else NOTHING


def build(map_json: object, *, strict: bool = False) -> "SourceIndex":
    index, defects = _core.build_source_index(json.dumps(map_json).encode(), strict=strict)
    assert not defects
    opened: SourceIndex = _core.SourceIndex.from_bytes(index)
    return opened


def plain(lines: Lines, sources: int = 5, names: int = 5) -> dict[str, object]:
    return {
        "version": 3,
        "sources": [f"{i}.js" for i in range(sources)],
        "names": [f"n{i}" for i in range(names)],
        "mappings": encode(lines),
    }


def answers(index: "SourceIndex", positions: list[tuple[int, int]]) -> list[Answer]:
    words = memoryview(index.lookup(array("I", [number for pair in positions for number in pair]))).cast("I").tolist()
    return list(zip(words[::4], words[1::4], words[2::4], words[3::4], strict=True))


def telling_positions(lines: Lines) -> list[tuple[int, int]]:
    around = {
        (line0, max(0, column + step))
        for line0, segments in enumerate(lines)
        for column, _ in segments
        for step in (-1, 0, 1)
    }
    starts = {(line0, 0) for line0 in range(len(lines) + 2)}
    return sorted(around | starts | {(line0, LARGEST) for line0, _ in starts} | {(NONE, NONE), (LARGEST, 0)})


def check(index: "SourceIndex", lines: Lines) -> None:
    positions = telling_positions(lines)
    assert answers(index, positions) == [expected(lines, *position) for position in positions]
    assert index.token_count == sum(map(len, lines))


NUMBERS = st.integers(0, 40) | st.sampled_from([1_000, 70_000, 2**20, LARGEST])
NAMES = st.just(NONE) | st.integers(0, 4)
SEGMENTS = st.tuples(NUMBERS, st.just(NOTHING) | st.tuples(st.integers(0, 4), NUMBERS, NUMBERS, NAMES))
LINES = st.lists(st.lists(SEGMENTS, max_size=6), max_size=6)


@given(lines=LINES)
def test_lookups_match_the_model(lines: Lines) -> None:
    """Any map: sorted or not, with segments that mean nothing, with jumps over the whole range."""
    check(build(plain(lines), strict=True), lines)


@dataclass(frozen=True)
class Shape:
    """What a generated bundle looks like."""

    lines: int
    segments: int
    step: int
    jumps: float
    named: float
    unmapped: float


SHAPES = {
    "minified": Shape(lines=1, segments=4_000, step=12, jumps=0.01, named=0.4, unmapped=0.02),
    "readable": Shape(lines=900, segments=5, step=9, jumps=0.001, named=0.2, unmapped=0.0),
    "bytecode": Shape(lines=1, segments=3_000, step=300, jumps=0.1, named=0.0, unmapped=0.3),
    "wild": Shape(lines=40, segments=60, step=100_000, jumps=0.7, named=0.9, unmapped=0.1),
}


def bundle(shape: Shape, seed: int) -> Lines:
    choose = random.Random(seed)
    line = column = 0
    lines: Lines = []
    for _ in range(shape.lines):
        at, segments = 0, []
        for _ in range(choose.randint(0, 2 * shape.segments) if shape.lines > 1 else shape.segments):
            at += choose.randint(0, shape.step)
            if choose.random() < shape.jumps:
                line, column = choose.randint(0, 2**30), choose.randint(0, 2**30)
            line, column = max(0, line + choose.randint(-1, 2)), max(0, column + choose.randint(-20, 30))
            name = choose.randint(0, 199) if choose.random() < shape.named else NONE
            answer = (choose.randint(0, 49), line, column, name)
            segments.append((at, NOTHING if choose.random() < shape.unmapped else answer))
        lines.append(segments)
    return lines


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_bundles_of_every_shape(shape: str, seed: int) -> None:
    """Blocks, batches and splits of the index must not show: real maps have millions of segments."""
    lines = bundle(SHAPES[shape], seed)
    check(build(plain(lines, 50, 200), strict=True), lines)


@pytest.mark.parametrize("seed", range(3))
def test_one_segment_out_of_order_in_a_bundle(seed: int) -> None:
    """Concatenating tools produce it; every other answer must stay right, too."""
    lines = bundle(SHAPES["minified"], seed)
    segments = lines[0]
    choose = random.Random(seed)
    for _ in range(5):
        segments.insert(choose.randrange(len(segments)), segments.pop(choose.randrange(len(segments))))
    check(build(plain(lines, 50, 200), strict=True), lines)


@pytest.mark.parametrize("seed", range(4))
def test_sections_are_one_map(seed: int) -> None:
    """Bundles of bundles, as of Metro: offsets add up, and each section ends where the next begins."""
    choose = random.Random(seed)
    whole: Lines = []
    sections = []
    for number in range(30):
        lines = bundle(Shape(choose.randint(1, 4), 20, 5, 0.01, 0.3, 0.1), seed * 100 + number)
        line0, column0 = len(whole), choose.choice([0, 0, 7])
        section = {"offset": {"line": line0, "column": column0}, "map": plain(lines, 50, 200)}
        sections.append({"offset": {"line": line0, "column": 0}, "map": {"version": 3, "sections": [section]}})
        if column0 == 0:
            sections[-1] = section
        else:
            section["offset"] = {"line": 0, "column": column0}
        shift = [(column + column0, moved(answer, number)) for column, answer in lines[0]]
        whole += [shift, *([(at, moved(answer, number)) for at, answer in line] for line in lines[1:])]
    check(build({"version": 3, "sections": sections}), whole)


def moved(answer: Answer, section: int) -> Answer:
    if answer == NOTHING:
        return answer
    source, line, column, name = answer
    return source + 50 * section, line, column, name if name == NONE else name + 200 * section


def test_a_lookup_of_nothing_and_of_half_a_position() -> None:
    """Arrays come from callers: an odd number of integers is their mistake and is told."""
    index = build(plain([[(0, (0, 0, 0, NONE))]]))
    assert index.lookup(array("I")) == b""
    with pytest.raises(ValueError, match="multiple of 8"):
        index.lookup(array("I", [1]))
    with pytest.raises(IndexError):
        index.name(99)


TEXT_LINES = st.lists(st.text(alphabet="aé😀“\x0b ", max_size=20), min_size=1, max_size=60)
TERMINATORS = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\u2029"])


@given(texts=st.lists(TEXT_LINES, min_size=1, max_size=4), terminator=TERMINATORS, data=st.data())
def test_lines_of_sources_are_what_was_between_terminators(
    texts: list[list[str]], terminator: str, data: st.DataObject
) -> None:
    """The source context shown to a user is cut by the same rule that counted the lines."""
    contents = [terminator.join(lines) for lines in texts]
    smap = {"version": 3, "sources": [None] * len(texts), "sourcesContent": contents, "mappings": ""}
    index = build(smap, strict=True)
    source = data.draw(st.integers(0, len(texts) - 1))
    first, count = data.draw(st.integers(0, 70)), data.draw(st.integers(0, 20))
    assert index.source_text(source) == contents[source]
    assert index.source_lines(source, first, count) == texts[source][first : first + count]
