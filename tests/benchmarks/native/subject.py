"""Debug files, beside every peer: making an index, a first trace with and without one, lookups, agreement."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.fresh import Figure, PeerMissing, Run, python, repeat, run, say
from tests.benchmarks.native.inputs import Input, inputs
from tests.benchmarks.native.tools import CRATE, GNU, GSYMUTIL, LLVM, Tool, asked, install_crate
from tests.benchmarks.native.worker import FRAMES, addresses_in
from tests.benchmarks.table import Column, Row, render

COLUMNS = (
    Column("convert", "file to index, ms", 1, 1e3),
    Column("convert_peak", "peak, MB", 0, 1e-6),
    Column("index", "index, MB", 2, 1e-6),
    Column("first", "first trace, ms", 1, 1e3),
    Column("first_peak", "its peak, MB", 0, 1e-6),
    Column("cold", "with index, ms", 2, 1e3),
    Column("warm", "lookup, µs", 2, 1e6),
    Column("same", "same chains, %", 2, 1e2, compared=False),
    Column("same_path", "whole paths, %", 2, 1e2, compared=False),
)

ABOUT = """\
File to index: inside the process. First trace: 30 frames in a fresh process without an index, the whole process
from outside (in Python with the interpreter's start; ours builds the whole index for it, there is no lazy way yet).
With index: from an index file to 30 frames, inside the process. Lookup: a whole inline chain of one of 5,000 random
addresses as Python strings, all read before (ours as one array; command-line tools through a pipe); names demangled,
but for symbolic, whose Python package does not. Same chains: function, file name and line of every call as
llvm-symbolizer says; whole paths: also every directory."""

Measure = Callable[[Row, Input], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is called in the table, and what can be measured of it."""

    label: str
    measures: dict[str, Measure]
    small_only: bool = False


def tables() -> Iterator[str]:
    """The explanation, then a table an input."""
    install_crate()
    yield ABOUT + "\n"
    for given in inputs():
        for stale in (*given.folder.glob("*.answers.json"), *given.folder.glob("*.index")):
            stale.unlink()
        yield render(given.title, COLUMNS, _rows(given))


def _rows(given: Input) -> list[Row]:
    """Ours stands first, and is measured after the tool that says what is right."""
    rows = {peer.label: _measured(given, peer) for peer in PEERS if given.small or not peer.small_only}
    ours = rows.pop(OURS.label)
    return [ours, *rows.values()]


def _measured(given: Input, peer: Peer) -> Row:
    """A peer that fails at one measure is still asked for the others."""
    row = Row(peer.label)
    for name, measure in peer.measures.items():
        say(f"debug file {given.name}: {peer.label}, {name}")
        try:
            measure(row, given)
        except PeerMissing as error:
            row.notes.append(str(error))
    return row


def _seconds(done: Run) -> float:
    seconds: float = done.report["seconds"]
    return seconds


def _command(name: str, measure: str, given: Input) -> list[str]:
    return python("native.worker", name, measure, str(given.file), str(given.folder))


def _first_row(row: Row, runs: list[Run]) -> None:
    row.figures["first"] = Figure.of(runs, lambda run: run.wall)
    row.figures["first_peak"] = Figure.of(runs, lambda run: run.peak)


def _agreement(row: Row, given: Input, name: str) -> None:
    if (given.folder / f"{LLVM.name}.answers.json").exists():
        report = run(python("native.agreement", str(given.folder), name)).report
        row.figures |= {"same": Figure(report["share"]), "same_path": Figure(report["path_share"])}


def _library(label: str, name: str, *, indexed: bool = True) -> Peer:
    """A peer with a Python API; ``name`` is its module in `peers`."""

    def convert(row: Row, given: Input) -> None:
        runs = repeat(_command(name, "convert", given))
        row.figures["convert"] = Figure.of(runs, _seconds)
        row.figures["convert_peak"] = Figure.of(runs, lambda run: run.peak)
        row.figures["index"] = Figure(runs[0].report["index_size"])

    def first(row: Row, given: Input) -> None:
        runs = repeat(_command(name, "first", given))
        row.peer = f"{label} {runs[0].report['version']}"
        _first_row(row, runs)

    def cold(row: Row, given: Input) -> None:
        run(_command(name, "prepare", given))
        row.figures["cold"] = Figure.of(repeat(_command(name, "cold", given)), _seconds)

    def warm(row: Row, given: Input) -> None:
        report = run(_command(name, "warm", given)).report
        row.figures["warm"] = Figure(report["seconds"], report["passes"])
        _agreement(row, given, name)

    measures: dict[str, Measure] = {"first": first, "warm": warm}
    if indexed:
        measures = {"first": first, "convert": convert, "cold": cold, "warm": warm}
    return Peer(label, measures, small_only=not indexed)


def _tool(tool: Tool) -> Peer:
    """A command-line peer."""

    def first(row: Row, given: Input) -> None:
        row.peer = f"{tool.label} {tool.version()}"
        _first_row(row, repeat(tool.command(given.file), asked(addresses_in(given.folder)[:FRAMES])))

    def warm(row: Row, given: Input) -> None:
        tool.program()
        report = run(python("native.pipes", tool.name, str(given.file), str(given.folder))).report
        row.figures["warm"] = Figure(report["seconds"], report["passes"])
        _agreement(row, given, tool.name)

    return Peer(tool.label, {"first": first, "warm": warm})


def _gsymutil(row: Row, given: Input) -> None:
    """Converts with two threads; its wall time counts, since it can be asked for nothing inside."""
    program = next(filter(None, map(shutil.which, GSYMUTIL)), None)
    if program is None:
        raise PeerMissing(f"not here: no {GSYMUTIL[0]}")
    index = given.folder / "gsymutil.index"
    runs = repeat([program, f"--convert={given.file}", f"--out-file={index}", "--num-threads=2"])
    row.figures["convert"] = Figure.of(runs, lambda run: run.wall)
    row.figures["convert_peak"] = Figure.of(runs, lambda run: run.peak)
    row.figures["index"] = Figure(index.stat().st_size)


OURS = _library("ours", "ours")
PEERS = (
    _tool(LLVM),
    OURS,
    _library("symbolic", "symbolic_symcache"),
    _tool(CRATE),
    _tool(GNU),
    Peer("llvm-gsymutil, 2 threads", {"convert": _gsymutil}),
    _library("our reference backend on pyelftools", "reference", indexed=False),
)
