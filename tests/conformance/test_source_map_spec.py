"""The standard's own tests of source maps (github.com/tc39/source-map-tests), against the core in strict mode.

``SYMBOLICATOR_CONFORMANCE`` names the folder that holds ``source-map-tests``.
"""

import json
import os
import re
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from symbolicator._core import SourceIndex

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

FOLDER = os.environ.get("SYMBOLICATOR_CONFORMANCE", "")
SUITE = Path(FOLDER) / "source-map-tests"
NOT_HERE = "SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests"

KNOWN_FAILURES: dict[str, str] = {}
"""Tests of the suite that do not pass, with the reason: a test that passes although it is listed here is an error."""

NONE = 0xFFFF_FFFF
Place = tuple[str | None, int, int, str | None]
"""Source, line0, column0, name."""


def suite() -> list[dict[str, Any]]:
    if not FOLDER:
        return []
    tests: list[dict[str, Any]] = json.loads((SUITE / "source-map-spec-tests.json").read_bytes())["tests"]
    return tests


def parameters() -> Iterator[Any]:
    if not FOLDER:
        yield pytest.param({}, marks=pytest.mark.skip(reason=NOT_HERE), id="all")
    for test in suite():
        reason = KNOWN_FAILURES.get(test["name"])
        marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        yield pytest.param(test, marks=marks, id=test["name"])


def open_strictly(name: str) -> "SourceIndex":
    index, defects = _core.build_source_index((SUITE / "resources" / name).read_bytes(), strict=True)
    assert not defects
    opened: SourceIndex = _core.SourceIndex.from_bytes(index)
    return opened


def look_up(index: "SourceIndex", line0: int, column0: int) -> Place | None:
    source, line, column, name = memoryview(index.lookup(array("I", [line0, column0]))).cast("I")
    if source == NONE:
        return None
    return index.source_name(source), line, column, None if name == NONE else index.name(name)


def look_up_through(indexes: Sequence["SourceIndex"], line0: int, column0: int) -> Place | None:
    """Follows a position from one map to the next, as for a bundle of bundles."""
    place: Place | None = (None, line0, column0, None)
    for index in indexes:
        place = place and look_up(index, place[1], place[2])
    return place


def check_mapping(index: "SourceIndex", action: dict[str, Any]) -> None:
    further = [open_strictly(name) for name in action.get("intermediateMaps", ())]
    found = look_up_through([index, *further], action["generatedLine"], action["generatedColumn"])
    if action["originalLine"] is None:
        assert found is None
    else:
        fields = ("originalSource", "originalLine", "originalColumn", "mappedName")
        assert found == tuple(action[field] for field in fields)


def check_ignore_list(index: "SourceIndex", action: dict[str, Any]) -> None:
    sources = range(index.source_count)
    assert {index.source_name(source) for source in sources if index.source_ignored(source)} == set(action["present"])


ACTIONS = {
    "checkMapping": check_mapping,
    "checkMappingTransitive": check_mapping,
    "checkIgnoreList": check_ignore_list,
}


@pytest.mark.parametrize("test", list(parameters()))
def test_of_the_standard(test: dict[str, Any]) -> None:
    """A map that conforms is read, and read right; a map that breaks a rule is refused by who asks for strictness."""
    if not test["sourceMapIsValid"]:
        with pytest.raises(_core.SourceMapError, match=r"breaks ECMA-426|not a source map"):
            open_strictly(test["sourceMapFile"])
        return
    index = open_strictly(test["sourceMapFile"])
    for action in test.get("testActions", ()):
        ACTIONS[action["actionType"]](index, action)


@pytest.mark.skipif(not FOLDER, reason=NOT_HERE)
def test_the_suite_is_the_one_that_was_counted() -> None:
    """A suite that shrank, or gained kinds of checks that nobody performs, would pass unnoticed."""
    valid = [test for test in suite() if test["sourceMapIsValid"]]
    actions = [action["actionType"] for test in valid for action in test.get("testActions", ())]
    assert (len(valid), len(suite()) - len(valid)) >= (32, 67)
    counts = {kind: actions.count(kind) for kind in ACTIONS}
    assert counts == {"checkMapping": 77, "checkMappingTransitive": 16, "checkIgnoreList": 1}
    assert not set(actions) - ACTIONS.keys()
    assert not KNOWN_FAILURES.keys() - {test["name"] for test in suite()}


def goldens() -> Iterator[Any]:
    if not FOLDER:
        yield pytest.param(Path(), marks=pytest.mark.skip(reason=NOT_HERE), id="all")
    for path in sorted((SUITE / "decoding" / "debug-id").glob("*.map")) if FOLDER else ():
        yield pytest.param(path, id=path.stem)


def without_trailing_commas(text: str) -> str:
    """Some golden files, and maps, of the suite are JSON but for these."""
    return re.sub(r",(\s*[}\]])", r"\1", text)


@pytest.mark.parametrize("path", list(goldens()))
def test_debug_ids(path: Path) -> None:
    """The debug id ties a frame to its map: the outermost one counts, and one that is no UUID is none."""
    golden = json.loads(without_trailing_commas(path.with_suffix(".map.golden").read_text()))
    data = path.read_bytes()
    built, defects = _core.build_source_index(data)
    index, summary = _core.SourceIndex.from_bytes(built), _core.summarize_source_map(data)
    assert (index.file, index.debug_id) == (golden["file"], golden.get("debugId"))
    assert (summary.file, summary.debug_id) == (golden["file"], golden.get("debugId"))
    assert (index.source_count, index.token_count) == (len(golden["sources"]), len(golden["mappings"]))
    assert any("debugId" in defect for defect in defects) == path.with_suffix(".error").exists()


@pytest.mark.parametrize("test", list(parameters()))
def test_lenient_reading_takes_what_strict_refuses(test: dict[str, Any]) -> None:
    """Resolving must go on with a bad map: it says what is wrong and uses the rest."""
    data = (SUITE / "resources" / test["sourceMapFile"]).read_bytes()
    if test["name"] == "mappingsMissing":  # nothing is left to be read
        with pytest.raises(_core.SourceMapError):
            _core.build_source_index(data)
        return
    built, defects = _core.build_source_index(data)
    assert bool(defects) != test["sourceMapIsValid"]
    assert _core.SourceIndex.from_bytes(built).defects == defects
    assert all(defect.endswith(".") and len(defect) > 20 for defect in defects)
