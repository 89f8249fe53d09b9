"""The reference backend serves users without a Rust toolchain and is the core's oracle: it must be right."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.backends.reference import BACKEND
from sourcemaps.protocol import OriginalPosition, SourceIndex
from symbolicator.errors import MalformedArtifact

LoadMap = Callable[..., SourceIndex]


def one(index: SourceIndex, line0: int, column0: int) -> OriginalPosition | None:
    [position] = index.original_positions([(line0, column0)])
    return position


def test_a_position_is_the_last_segment_at_or_before_it(load_map: LoadMap) -> None:
    """Every frame would be off by a token."""
    index = load_map(sources=["a.js"], names=["f"], mappings="AAAA,IAACA")
    assert one(index, 0, 3) == OriginalPosition(0, 0, 0, None)
    assert one(index, 0, 4) == OriginalPosition(0, 0, 1, "f")
    assert one(index, 0, 4711) == OriginalPosition(0, 0, 1, "f")


def test_a_lookup_never_crosses_a_line(load_map: LoadMap) -> None:
    """A frame before a line's first segment would get the file and line of unrelated code."""
    index = load_map(sources=["a.js"], mappings="AAAA;IACA")
    assert one(index, 1, 3) is None
    assert one(index, 1, 4) == OriginalPosition(0, 1, 0, None)
    assert one(index, 7, 0) is None


def test_a_line_keeps_its_first_segment_though_it_repeats_the_last_position(load_map: LoadMap) -> None:
    """Multi-line templates would lose all their lines but the first."""
    index = load_map(sources=["a.js"], mappings="AAAA;AAAA")
    assert one(index, 1, 0) == OriginalPosition(0, 0, 0, None)


def test_a_segment_without_source_ends_what_was_before_it(load_map: LoadMap) -> None:
    """A bundler's own code would pass for the user's code in front of it."""
    index = load_map(sources=["a.js"], mappings="AAAA,E")
    assert one(index, 0, 1) is not None
    assert one(index, 0, 2) is None


def test_segments_out_of_order_are_found_all_the_same(load_map: LoadMap) -> None:
    """Generators may emit a line's segments in any order."""
    index = load_map(sources=["a.js"], mappings="IAAA,FAAC")
    assert one(index, 0, 2) == OriginalPosition(0, 0, 1, None)
    assert one(index, 0, 4) == OriginalPosition(0, 0, 0, None)


def test_sections_nest_and_only_their_first_line_is_shifted(load_map: LoadMap) -> None:
    """Metro's RAM bundles nest sections three deep."""
    inner = {"version": 3, "sources": ["c.js"], "names": ["n"], "mappings": "AAAAA;AACA"}
    middle = {"version": 3, "sections": [{"offset": {"line": 0, "column": 5}, "map": inner}]}
    first = {"version": 3, "sources": ["a.js", "b.js"], "names": [], "mappings": "ACAA"}
    index = load_map(
        sections=[
            {"offset": {"line": 0, "column": 0}, "map": first},
            {"offset": {"line": 2, "column": 10}, "map": middle},
        ],
        mappings="AAAA",
    )
    assert one(index, 0, 0) == OriginalPosition(1, 0, 0, None)
    assert one(index, 2, 14) is None
    assert one(index, 2, 15) == OriginalPosition(2, 0, 0, "n")
    assert one(index, 3, 0) == OriginalPosition(2, 1, 0, None)
    assert [index.source_name(source) for source in range(3)] == ["a.js", "b.js", "c.js"]
    assert index.defects == ("`mappings` beside `sections` were passed over.",)


def test_a_section_ends_where_the_next_one_begins(load_map: LoadMap) -> None:
    """Overlapping sections would answer with the wrong file."""
    sections = [
        {"offset": {"line": 0, "column": column}, "map": {"version": 3, "sources": [name], "mappings": "AAAA,UAAA"}}
        for column, name in ((5, "b.js"), (0, "a.js"))
    ]
    index = load_map(sections=sections)
    assert one(index, 0, 12) == OriginalPosition(1, 0, 0, None)
    assert one(index, 0, 4) == OriginalPosition(0, 0, 0, None)
    assert index.source_name(1) == "b.js"
    assert {"Sections out of order were sorted.", "A section that reaches into the next one was cut off there."} <= {
        *index.defects
    }


@pytest.mark.parametrize(
    ("root", "source", "expected"),
    [
        ("theroot", "a.js", "theroot/a.js"),
        ("theroot/", "a.js", "theroot/a.js"),
        ("", "a.js", "a.js"),
        (None, "a.js", "a.js"),
        (12, "a.js", "a.js"),
        ("root", "https://cdn.example/a.js", "https://cdn.example/a.js"),
        ("root", "webpack:///a.js", "webpack:///a.js"),
        ("https://host/x/", "/a.js", "https://host/a.js"),
        ("root", None, None),
        ("root", 7, None),
    ],
)
def test_source_root_goes_in_front(load_map: LoadMap, root: object, source: object, expected: str | None) -> None:
    """Files would be shown, and looked for, in the wrong folder."""
    assert load_map(sources=[source], sourceRoot=root).source_name(0) == expected


