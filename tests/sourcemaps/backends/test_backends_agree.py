"""The core against the reference: with or without a Rust toolchain users get the same frames.

Where they may differ: text that is no JSON, where the core uses what stands before the break and the reference refuses
the map; and columns left of their own section, which the reference drops as the standard says and the core adds to the
section's column. No tool writes those.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcemaps.backends.reference import BACKEND as REFERENCE
from sourcemaps.protocol import SourceIndex, SourceMapBackend
from symbolicator.errors import MalformedArtifact
from symbolicator.store import BytesBlob, FolderCache

Compare = Callable[[bytes], None]
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@pytest.fixture
def core() -> SourceMapBackend:
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to compare with")
    from sourcemaps.backends.core import BACKEND  # noqa: PLC0415 - only there if the core is

    backend: SourceMapBackend = BACKEND
    return backend


@pytest.fixture
def compare(core: SourceMapBackend, tmp_path: Path) -> Compare:
    """Says that both give the same answers for the bytes of a map, or that both refuse it."""
    cache = FolderCache(tmp_path)

    def load(backend: SourceMapBackend, data: bytes) -> SourceIndex | None:
        try:
            return backend.load(BytesBlob("test.map", data), cache)
        except MalformedArtifact:
            return None

    def agree(data: bytes) -> None:
        fast, slow = load(core, data), load(REFERENCE, data)
        if slow is None:
            assert fast is None or not is_json(data)
            return
        assert fast is not None
        assert core.summarize(data) == REFERENCE.summarize(data)
        assert fast.debug_id == slow.debug_id
        positions = telling_positions(slow)
        found, expected = fast.original_positions(positions), slow.original_positions(positions)
        differing = [
            (where, left, right) for where, left, right in zip(positions, found, expected, strict=True) if left != right
        ]
        assert not differing[:5]
        assert fast.scope_frames(positions) == slow.scope_frames(positions)
        same_sources(
            fast, slow, [position for position in expected if position], len(REFERENCE.summarize(data).sources)
        )

    return agree


def is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def telling_positions(index: Any) -> list[tuple[int, int]]:
    """Around every segment, on lines without any, and far outside."""
    around = {
        (line0, max(0, segment.column0 + step))
        for line0, segments in index._lines.items()
        for segment in segments
        for step in (-1, 0, 1)
    }
    lines = {line0 for line0, _ in around} | {0}
    empty = {(line0 + 1, column0) for line0 in lines for column0 in (0, 2**20)}
    return sorted(around | empty | {(2**32 - 2, 2**32 - 2), (2**31, 5)})


def same_sources(fast: SourceIndex, slow: SourceIndex, positions: list[Any], sources: int) -> None:
    for source in range(sources):
        assert fast.source_name(source) == slow.source_name(source)
        assert fast.source_ignored(source) == slow.source_ignored(source)
        assert fast.source_text(source) == slow.source_text(source)
        for first_line0, count in ((0, 3), (2, 11), (10_000, 1), (0, 10_000)):
            assert fast.source_lines(source, first_line0, count) == slow.source_lines(source, first_line0, count)
    for position in set(positions):
        place = (position.source, position.line0, position.column0)
        assert fast.function_at(*place) == slow.function_at(*place)


def test_they_agree_on_every_segment_of_the_fixtures(compare: Compare, fixtures: Path) -> None:
    """These are maps of the bundlers that people use."""
    maps = sorted(fixtures.rglob("*.map"))
    assert maps
    for path in maps:
        compare(path.read_bytes())


def test_they_agree_on_the_standards_own_maps(compare: Compare) -> None:
    """Valid ones and broken ones: what is passed over must be the same."""
    folder = os.environ.get("SYMBOLICATOR_CONFORMANCE")
    if not folder:
        pytest.skip("SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests")
    for path in sorted((Path(folder) / "source-map-tests" / "resources").glob("*.map")):
        compare(path.read_bytes())


def encode_vlq(number: int) -> str:
    rest, digits = (-number << 1) | 1 if number < 0 else number << 1, ""
    while True:
        rest, low = rest >> 5, rest & 31
        digits += DIGITS[low | (32 if rest else 0)]
        if not rest:
            return digits


DELTAS = st.integers(-3, 12) | st.sampled_from([-40, 100, 2**31 - 1, -(2**31) + 1])
FORWARD = st.integers(0, 12) | st.sampled_from([100, 2**31 - 1])
ODD = st.sampled_from(["!", "g", "AAAA=", "ggggggE", "igggA", "Ä", " "])
MINUS_ZERO = st.sampled_from(["B", "hA", "hgggA"])


def mappings(columns: st.SearchStrategy[int], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lines of segments, most of them sound, whose generated columns move by ``columns``."""
    segments = st.one_of(
        st.tuples(columns),
        st.tuples(columns, st.integers(-1, 1), st.integers(-2, 3), st.integers(-3, 9)),
        st.tuples(columns, st.integers(0, 1), st.integers(0, 3), DELTAS, st.integers(-1, 2)),
        st.tuples(columns, DELTAS, DELTAS),
        st.just(()),
    ).map(lambda deltas: "".join(encode_vlq(delta) for delta in deltas))
    return st.lists(st.lists(segments | odd, max_size=6).map(",".join), max_size=5).map(";".join)


