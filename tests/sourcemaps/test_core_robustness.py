"""Damaged maps and damaged indexes: an error or fewer answers, never a crash, a hang or a wrong answer."""

import json
import random
import re
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from symbolicator._core import SourceIndex

_core = pytest.importorskip("symbolicator._core", reason="the compiled core is not built: nothing to test")

ROUNDS = 1_000
FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"
MAPS = sorted(path for path in FIXTURES.glob("*/dist/*.map"))
POSITIONS = array("I", [number for line0 in range(4) for column0 in range(0, 3_000, 41) for number in (line0, column0)])


def ask(index: "SourceIndex") -> tuple[object, ...]:
    """Everything that can be asked of an index."""
    words = memoryview(index.lookup(POSITIONS)).cast("I").tolist()
    names = {name for name in words[3::4] if name != 0xFFFF_FFFF}
    sources = range(min(index.source_count + 1, 40))
    return (
        words,
        [index.name(name) for name in sorted(names)],
        [(index.source_name(source), index.source_ignored(source), index.source_text(source)) for source in sources],
        [index.source_lines(source, line0, 3) for source in sources for line0 in (0, 7, 10**6)],
        [index.function_at(source, line0, 0) for source in sources for line0 in (0, 7, 10**6)],
        (index.file, index.debug_id, index.token_count, index.defects),
    )


def exercise(data: bytes) -> None:
    """Whatever the bytes: an answer, or the one error that the contract names; strict and lenient, and a summary."""
    for strict in (False, True):
        try:
            built, _ = _core.build_source_index(data, strict=strict)
        except _core.SourceMapError as error:
            assert len(str(error)) > 20
            continue
        index = _core.SourceIndex.from_bytes(built)
        index.verify()
        ask(index)
        assert len(_core.summarize_source_map(data).sources) == index.source_count


@pytest.fixture(params=MAPS, ids=lambda path: path.parent.parent.name)
def good(request: pytest.FixtureRequest) -> bytes:
    path: Path = request.param
    return path.read_bytes()