def test_null_sources_have_positions_but_no_name(load_map: LoadMap) -> None:
    """A null must not become a file called "None" or shift the ids of the others."""
    index = load_map(sources=[None, "b.js"], sourcesContent=[None, "x\ny"], mappings="AAAA,CCAA")
    assert one(index, 0, 0) == OriginalPosition(0, 0, 0, None)
    assert (index.source_name(0), index.source_text(0), index.source_lines(0, 0, 5)) == (None, None, None)
    assert index.source_lines(1, 1, 5) == ["y"]


def test_lines_end_as_ecmascript_says(load_map: LoadMap) -> None:
    """The context would drift by a line for every exotic line end."""
    index = load_map(sources=["a.js"], sourcesContent=["1\r\n2\r3\n4\u20285\u20296"])
    assert index.source_lines(0, 0, 10) == ["1", "2", "3", "4", "5", "6"]
    assert index.source_lines(0, 4, 1) == ["5"]
    assert index.source_lines(0, 9, 1) == []


@pytest.mark.parametrize("key", ["ignoreList", "x_google_ignoreList"])
def test_ignored_sources_are_known(load_map: LoadMap, key: str) -> None:
    """Framework code would be shown as the user's own."""
    index = load_map(sources=["a.js", "b.js"], **{key: [1, 99, "x"]})
    assert [index.source_ignored(source) for source in (0, 1)] == [False, True]


def test_the_older_debug_id_wins(load_map: LoadMap) -> None:
    """Tools inject ``debug_id`` last; with the other one an uploaded map is never found."""
    index = load_map(debugId="11111111-1111-1111-1111-111111111111", debug_id="ABCDEF00ABCDEF00ABCDEF00ABCDEF00")
    assert index.debug_id == "abcdef00-abcd-ef00-abcd-ef00abcdef00"
    assert load_map(debug_id="nonsense", debugId="abc").debug_id is None


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b")]}'\n", b")]}', for (;;)\r\n", b"\xef\xbb\xbf)]}'\n"])
def test_marks_in_front_of_the_json_are_skipped(load_map: LoadMap, prefix: bytes) -> None:
    """Servers put them there against script inclusion; maps saved from a browser have them."""
    assert one(load_map(prefix + rb'{"version":3,"sources":["a"],"names":[],"mappings":"A\u0041AA"}'), 0, 0)


def test_escaped_slashes_in_mappings_are_digits(load_map: LoadMap) -> None:
    """Hermesc escapes them, and every delta behind the first would be lost."""
    index = load_map(rb'{"version":3,"sources":["a"],"mappings":"+\/\/\/\/\/DA+\/\/\/\/\/DA"}')
    assert one(index, 0, 2**31 - 1) == OriginalPosition(0, 2**31 - 1, 0, None)


def test_lone_surrogates_do_not_get_out(load_map: LoadMap) -> None:
    """The result could not be written as JSON."""
    index = load_map(rb'{"version":3,"sources":["a\ud800"],"names":["\udc00n"],"mappings":"AAAAA"}')
    position = one(index, 0, 0)
    assert (index.source_name(0), position and position.name) == ("a\ufffd", "\ufffdn")


def test_function_maps_of_metro_name_the_function_around_a_position(load_map: LoadMap) -> None:
    """React Native traces would show Hermes' one-letter names."""
    functions = [{"names": ["<global>", "total", "inner"], "mappings": "AAA;ECC;ICC,QD;GDC"}]
    index = load_map(sources=["a.js", "b.js"], x_facebook_sources=[functions, None])
    found = [
        index.function_at(0, line0, column0) for line0, column0 in ((0, 5), (1, 1), (1, 2), (2, 4), (2, 12), (3, 9))
    ]
    assert found == ["<global>", "<global>", "total", "inner", "total", "<global>"]
    assert index.function_at(1, 0, 0) is None


@pytest.mark.parametrize(
    ("mappings", "defect", "kept"),
    [
        ("AAAA,AA,EAAC", "cannot be read", 0),
        ("AAAA,!,EAAC", "cannot be read", 0),
        ("AAAA,g,EAAC", "cannot be read", 0),
        ("AAAA,gggggggB,EAAC", "cannot be read", 0),
        ("AAAA,ECAA,EDAC", "out of range", 1),
        ("AAAA,EAAAE,EAAC", "out of range", 1),
        ("AAAA,FAAA,IAAC", "out of range", 1),
    ],
)
def test_what_is_good_in_a_bad_map_is_used(load_map: LoadMap, mappings: str, defect: str, kept: int) -> None:
    """One bad segment among millions would cost the whole trace; a wrong one would mislead."""
    index = load_map(sources=["a.js"], names=["n"], mappings=mappings)
    assert one(index, 0, 0) == OriginalPosition(0, 0, 0, None)
    assert defect in " ".join(index.defects)
    assert (one(index, 0, 4) is not None) == bool(kept)


