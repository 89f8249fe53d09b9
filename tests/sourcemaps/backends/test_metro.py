"""Segments, RAM bundles and Hermes functions: what Metro adds to a map, in both backends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcemaps.backends.reference import BACKEND as REFERENCE
from sourcemaps.protocol import SourceIndex, SourceMapBackend
from symbolicator.store import BytesBlob, FolderCache

Load = Callable[..., SourceIndex]
SLOT = 1 << 24


@pytest.fixture(params=["core", "reference"])
def backend(request: pytest.FixtureRequest) -> SourceMapBackend:
    if request.param == "reference":
        return REFERENCE
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")
    from sourcemaps.backends.core import BACKEND  # noqa: PLC0415 - only there if the core is

    return BACKEND


@pytest.fixture
def load(backend: SourceMapBackend, tmp_path: Path) -> Load:
    def load(**fields: Any) -> SourceIndex:
        whole = a_map() | fields
        return backend.load(BytesBlob("test.map", json.dumps(whole).encode()), FolderCache(tmp_path))

    return load


def a_map(mappings: str = "AAAA", source: str = "main.js", **fields: Any) -> dict[str, Any]:
    return {"version": 3, "sources": [source], "names": [], "mappings": mappings} | fields


def test_a_segment_is_found_behind_the_bundle(load: Load) -> None:
    """A frame of seg-2.js would be looked up in the main bundle and land in some other module."""
    segments = {"2": a_map("AAAA;EACE", "two.js"), "1": a_map("AACA", "one.js")}
    index = load(x_facebook_segments=segments)
    assert [index.segment_line0(segment) for segment in (0, 1, 2, 3)] == [0, SLOT, 2 * SLOT, None]
    main, one, two, behind = index.original_positions([(0, 5), (SLOT, 0), (2 * SLOT + 1, 3), (2 * SLOT + 2, 0)])
    assert main is not None and one is not None and two is not None and behind is None  # noqa: PT018 - for the types
    assert [index.source_name(found.source) for found in (main, one, two)] == ["main.js", "one.js", "two.js"]
    assert [(found.line0, found.column0) for found in (main, one, two)] == [(0, 0), (1, 0), (1, 2)]
    assert not index.defects


def test_a_segment_may_be_an_indexed_map(load: Load, backend: SourceMapBackend) -> None:
    """RAM bundles nest: a segment has sections, and its modules start at lines of their own."""
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": a_map(source="a.js")},
        {"offset": {"line": 3, "column": 0}, "map": a_map(source="b.js")},
    ]
    segment = {"version": 3, "sections": sections, "x_facebook_offsets": [0, None, 3]}
    index = load(x_facebook_offsets=[0, 7], x_facebook_segments={"5": segment})
    assert [index.module_line0(0, module) for module in (0, 1, 2)] == [0, 7, None]
    assert [index.module_line0(5, module) for module in (0, 1, 2, 3)] == [SLOT, None, SLOT + 3, None]
    assert index.module_line0(1, 0) is None
    [found] = index.original_positions([(SLOT + 3, 9)])
    assert found is not None
    assert index.source_name(found.source) == "b.js"
    whole = a_map(x_facebook_segments={"5": segment})
    assert backend.summarize(json.dumps(whole).encode()).sources == ("main.js", "a.js", "b.js")


def test_functions_of_bytecode_have_offsets(load: Load) -> None:
    """Crash reports of Hermes name functions by number and count bytes inside of them."""
    segment = a_map(x_hermes_function_offsets={"0": [0, 11], "4": [5]})
    index = load(x_hermes_function_offsets={"0": [0, 48, 96], "3": [1], "4": [2]}, x_facebook_segments={"4": segment})
    asked = [(0, 2), (0, 3), (3, 0), (4, 0), (4, 1), (9, 0), (-1, 0), (2**40, 0)]
    assert [index.function_offset(*place) for place in asked] == [96, None, 1, 5, None, None, None, None]


def test_one_bad_segment_costs_only_itself(load: Load) -> None:
    """A bundle must stay readable when one of its segments is damaged, and say what was wrong."""
    index = load(x_facebook_segments={"1": 5, "two": a_map(), "0": a_map(), "3": a_map(source="three.js")})
    assert [index.segment_line0(segment) for segment in (1, 3)] == [None, SLOT]
    assert len(index.defects) >= 2


def test_there_are_lines_for_a_bounded_number_of_segments(load: Load) -> None:
    """Lines are 32 bits: segments beyond them are left out and said, not put on top of others."""
    index = load(x_facebook_segments={str(number): a_map() for number in range(1, 300)})
    assert (index.segment_line0(254), index.segment_line0(255)) == (254 * SLOT, None)
    assert index.defects


NUMBERS = st.integers(-1, 9) | st.sampled_from([2**24, 2**32, None, "3", 2.5])
KEYS = st.sampled_from(["0", "1", "2", "7", "01", "x", "-1", "", "4294967295", "99999999999"])
INNER = st.fixed_dictionaries(
    {},
    optional={
        "version": st.just(3),
        "sources": st.just(["s.js"]),
        "mappings": st.sampled_from(["AAAA;AACA", "", "!"]),
        "x_facebook_offsets": st.lists(NUMBERS, max_size=4) | st.integers(),
        "x_hermes_function_offsets": st.dictionaries(KEYS, st.lists(NUMBERS, max_size=3) | st.none(), max_size=3),
    },
)
FIELDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "x_facebook_offsets": st.lists(NUMBERS, max_size=4) | st.integers(),
        "x_facebook_segments": st.dictionaries(KEYS, INNER | st.integers() | st.just([]), max_size=4) | st.integers(),
        "x_hermes_function_offsets": st.dictionaries(KEYS, st.lists(NUMBERS, max_size=3) | st.none(), max_size=3),
    },
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=FIELDS)
def test_the_backends_agree(tmp_path: Path, fields: dict[str, Any]) -> None:
    """What is installed must not decide where a segment or module starts."""
    pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to compare with")
    from sourcemaps.backends.core import BACKEND as CORE  # noqa: PLC0415 - only there if the core is

    data = json.dumps(a_map() | fields).encode()
    blob = BytesBlob("test.map", data)
    fast, slow = CORE.load(blob, FolderCache(tmp_path)), REFERENCE.load(blob, FolderCache(tmp_path))
    assert CORE.summarize(data) == REFERENCE.summarize(data)
    numbers = (0, 1, 2, 3, 7, 2**32 - 1, 2**33)
    for first in numbers:
        assert fast.segment_line0(first) == slow.segment_line0(first)
        for second in numbers:
            assert fast.module_line0(first, second) == slow.module_line0(first, second)
            assert fast.function_offset(first, second) == slow.function_offset(first, second)
    positions = [(slot * SLOT + line0, column0) for slot in range(6) for line0 in (0, 1, 2) for column0 in (0, 4)]
    assert fast.original_positions(positions) == slow.original_positions(positions)
