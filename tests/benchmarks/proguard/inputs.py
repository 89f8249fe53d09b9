"""The mapping file of the benchmark and the frames that are asked for, made once.

A process of its own makes them: what it takes would count as what the measured processes take.
"""

import json
import sys

from tests.benchmarks.fresh import CACHE, say
from tests.benchmarks.proguard.recipe import sample_frames, write_mapping

SIZE = 100_000_000
COUNT = 10_000
MAPPING = CACHE / "proguard" / "mapping.txt"
FRAMES = CACHE / "proguard" / "frames.json"
INDEX = CACHE / "proguard" / "ours.index"


def prepare() -> str:
    """Makes what is not there yet; says what there is."""
    MAPPING.parent.mkdir(parents=True, exist_ok=True)
    if not FRAMES.exists():
        say("making a mapping file")
        with MAPPING.open("wb") as file:
            write_mapping(file, SIZE)
        with MAPPING.open(encoding="utf-8") as lines:
            FRAMES.write_text(json.dumps(sample_frames(lines, COUNT)))
    with MAPPING.open("rb") as file:
        count = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return f"a mapping file of {MAPPING.stat().st_size / 1e6:.0f} MB, {count:,} lines; {COUNT:,} frames of random lines"


if __name__ == "__main__":
    sys.stdout.write(prepare() + "\n")
