"""What R8's and ProGuard's own retrace make of tens of thousands of frames, and what we do."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from symbolicator import _core
from tests.sourcemaps.proguard.oracle import difference, flat, kept, ours

CASES = (
    ("java-proguard/mapping.txt", "java-proguard/retraced/proguard.txt"),
    ("java-proguard/mapping.txt", "java-proguard/retraced/r8.txt"),
    ("java-r8/mapping.txt", "java-r8/retraced/r8.txt"),
    ("java-r8/retraced/library-mapping.txt.gz", "java-r8/retraced/library.txt.gz"),
)


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize(("mapping", "retraced"), CASES)
def test_we_say_what_retrace_says(mapping: str, retraced: str, fixtures: Path) -> None:
    """An engineer who checks our answer with retrace must find the same, or a difference that is known."""
    index = _core.ProguardIndex.from_bytes(_core.build_proguard_index(content(fixtures / mapping)))
    theirs = kept(content(fixtures / retraced).decode())
    own = ours(list(theirs), index)
    read = flat if retraced.endswith("proguard.txt") else tuple
    others = [frame for frame in theirs if read(theirs[frame]) != read(own[frame])]
    classes = Counter(difference(frame, theirs[frame], own[frame]) for frame in others)
    unexplained = [frame for frame in others if difference(frame, theirs[frame], own[frame]) is None]
    assert not unexplained, unexplained[:5]
    assert len(others) < len(theirs) / 4, classes
