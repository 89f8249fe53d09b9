"""The standard's golden files of decoded scopes (github.com/tc39/source-map-tests, decoding/scopes), field by field.

``SYMBOLICATOR_CONFORMANCE`` names the folder that holds ``source-map-tests``. The reference backend decodes everything;
the core keeps what resolving asks for, and must give the frames that the golden file says at every position.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sourcemaps.backends.reference import BACKEND as REFERENCE
from sourcemaps.backends.scopes import Scopes, decode_scopes
from symbolicator.store import BytesBlob, FolderCache

FOLDER = os.environ.get("SYMBOLICATOR_CONFORMANCE", "")
GOLDENS = Path(FOLDER) / "source-map-tests" / "decoding" / "scopes"


def goldens() -> Iterator[Any]:
    if not FOLDER:
        reason = "SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests"
        yield pytest.param(Path(), marks=pytest.mark.skip(reason=reason), id="all")
        return
    for path in sorted(GOLDENS.glob("*.map")):
        yield pytest.param(path, id=path.stem)


def read_golden(path: Path) -> dict[str, Any]:
    """Some golden files of the suite are JSON but for trailing commas."""
    text = re.sub(r",(\s*[}\]])", r"\1", path.with_suffix(".map.golden").read_text())
    golden: dict[str, Any] = json.loads(text)
    return golden


def position(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "column": place[1]}


def scope_record(found: Scopes, number: int) -> dict[str, Any]:
    scope = found.scopes[number]
    return {
        "start": position(scope.start),
        "end": position(scope.end),
        "name": scope.name,
        "kind": scope.kind,
        "isStackFrame": scope.is_stack_frame,
        "variables": list(scope.variables),
        "children": [scope_record(found, child) for child, other in enumerate(found.scopes) if other.parent == number],
    }


def range_record(found: Scopes, number: int) -> dict[str, Any]:
    generated = found.ranges[number]
    start = position(generated.start)
    call = generated.call_site
    return {
        "start": start,
        "end": position(generated.end),
        "definitionIndex": generated.definition,
        "stackFrameType": generated.stack_frame,
        "bindings": [[{"from": start, "binding": value}] for value in generated.bindings],
        "callSite": None if call is None else {"sourceIndex": call[0], "line": call[1], "column": call[2]},
        "children": [range_record(found, child) for child, other in enumerate(found.ranges) if other.parent == number],
    }


@pytest.mark.parametrize("path", list(goldens()))
def test_scopes_are_decoded_to_the_letter(path: Path) -> None:
    """A scope read wrongly gives a function's name to another function."""
    raw, golden = json.loads(path.read_bytes()), read_golden(path)
    found = decode_scopes(raw["scopes"], None, raw["names"], len(raw["sources"]))
    roots = {scope.source: number for number, scope in enumerate(found.scopes) if scope.parent is None}
    trees = [scope_record(found, roots[source]) if source in roots else None for source in range(len(raw["sources"]))]
    assert trees == [source.get("scope") for source in golden["sources"]]
    ranges = [range_record(found, number) for number, other in enumerate(found.ranges) if other.parent is None]
    assert ranges == golden["ranges"]
    assert bool(found.defects) == path.with_suffix(".error").exists()


@pytest.mark.parametrize("path", list(goldens()))
def test_the_core_accepts_them_and_answers_the_same(path: Path, tmp_path: Path) -> None:
    """Two backends, one answer; and a map that conforms is never refused."""
    core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")
    from sourcemaps.backends.core import BACKEND as CORE  # noqa: PLC0415 - only there if the core is

    data, cache = path.read_bytes(), FolderCache(tmp_path)
    assert core.build_source_index(data, strict=True)[1] == []
    positions = [(line0, column0) for line0 in range(40) for column0 in range(12)]
    blob = BytesBlob(path.name, data)
    fast, slow = CORE.load(blob, cache), REFERENCE.load(blob, cache)
    assert fast.scope_frames(positions) == slow.scope_frames(positions)


@pytest.mark.skipif(not FOLDER, reason="SYMBOLICATOR_CONFORMANCE does not name the folder with source-map-tests")
def test_all_goldens_are_there() -> None:
    """A folder that moved would make this file pass without testing anything."""
    assert len(list(GOLDENS.glob("*.map.golden"))) >= 8
