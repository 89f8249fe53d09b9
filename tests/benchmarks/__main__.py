"""Measures this project beside its peers: ``python tests/benchmarks [SUBJECT]…``.

The subjects are ``sourcemaps``, ``names``, ``proguard``, ``native``, ``process``, ``suspects`` and ``merging``. The
tables go to standard output and to ``.make/bench.txt``. See README.md for what the figures mean.
"""

import os
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # started as a folder, Python knows only that folder

from tests.benchmarks.fresh import BUDGET_S, RUNS  # noqa: E402 - after the path is set
from tests.benchmarks.merging import subject as merging  # noqa: E402
from tests.benchmarks.names import subject as names  # noqa: E402
from tests.benchmarks.native import subject as native  # noqa: E402
from tests.benchmarks.process import subject as process  # noqa: E402
from tests.benchmarks.proguard import subject as proguard  # noqa: E402
from tests.benchmarks.sourcemaps import subject as sourcemaps  # noqa: E402
from tests.benchmarks.suspects import subject as suspects  # noqa: E402

SUBJECTS = {
    "sourcemaps": sourcemaps.tables,
    "names": names.tables,
    "proguard": proguard.tables,
    "native": native.tables,
    "process": process.tables,
    "suspects": suspects.tables,
    "merging": merging.tables,
}
RESULTS = ROOT / ".make" / "bench.txt"


def main(subjects: list[str]) -> None:
    """Runs the named subjects, all if none is named."""
    unknown = set(subjects) - SUBJECTS.keys()
    if unknown:
        raise SystemExit(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(SUBJECTS)}.")
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("w", encoding="utf-8") as results:
        for text in _texts(subjects or list(SUBJECTS)):
            for stream in (sys.stdout, results):
                stream.write(text + "\n")
                stream.flush()


def _texts(subjects: list[str]) -> Iterator[str]:
    started = time.monotonic()
    cores = os.cpu_count()
    yield (
        f"{platform.machine()}, {cores} cores, Python {platform.python_version()}. Medians of {RUNS} fresh processes;"
        f" * means fewer, where\nthey would take over {BUDGET_S:.0f} s together. Beside a figure stands how many times"
        " ours it is: above 1, ours is\nfaster or smaller.\n"
    )
    for name in subjects:
        yield from SUBJECTS[name]()
    yield f"Took {(time.monotonic() - started) / 60:.1f} minutes."


if __name__ == "__main__":
    main(sys.argv[1:])
