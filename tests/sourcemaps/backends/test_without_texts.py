"""The compiled backend without texts: for whoever wants positions only."""

import json
from pathlib import Path

import pytest

from symbolicator.store import BytesBlob, FolderCache

pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

MAP = {"version": 3, "sources": ["a.js"], "sourcesContent": ["one\ntwo"], "names": ["f"], "mappings": "AAAA,IACAA"}


def test_positions_and_names_are_there_and_texts_are_not(tmp_path: Path) -> None:
    """One cache serves both kinds: an index without texts must not take the place of one with them."""
    from sourcemaps.backends.core import CoreBackend  # noqa: PLC0415 - needs the core

    blob, cache = BytesBlob("a.js.map", json.dumps(MAP).encode()), FolderCache(tmp_path)
    for texts in (False, True, False):
        index = CoreBackend(texts=texts).load(blob, cache)
        [position] = index.original_positions([(0, 4)])
        assert position is not None
        assert (position.line0, position.column0, position.name) == (1, 0, "f")
        assert index.source_lines(0, 1, 1) == (["two"] if texts else None)
        assert index.source_text(0) == ("one\ntwo" if texts else None)