SOURCES = st.lists(
    st.none()
    | st.sampled_from(["a.js", "/b.js", "https://x/c.js", "", "C:\\d.js", "é😀", "\ud800"])
    | st.integers(0, 1),
    max_size=4,
)
TEXTS = st.lists(st.none() | st.text(alphabet="a😀\n\r\u2028\u2029\x0b\x85", max_size=12), max_size=5)
FUNCTION_MAPS = st.lists(
    st.none()
    | st.fixed_dictionaries(
        {
            "names": st.lists(st.sampled_from(["f", "g", 3]), max_size=3),
            "mappings": st.sampled_from(["AAA;ECC", "AAA,IDD", "A"]),
        }
    ).map(lambda entry: [entry, None]),
    max_size=4,
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "names": st.lists(st.sampled_from(["n", "é", "", None, 4]), max_size=3),
    "sourcesContent": TEXTS,
    "sourceRoot": st.sampled_from(["", "r", "r/", "https://h/r", None, 3]),
    "ignoreList": st.lists(st.integers(-1, 4), max_size=3),
    "x_google_ignoreList": st.lists(st.integers(0, 4), max_size=3),
    "x_facebook_sources": FUNCTION_MAPS,
    "debugId": st.sampled_from(["85314830-023f-4cf1-a267-535f4e37bb17", "x", None]),
    "debug_id": st.sampled_from(["85314830023F4CF1A267535F4E37BB18", "x", 3]),
    "file": st.sampled_from(["a.js", None, 3]),
    "scopes": st.sampled_from(
        ["BFAAA,CKA,EGAA,FK", "BEAAA,BFAAA,CCA,CKA,ECAA,EAAA,IAAA,FC,FI", ["BFAAA,CKA", None], "A,B"]
    ),
}


def plain(columns: st.SearchStrategy[int], odd: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    required = {"version": st.just(3), "mappings": mappings(columns, odd), "sources": SOURCES}
    return st.fixed_dictionaries(required, optional=FIELDS)


OFFSETS = st.fixed_dictionaries({}, optional={"line": st.integers(-1, 6), "column": st.integers(-1, 20)})


def sectioned(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    section = st.fixed_dictionaries({}, optional={"offset": OFFSETS, "map": inner})
    return st.fixed_dictionaries({"version": st.just(3), "sections": st.lists(section | st.none(), max_size=4)})


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(smap=plain(DELTAS, ODD | MINUS_ZERO) | st.recursive(plain(FORWARD, ODD), sectioned, max_leaves=6))
def test_they_agree_on_any_map(compare: Compare, smap: Any) -> None:
    """Good maps, bad maps, nested maps: the answer must not depend on what is installed."""
    compare(json.dumps(smap).encode())