def test_truncated_maps(good: bytes) -> None:
    """Uploads that broke off are common; what came before the break still resolves."""
    for length in range(0, len(good), max(1, len(good) // ROUNDS)):
        exercise(good[:length])


def test_flipped_bits(good: bytes) -> None:
    """A disk or a network that flips a bit must not take the worker down with it."""
    choose = random.Random(1)
    for _ in range(ROUNDS):
        damaged = bytearray(good)
        for _flip in range(choose.choice((1, 1, 3, 30))):
            damaged[choose.randrange(len(damaged))] ^= 1 << choose.randrange(8)
        exercise(bytes(damaged))


def test_spliced_maps(good: bytes) -> None:
    """Parts that are missing, doubled or in the wrong place."""
    choose = random.Random(2)
    for _ in range(ROUNDS // 2):
        damaged = bytearray(good)
        start, length = choose.randrange(len(damaged)), choose.randint(1, 300)
        if choose.random() < 0.5:
            del damaged[start : start + length]
        else:
            damaged[start:start] = damaged[choose.randrange(len(damaged)) :][:length]
        exercise(bytes(damaged))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["version", "file", "sourceRoot", "sources", "sourcesContent", "names", "mappings", "sections", "ignoreList"]
FIELDS += ["x_google_ignoreList", "debugId", "debug_id", "x_facebook_sources", "offset", "map", "line", "column"]
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), JSON | st.text(alphabet="ACg,;!", max_size=30), max_size=8)


@given(data=st.binary(max_size=300) | st.binary(max_size=200).map(lambda data: b'{"mappings":"' + data))
def test_any_bytes(data: bytes) -> None:
    """Files are identified by content: everything is given to this parser once."""
    exercise(data)


@given(smap=OBJECTS, section=OBJECTS)
def test_any_json(smap: dict[str, object], section: dict[str, object]) -> None:
    """JSON of the wrong shape is a defect or an error."""
    exercise(json.dumps(smap).encode())
    exercise(json.dumps({"sections": [{"offset": section, "map": smap}, section, smap]}).encode())


def test_a_flipped_byte_in_an_index(good: bytes) -> None:
    """Indexes live on disks for months: a damaged one is built again, its answers are never believed."""
    built, _ = _core.build_source_index(good)
    expected = ask(_core.SourceIndex.from_bytes(built))
    choose = random.Random(3)
    for _ in range(ROUNDS):
        damaged = bytearray(built)
        damaged[choose.randrange(len(damaged))] ^= choose.randrange(1, 256)
        try:
            found = ask(_core.SourceIndex.from_bytes(bytes(damaged)))
        except _core.IndexFileError:
            continue
        assert found == expected


def test_cut_off_and_foreign_indexes(good: bytes, tmp_path: Path) -> None:
    """A full disk cuts files off; an old version leaves files behind."""
    built, _ = _core.build_source_index(good)
    for length in range(0, len(built), max(1, len(built) // ROUNDS)):
        with pytest.raises(_core.IndexFileError):
            _core.SourceIndex.from_bytes(built[:length])
    newer = built[:16] + (_core.SOURCE_INDEX_VERSION + 1).to_bytes(4, "little") + built[20:]
    with pytest.raises(_core.IndexFileError, match="version"):
        _core.SourceIndex.from_bytes(newer)
    with pytest.raises(_core.IndexFileError, match="not an index"):
        _core.SourceIndex.from_bytes(good)
    with pytest.raises(OSError, match="No such file"):
        _core.SourceIndex.open(str(tmp_path / "missing"))
    (tmp_path / "empty").touch()
    with pytest.raises(_core.IndexFileError):
        _core.SourceIndex.open(str(tmp_path / "empty"))


MILLION = 1_000_000
HOSTILE = {
    "lines": b'{"mappings":"' + b";" * (8 * MILLION) + b'","sources":[]}',
    "segments": b'{"mappings":"' + b"A," * (2 * MILLION) + b'","sources":[]}',
    "backwards": b'{"mappings":"' + b"E,D," * MILLION + b'","sources":[]}',
    "nowhere": b'{"mappings":"' + b"ACAA,ADAA," * (MILLION // 2) + b'","sources":[""]}',
    "nested sections": b'{"sections":[{"map":' * 300_000,
    "sections": b'{"sections":[' + b'{"map":{"mappings":"A"}},' * 300_000,
    "sources": b'{"mappings":"","sources":[' + b"0," * (3 * MILLION),
    "nesting": b'{"mappings":"","x":' + b'[{"":' * MILLION,
    "backslashes": b'{"mappings":"","sources":["a"],"sourcesContent":["' + b"\\" * (8 * MILLION),
    "no text": b'{"mappings":"","sources":["a"],"sourcesContent":["' + b"\xff" * (4 * MILLION) + b'"]}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_maps_end(name: str) -> None:
    """A map made to be slow or large is an upload away: time stays linear and the index bounded."""
    data = HOSTILE[name]
    try:
        built, defects = _core.build_source_index(data)
    except _core.SourceMapError:
        return
    assert len(built) < 2 * len(data) + 2**20
    assert len(defects) <= 101
    assert sum(map(len, defects)) < 100_000


def test_defects_are_told_once_and_counted() -> None:
    """A user reads the first few; a million of them must not drown the rest."""
    data = json.dumps({"version": 3, "sources": ["a.js"], "names": [], "mappings": ",".join(["ACAA,ADAA"] * 500)})
    _, defects = _core.build_source_index(data.encode())
    assert len(defects) == 101
    assert re.fullmatch(r"And 400 more\.", defects[-1])


def test_writable_buffers_are_refused() -> None:
    """The bytes are read outside the GIL: nobody may change them meanwhile."""
    with pytest.raises(BufferError, match="read-only"):
        _core.build_source_index(bytearray(b"{}"))
    assert _core.summarize_source_map(memoryview(b'{"mappings":"","sources":["a"]}')).sources == ["a"]
