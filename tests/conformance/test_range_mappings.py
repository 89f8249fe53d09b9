"""The standard's own tests of range mappings, a proposal that has to be switched on (``SYMBOLICATOR_CONFORMANCE``).

These tests number the segments of a line from 1, as the proposal did until April 2026.
"""

import json
import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.backends.reference import BACKEND as REFERENCE
from symbolicator.store import BytesBlob, FolderCache

FOLDER = os.environ.get("SYMBOLICATOR_CONFORMANCE", "")
SUITE = Path(FOLDER) / "source-map-tests"
NOT_HERE = "SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests"
NONE = 0xFFFF_FFFF


def suite() -> dict[str, Any]:
    if not FOLDER:
        return {"tests": []}
    tests: dict[str, Any] = json.loads((SUITE / "range-mappings-proposal-tests.json").read_bytes())
    return tests


def parameters() -> Iterator[Any]:
    if not FOLDER:
        yield pytest.param({}, marks=pytest.mark.skip(reason=NOT_HERE), id="all")
    for test in suite()["tests"]:
        yield pytest.param(test, id=test["name"])


def data_of(test: dict[str, Any]) -> bytes:
    folder: str = suite()["resourceBasePath"]
    return (SUITE / "resources" / folder / test["sourceMapFile"]).read_bytes()


@pytest.mark.parametrize("test", list(parameters()))
def test_of_the_proposal(test: dict[str, Any]) -> None:
    """Who switches range mappings on gets the column of every character, and hears of maps that break the rules."""
    core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")
    if not test["sourceMapIsValid"]:
        with pytest.raises(core.SourceMapError, match="breaks ECMA-426"):
            core.build_source_index(data_of(test), strict=True, range_mappings="1-based")
        return
    index, defects = core.build_source_index(data_of(test), strict=True, range_mappings="1-based")
    assert not defects
    opened = core.SourceIndex.from_bytes(index)
    for action in test.get("testActions", ()):
        place = array("I", [action["generatedLine"], action["generatedColumn"]])
        source, line, column, name = memoryview(opened.lookup(place)).cast("I")
        found = (opened.source_name(source), line, column, None if name == NONE else opened.name(name))
        assert found == tuple(action[key] for key in ("originalSource", "originalLine", "originalColumn", "mappedName"))


@pytest.mark.parametrize("test", list(parameters()))
def test_the_reference_backend_agrees(test: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the core the switch must do the same, and pass over what is broken."""
    monkeypatch.setenv("SYMBOLICATOR_RANGE_MAPPINGS", "1-based")
    index = REFERENCE.load(BytesBlob("test.map", data_of(test)), FolderCache(tmp_path))
    assert bool(index.defects) != test["sourceMapIsValid"]
    for action in test.get("testActions", ()):
        [found] = index.original_positions([(action["generatedLine"], action["generatedColumn"])])
        assert found is not None
        assert (found.line0, found.column0) == (action["originalLine"], action["originalColumn"])


@pytest.mark.skipif(not FOLDER, reason=NOT_HERE)
def test_the_suite_is_the_one_that_was_counted() -> None:
    """A suite that shrank would pass unnoticed."""
    tests = suite()["tests"]
    assert (len(tests), sum(len(test.get("testActions", ())) for test in tests)) >= (13, 12)
    kinds = {action["actionType"] for test in tests for action in test.get("testActions", ())}
    assert kinds == {"checkMapping"}
