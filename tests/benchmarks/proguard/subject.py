"""Mapping files of ProGuard and R8 beside PyPI symbolic."""

from collections.abc import Iterator

from tests.benchmarks.fresh import Figure, PeerMissing, python, repeat, run
from tests.benchmarks.proguard.inputs import INDEX, MAPPING
from tests.benchmarks.table import Column, Row, render

PEERS = {"ours": "ours", "symbolic ProguardMapper": "symbolic"}
BUDGET_S = 60.0
COLUMNS = (
    Column("ready", "mapping to first answer, s", 2),
    Column("open", "index to first answer, ms", 2, 1e3),
    Column("lookup", "a frame, µs", 2, 1e6),
    Column("read", "and its calls read, µs", 2, 1e6),
    Column("peak", "peak memory, MB", 0, 1e-6),
)
ABOUT = """\
From the file to the first answer; ours writes its index and opens it again, which the next process starts with
(symbolic keeps nothing). A frame of one batch, without and with reading class, method, file and line of its calls;
symbolic does both at once. Peak: the largest resident set of the first column less that of a bare process; pages of
the mapping file that ours maps count. Bars: the first column 3 times, a frame under 2 µs."""


def tables() -> Iterator[str]:
    """One table."""
    about = run(python("proguard.inputs")).output.strip()
    INDEX.unlink(missing_ok=True)
    rows = [_row(label, name) for label, name in PEERS.items()]
    size = (
        f"Our index has {INDEX.stat().st_size / MAPPING.stat().st_size:.0%} of the mapping's size."
        if INDEX.exists()
        else ""
    )
    yield render(f"Mapping files: {about}\n{ABOUT}\n{size}", COLUMNS, rows)


def _row(label: str, name: str) -> Row:
    row = Row(label)
    try:
        bare = repeat(python("proguard.worker", name, "bare"), runs=1)
        ready = repeat(python("proguard.worker", name, "ready"), budget=BUDGET_S)
        opened = repeat(python("proguard.worker", name, "open"), budget=BUDGET_S)
        lookups = repeat(python("proguard.worker", name, "lookups"), budget=BUDGET_S)
    except PeerMissing as reason:
        row.notes.append(str(reason))
        return row
    row.figures = {
        "ready": Figure.of(ready, lambda one: one.report["seconds"]),
        "open": Figure.of(opened, lambda one: one.report["seconds"]),
        "lookup": Figure.of(lookups, lambda one: one.report["seconds"]),
        "read": Figure.of(lookups, lambda one: one.report["read"]),
        "peak": Figure.of(ready, lambda one: one.peak - bare[0].peak),
    }
    row.notes.append(f"version {ready[0].report['version']}")
    return row
