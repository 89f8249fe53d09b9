"""Source maps beside every peer, a table a question."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.fresh import Figure, PeerMissing, Run, python, repeat, run, say
from tests.benchmarks.sourcemaps.inputs import Input, inputs
from tests.benchmarks.table import Column, Row, render

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is called in the tables, and the command of its worker. ``single``: held to one core."""

    label: str
    name: str
    worker: tuple[str, ...]
    single: bool = False

    def command(self, measure: str, given: Input) -> list[str]:
        """Runs one measure in a fresh process."""
        pinned = ["taskset", "-c", "0"] if self.single else []
        return [*pinned, *self.worker, measure, str(given.folder)]


def _python_peer(label: str, name: str, *, single: bool = False) -> Peer:
    return Peer(label, name, tuple(python("sourcemaps.worker", name)), single)


def _node_peer(label: str, name: str) -> Peer:
    return Peer(label, name, ("node", str(Path(__file__).with_name("worker.mjs")), name))


OURS = _python_peer("ours, with the sources", "ours")
POSITIONS = _python_peer("ours, positions only", "ours_positions")
FUNCTIONS = _python_peer("ours, side by side on two threads", "ours_functions_beside")
FUNCTIONS_IN_TURN = _python_peer("ours, one after the other", "ours_functions")
SYMBOLIC_CACHE = _python_peer("symbolic SourceMapCache", "symbolic_cache")
PEERS = (
    _python_peer("symbolic SourceMapView", "symbolic_view"),
    _node_peer("trace-mapping", "trace_mapping"),
    _node_peer("source-map", "source_map"),
    _node_peer("Node's SourceMap", "node_builtin"),
    _python_peer("PyPI sourcemap", "pypi_sourcemap"),
)


def _on_one_core(peer: Peer) -> Peer:
    return Peer(f"{peer.label}, one core", peer.name, peer.worker, single=True)


@dataclass(slots=True)
class Results:
    """What was measured. ``runs``: of getting ready, by peer label and input."""

    given: Sequence[Input]
    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    bare: dict[str, float] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)


def tables() -> Iterator[str]:
    """A table a question; the inputs are its columns."""
    results = Results(inputs())
    for each in results.given:
        for stale in (*each.folder.glob("*.answers.json"), *each.folder.glob("*.index")):
            stale.unlink()
    yield "Source maps\n" + "\n".join(f"  {each.about}" for each in results.given) + "\n"
    yield _ready_table(results)
    yield _functions_table(results)
    yield _memory_table(results)
    yield _cold_table(results)
    yield _lookup_table(results)
    yield _answers_table(results)


def _ready_table(results: Results) -> str:
    peers = (POSITIONS, _on_one_core(POSITIONS), OURS, *PEERS)
    about = (
        "Bytes to ready, positions only, ms (from the map's bytes in memory to the first answer). Ours checks\n"
        "everything; its index can be written as it is. Threads: time of all threads by time on the clock."
    )
    return _rendered(results, about, peers, _ready, scale=1e3, digits=1)


def _functions_table(results: Results) -> str:
    peers = (FUNCTIONS, FUNCTIONS_IN_TURN, _on_one_core(FUNCTIONS_IN_TURN), SYMBOLIC_CACHE)
    about = (
        "Bytes to ready, with the functions of the minified file and the texts of the sources, ms. Ours: source index\n"
        "and function index as bytes that can be written, opened again from them."
    )
    return _rendered(results, about, peers, _ready, scale=1e3, digits=1)


def _memory_table(results: Results) -> str:
    peers = (POSITIONS, OURS, FUNCTIONS, FUNCTIONS_IN_TURN, *PEERS, SYMBOLIC_CACHE)
    about = (
        "Peak memory of getting ready, times the size of the map: the largest resident set less that of a process\n"
        "that only imports the peer. The bytes of the map count, those of the minified file where functions are read."
    )
    return _rendered(results, about, peers, _memory, scale=1, digits=2)


