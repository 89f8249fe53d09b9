"""Suspect commits: how long they take in histories of several sizes, and how often they are right."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.fresh import Figure, PeerMissing, python, repeat, say
from tests.benchmarks.suspects.evaluation import collect, newest_commit, ours, share_found, top_frame
from tests.benchmarks.suspects.fit import CRASHES, TESTING
from tests.benchmarks.suspects.inputs import FRAMES, INPUTS, prepare
from tests.benchmarks.table import Column, Row, render

PEERS = {"ours": "ours", "git blame, frame by frame": "git"}
TIMES = tuple(Column(one.name, f"{one.name}, ms", 0, 1e3) for one in INPUTS)
ABOUT_TIMES = f"""\
{FRAMES} own frames in {FRAMES} files. small: 300 commits, 40 files; large: 20,000 commits in five years, 2,000 files;
graph: the same with a commit-graph; busy: 20,000 commits within a year. Bars: small 150 ms, large 1,000 ms."""
SHARES = (
    Column("first", "guilty first, %", 1, 100, compared=False),
    Column("three", "among three, %", 1, 100, compared=False),
)
RULES = {
    "ours": ours(),
    "newest commit of the lines, at most a year old": newest_commit,
    "blame of the top frame": top_frame,
}


def tables() -> Iterator[str]:
    """Both tables."""
    for wanted in INPUTS:
        prepare(wanted)
    yield render(f"Suspect commits: time\n{ABOUT_TIMES}", TIMES, [_times(label, peer) for label, peer in PEERS.items()])
    say("making histories with known guilty commits")
    with tempfile.TemporaryDirectory() as folder:
        cases = list(collect(Path(folder), TESTING, CRASHES))
    rows = [Row(name) for name in RULES]
    for row in rows:
        found = share_found(cases, RULES[row.peer])
        row.figures = {"first": Figure(found.first), "three": Figure(found.in_three)}
    about = f"{len(cases)} crashes in {len(TESTING)} made-up histories, none of which the weights were fitted to."
    yield render(f"Suspect commits: how often right\n{about}", SHARES, rows)


def _times(label: str, peer: str) -> Row:
    row = Row(label)
    for wanted in INPUTS:
        try:
            runs = repeat(python("suspects.worker", peer, wanted.name))
        except PeerMissing as reason:
            row.notes.append(str(reason))
            continue
        row.figures[wanted.name] = Figure.of(runs, lambda one: one.report["seconds"])
    return row
