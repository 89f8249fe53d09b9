"""Indexes without texts: for whoever wants positions only."""

import json

import pytest

core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

MAP = {"version": 3, "sources": ["a.js"], "sourcesContent": ["one\ntwo"], "names": ["f"], "mappings": "AAAA,IACAA"}


@pytest.mark.parametrize("texts", [False, True])
def test_positions_and_names_are_there_whether_texts_are_or_not(*, texts: bool) -> None:
    """An index without texts that lost positions too would be of no use to anybody."""
    built, _ = core.build_source_index(json.dumps(MAP).encode(), texts=texts)
    index = core.SourceIndex.from_bytes(built)
    assert index.token_count == 2
    assert index.name(0) == "f"
    assert index.source_lines(0, 1, 1) == (["two"] if texts else None)
    assert index.source_text(0) == ("one\ntwo" if texts else None)