def _cold_table(results: Results) -> str:
    about = (
        "Cold: from files to a trace of 30 frames with names and 11 source lines each, ms, without the start of the\n"
        "interpreter. Ours opens the index made before; peers keep nothing between processes."
    )
    return _rendered(results, about, (OURS, *PEERS, SYMBOLIC_CACHE), _cold, scale=1e3, digits=1)


def _lookup_table(results: Results) -> str:
    single = _python_peer("ours, one by one", "ours_single")
    about = (
        "Lookup of one of 10,000 random positions, µs. Ours takes them as one array; peers one by one, as does\n"
        '"ours, one by one", whose answers are strings too.'
    )
    return _rendered(results, about, (OURS, single, *PEERS, SYMBOLIC_CACHE), _lookup, scale=1e6, digits=2)


def _answers_table(results: Results) -> str:
    about = "The same source, line and column as ours at these positions, %; `agreement` explains what differs."
    peers = (OURS, *PEERS, SYMBOLIC_CACHE)
    return _rendered(results, about, peers, _same, scale=1e2, digits=2, compared=False)


_Measure = Callable[[Results, Row, Input, Peer], Figure]


def _rendered(  # noqa: PLR0913 - what makes up a table
    results: Results,
    about: str,
    peers: Sequence[Peer],
    measure: _Measure,
    *,
    scale: float,
    digits: int,
    compared: bool = True,
) -> str:
    columns = [Column(each.name, each.title, digits, scale, compared=compared) for each in results.given]
    return render(about, columns, [_row(results, peer, measure) for peer in peers])


def _row(results: Results, peer: Peer, measure: _Measure) -> Row:
    """A peer that fails with one input is still asked for the others."""
    row = Row(peer.label)
    for given in results.given:
        say(f"source map {given.name}: {peer.label}, {measure.__name__.strip('_')}")
        try:
            row.figures[given.name] = measure(results, row, given, peer)
        except PeerMissing as error:
            row.notes.append(str(error))
    return row


def _ready(results: Results, row: Row, given: Input, peer: Peer) -> Figure:
    runs = _runs(results, given, peer)
    seconds = Figure.of(runs, lambda run: run.report["seconds"])
    threads = Figure.of(runs, lambda run: run.report["busy"] / run.report["seconds"])
    row.peer = f"{peer.label} {runs[0].report['version']}" if peer in (*PEERS, SYMBOLIC_CACHE) else peer.label
    row.notes.append(f"{given.title}: {given.size / 1e6 / seconds.value:,.0f} MB/s, {threads.value:.1f} threads")
    return seconds


def _runs(results: Results, given: Input, peer: Peer) -> list[Run]:
    """Getting ready, measured once for its time and its memory."""
    key = (peer.label, given.name)
    if key not in results.runs:
        if peer.single and shutil.which("taskset") is None:
            raise PeerMissing("not here: no taskset")
        results.runs[key] = repeat(peer.command("ready", given))
    return results.runs[key]


def _memory(results: Results, _row: Row, given: Input, peer: Peer) -> Figure:
    if peer.label not in results.bare:
        results.bare[peer.label] = run(peer.command("bare", given)).peak
    peak = Figure.of(_runs(results, given, peer), lambda run: run.peak - results.bare[peer.label])
    return Figure(peak.value / given.size, peak.runs)


def _cold(results: Results, _row: Row, given: Input, peer: Peer) -> Figure:
    ready = results.runs.get((peer.label, given.name))
    if ready and ready[0].report["seconds"] > PATIENCE_S:
        raise PeerMissing("left out, since getting ready alone takes over ten seconds")
    run(peer.command("prepare", given))
    return Figure.of(repeat(peer.command("cold", given)), lambda run: run.report["seconds"])


def _lookup(_results: Results, _row: Row, given: Input, peer: Peer) -> Figure:
    report = run(peer.command("lookups", given)).report
    return Figure(report["seconds"], report["passes"])


def _same(_results: Results, _row: Row, given: Input, peer: Peer) -> Figure:
    if not (given.folder / f"{peer.name}.answers.json").exists():
        raise PeerMissing("no answers")
    agreed = run(python("sourcemaps.agreement", str(given.folder), "ours", peer.name))
    return Figure(agreed.report["share"])
