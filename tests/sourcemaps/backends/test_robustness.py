"""Damaged maps: a result or a `MalformedArtifact`, never another exception, never a hang."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sourcemaps.backends.reference import BACKEND
from sourcemaps.protocol import SourceIndex
from symbolicator.errors import MalformedArtifact

LoadMap = Callable[..., SourceIndex]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The data with a few bytes flipped, replaced, removed or doubled, or cut off."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed)) if changed else 0
        match rng.randrange(6):
            case 0:
                changed[at : at + 1] = bytes([changed[at] ^ 1 << rng.randrange(8)]) if changed else b""
            case 1:
                changed[at : at + 1] = rng.choice([b'"', b"[", b"}", b";", b",", b"null", b"-1", b"g", b"/", b"\\u"])
            case 2:
                del changed[at : at + rng.randint(1, 20)]
            case 3:
                changed[at:at] = changed[at : at + rng.randint(1, 50)]
            case 4:
                changed[at:at] = str(rng.choice([2**31, 2**32, 2**63, -(2**31), 1e300])).encode()
            case _:
                del changed[at:]
    return bytes(changed)


def use(index: SourceIndex) -> None:
    """Asks everything that can be asked."""
    positions = [(line0, column0) for line0 in (0, 1, 2**31) for column0 in (0, 7, 500, 2**31)]
    for position in index.original_positions(positions):
        if position is not None:
            (index.source_name(position.source) or "").encode()
            (position.name or "").encode()
            index.source_ignored(position.source)
            index.source_text(position.source)
            index.source_lines(position.source, max(0, position.line0 - 5), 11)
            index.function_at(position.source, position.line0, position.column0)


@pytest.mark.parametrize("fixture", ["js-esbuild/dist/shop.min.js.map", "hermes-rn/dist/index.android.bundle.map"])
def test_a_thousand_damaged_maps_are_read_or_refused(load_map: LoadMap, fixtures: Path, fixture: str) -> None:
    """One damaged upload would stop a worker, and with it everybody's events."""
    original = (fixtures / fixture).read_bytes()
    rng = random.Random(4711)  # fixed, so that a failure repeats
    refused = 0
    for _ in range(500):
        try:
            use(load_map(mutated(original, rng)))
        except MalformedArtifact as error:
            refused += 1
            assert str(error)
    assert 0 < refused < 500


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats()
    | st.text(max_size=12)
    | st.just("AAAA,CACA;E"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["offset", "map", "line", "column", "mappings", "sources", "names", "sections", "version"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
FIELDS = [
    "version",
    "file",
    "sourceRoot",
    "sources",
    "sourcesContent",
    "names",
    "mappings",
    "sections",
    "ignoreList",
    "x_google_ignoreList",
    "debugId",
    "debug_id",
    "x_facebook_sources",
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES, max_size=9))
def test_fields_of_any_type_are_read_or_refused(load_map: LoadMap, fields: dict[str, object]) -> None:
    """A tool that writes a number where a text belongs would crash whoever reads its map."""
    try:
        use(load_map(**fields))
    except MalformedArtifact:
        return


@settings(max_examples=300)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_summarized_or_refused(data: bytes) -> None:
    """`inspect` on any file would end in a traceback."""
    for raw in (data, b'{"version":3,"mappings":"' + data + b'"}'):
        try:
            BACKEND.summarize(raw)
        except MalformedArtifact as error:
            assert str(error)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mappings=st.text(alphabet="ABCDEFGacghz059+/,;!", max_size=120))
def test_any_mappings_are_read(load_map: LoadMap, mappings: str) -> None:
    """Lenient reading takes what there is."""
    use(load_map(sources=["a.js", None], names=["x"], mappings=mappings))
