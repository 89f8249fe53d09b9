"""Source maps, beside every peer: getting ready, lookups, a trace in a cold process, memory, size, agreement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fresh import Figure, PeerMissing, python, repeat, run, say
from tests.benchmarks.sourcemaps.inputs import Input, inputs
from tests.benchmarks.table import Column, Row, render

COLUMNS = (
    Column("ready", "bytes to ready, ms", 1, 1e3),
    Column("rate", "MB/s", 0, compared=False),
    Column("peak", "peak, MB", 0, 1e-6),
    Column("lookup", "lookup, µs", 2, 1e6),
    Column("cold", "cold trace, ms", 1, 1e3),
    Column("cold_peak", "its peak, MB", 0, 1e-6),
    Column("index", "index, MB", 2, 1e-6, compared=False),
    Column("same", "same answers, %", 2, 1e2, compared=False),
)

PATIENCE_S = 10.0

ABOUT = """\
Bytes to ready: from the map's bytes in memory to the first answer. Ours checks everything and writes its index with
the sources in it. Lookup: one of 10,000 random positions; ours takes them as one array, peers one by one, as does
"ours, one by one". Cold trace: 30 frames with names and 11 source lines in a process that has only files (ours: the
index made before), without the start of the interpreter. Same answers: source, line and column as ours."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is called in the table, and the command of its worker."""

    label: str
    name: str
    command: tuple[str, ...]


def _python_peer(label: str, name: str) -> Peer:
    return Peer(label, name, tuple(python("sourcemaps.worker", name)))


def _node_peer(label: str, name: str) -> Peer:
    return Peer(label, name, ("node", str(Path(__file__).with_name("worker.mjs")), name))


OURS = _python_peer("ours", "ours")
SINGLE = _python_peer("ours, one by one", "ours_single")
PEERS = (
    _python_peer("symbolic SourceMapView", "symbolic_view"),
    _python_peer("symbolic SourceMapCache", "symbolic_cache"),
    _node_peer("trace-mapping", "trace_mapping"),
    _node_peer("source-map", "source_map"),
    _node_peer("Node's SourceMap", "node_builtin"),
    _python_peer("PyPI sourcemap", "pypi_sourcemap"),
)


def tables() -> Iterator[str]:
    """The explanation, then a table an input."""
    yield ABOUT + "\n"
    for given in inputs():
        for stale in (*given.folder.glob("*.answers.json"), *given.folder.glob("*.index")):
            stale.unlink()
        yield render(given.title, COLUMNS, _rows(given))


def _rows(given: Input) -> list[Row]:
    rows = [_measured(given, OURS, ("ready", "lookup", "cold"))]
    rows += [_measured(given, SINGLE, ("lookup",))]
    return rows + [_measured(given, peer, ("ready", "lookup", "cold")) for peer in PEERS]


def _measured(given: Input, peer: Peer, measures: Sequence[str]) -> Row:
    """A peer that fails at one measure is still asked for the others."""
    row = Row(peer.label)
    for measure in measures:
        say(f"source map {given.name}: {peer.label}, {measure}")
        try:
            MEASURES[measure](row, given, peer)
        except PeerMissing as error:
            row.notes.append(str(error))
    return row


def _ready(row: Row, given: Input, peer: Peer) -> None:
    runs = repeat([*peer.command, "ready", str(given.folder)])
    row.peer = f"{peer.label} {runs[0].report['version']}"
    seconds = Figure.of(runs, lambda run: run.report["seconds"])
    size = (given.folder / "bundle.js.map").stat().st_size
    row.figures |= {"ready": seconds, "rate": Figure(size / 1e6 / seconds.value)}
    row.figures["peak"] = Figure.of(runs, lambda run: run.peak)
    if (index := runs[0].report["index_size"]) is not None:
        row.figures["index"] = Figure(index)


def _lookup(row: Row, given: Input, peer: Peer) -> None:
    report = run([*peer.command, "lookups", str(given.folder)]).report
    row.figures["lookup"] = Figure(report["seconds"], report["passes"])
    if (given.folder / "ours.answers.json").exists():
        agreed = run(python("sourcemaps.agreement", str(given.folder), "ours", peer.name))
        row.figures["same"] = Figure(agreed.report["share"])


def _cold(row: Row, given: Input, peer: Peer) -> None:
    if (ready := row.figures.get("ready")) and ready.value > PATIENCE_S:
        raise PeerMissing("cold trace left out, since getting ready alone takes that long")
    run([*peer.command, "prepare", str(given.folder)])
    runs = repeat([*peer.command, "cold", str(given.folder)])
    row.figures["cold"] = Figure.of(runs, lambda run: run.report["seconds"])
    row.figures["cold_peak"] = Figure.of(runs, lambda run: run.peak)


MEASURES = {"ready": _ready, "lookup": _lookup, "cold": _cold}