def test_zero_digits_cost_nothing_and_minus_zero_is_the_least_number(load_map: LoadMap) -> None:
    """A map may pad its numbers (the standard's own tests do), and a megabyte of padding must not hang."""
    index = load_map(sources=["a.js"], mappings="i" + "g" * 1_000_000 + "AAAA")
    assert one(index, 0, 1) == OriginalPosition(0, 0, 0, None)
    assert one(load_map(sources=["a.js"], mappings="BAAA"), 0, 0) is None


def test_digits_without_end_do_not_hang(load_map: LoadMap) -> None:
    """One number of a million digits is a megabyte of arithmetic for each further digit."""
    assert load_map(sources=["a.js"], mappings="/" * 1_000_000).defects


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no valid JSON"),
        (b"not json", "no valid JSON"),
        (b'{"version":3,"mappings":"AAAA"', "no valid JSON"),
        (b"[" * 100_000, "no valid JSON"),
        (b"[]", "a JSON object is expected"),
        (b'{"version":3}', "neither `mappings` nor `sections`"),
        (b'{"version":3,"mappings":"' + b";" * 2_100_000 + b'"}', "install the compiled core"),
        (b'{"version":3,"mappings":"","sections":[' + b"0," * 140_000 + b"0]}", "sections"),
        (b'{"version":3,"mappings":"","x":[' + b"0," * 16_000_000 + b"0]}", "install the compiled core"),
    ],
)
def test_what_is_no_map_is_refused_with_a_reason(load_map: LoadMap, data: bytes, reason: str) -> None:
    """A user would see a traceback, or nothing, instead of what to do."""
    with pytest.raises(MalformedArtifact, match=reason):
        load_map(data)


def test_a_long_root_in_front_of_many_sources_takes_no_multiple_of_the_map(load_map: LoadMap) -> None:
    """A map of 2 MB would take gigabytes."""
    index = load_map(sources=["a.js"] * 10_000, sourceRoot="r" * 1_000_000)
    assert index.source_name(0) == "a.js"


def test_the_summary_says_what_the_map_has(fixtures: Path) -> None:
    """``inspect`` would tell nonsense, and uploads would be filed under the wrong id."""
    summary = BACKEND.summarize((fixtures / "js-webpack/dist/app.3f9c.min.js.map").read_bytes())
    assert (summary.file, summary.debug_id) == ("app.3f9c.min.js", "179168d4-a5ab-46fb-80b1-0b285238bb6f")
    assert (len(summary.sources), summary.sources_with_content, summary.names, summary.sections) == (5, 5, 55, 0)


def conformance_suite() -> Path:
    folder = os.environ.get("SYMBOLICATOR_CONFORMANCE")
    if not folder:
        pytest.skip("SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests")
    return Path(folder) / "source-map-tests"


def test_the_standards_own_mappings_come_out_right(load_map: LoadMap) -> None:
    """Whatever the standard's suite checks for valid maps, users meet."""
    suite = conformance_suite()
    failures = []
    for test in json.loads((suite / "source-map-spec-tests.json").read_text())["tests"]:
        checks = [check for check in test.get("testActions", []) if check["actionType"] == "checkMapping"]
        if not test["sourceMapIsValid"] or not checks:
            continue
        index = load_map((suite / "resources" / test["sourceMapFile"]).read_bytes())
        failures += [(test["name"], check) for check in checks if not _agrees(index, check)]
    assert not failures


def _agrees(index: SourceIndex, check: dict[str, Any]) -> bool:
    position = one(index, check["generatedLine"], check["generatedColumn"])
    if position is None:
        return check["originalSource"] is None
    found = (index.source_name(position.source), position.line0, position.column0, position.name)
    return found == (
        check["originalSource"],
        check["originalLine"],
        check["originalColumn"],
        check["mappedName"],
    )


def test_function_maps_are_read_as_far_as_they_make_sense(load_map: LoadMap) -> None:
    """Damaged metadata must not cost the positions."""
    for mappings in ("", "A", "AAA,!", "AAA,DA", "AAA,AC", "AAA;AAD", "AAA,AAAA"):
        index = load_map(sources=["a.js"], x_facebook_sources=[[{"names": ["f"], "mappings": mappings}]])
        assert index.function_at(0, 0, 0) in ("f", None)
    for entry in (
        "x",
        [],
        [None],
        [3],
        {"names": ["f"]},
        [{"names": "f", "mappings": 3}],
        [{"names": [3], "mappings": "AAA"}],
    ):
        assert not load_map(sources=["a.js"], x_facebook_sources=[entry]).function_at(0, 0, 0)
