"""Debug files, beside every peer: making an index, a first trace with and without one, lookups, agreement."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks.fresh import CACHE, Figure, PeerMissing, Run, python, repeat, run, say
from tests.benchmarks.native import bars, plot
from tests.benchmarks.native.inputs import Input, inputs
from tests.benchmarks.native.tools import (
    CRATE,
    GNU,
    GSYMUTIL,
    LLVM,
    Tool,
    asked,
    blazesym_command,
    install_crates,
)
from tests.benchmarks.native.worker import FRAMES, addresses_in
from tests.benchmarks.table import Column, Row, render

COLUMNS = (
    Column("convert", "file to index, ms", 1, 1e3),
    Column("convert_peak", "peak, MB", 0, 1e-6),
    Column("index", "index, MB", 2, 1e-6),
    Column("first", "first trace, ms", 1, 1e3),
    Column("first_inside", "inside, ms", 1, 1e3),
    Column("first_peak", "its peak, MB", 0, 1e-6),
    Column("cold", "with index, ms", 2, 1e3),
    Column("cold_process", "its process, ms", 1, 1e3),
    Column("warm", "lookup, µs", 2, 1e6),
)
AGREEMENT = (
    Column("same", "same chains, %", 2, 1e2, compared=False),
    Column("same_path", "whole paths, %", 2, 1e2, compared=False),
    Column("same_columns", "columns, %", 2, 1e2, compared=False),
)

BUDGET_S = 60.0
TIMEOUT_S = 3600.0
PLOT = CACHE / "native.svg"

ABOUT = f"""\
File to index: inside the process, ours and llvm-gsymutil with two threads. First trace: 30 frames in a fresh process
without an index, the whole process from outside (in Python with the interpreter's start), and the part inside it that
reads the file and answers. With index: from an index file to 30 frames, inside the process; its process: the whole one
less a bare interpreter's start. Lookup: the whole inline chain of one of 10,000 random addresses as Python strings, all
asked for before (ours as one array; command-line tools 1,000 of them through a pipe); names demangled, but for
symbolic, whose Python package does not. Same chains: function, file name and line of every call as llvm-symbolizer
says; whole paths: every directory, too; columns: those too, in a peer that gives them. The star stands here for less
than five runs in {BUDGET_S:.0f} s."""

Measure = Callable[[Row, Input], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is called in the table, and what can be measured of it."""

    label: str
    measures: dict[str, Measure]
    small_only: bool = False


def tables() -> Iterator[str]:
    """The explanation, then three tables an input, then what the project asks of itself beside what is reached."""
    install_crates()
    yield ABOUT + "\n"
    measured: list[bars.Measured] = []
    for given in inputs():
        for stale in (*given.folder.glob("*.answers.json"), *given.folder.glob("*.index")):
            stale.unlink()
        rows = _rows(given)
        measured.append(bars.Measured(given, rows))
        yield render(given.title, COLUMNS, list(rows.values()))
        yield render(f"As llvm-symbolizer says, {given.letter}", AGREEMENT, list(rows.values()))
        yield from _checks(given)
    yield bars.table(measured)
    plot.write(PLOT, measured)
    yield f"Time and memory against the size of the DWARF: {PLOT.relative_to(CACHE.parents[1])}\n"


def _rows(given: Input) -> dict[str, Row]:
    """Ours stands first, and is measured after the tool that says what is right."""
    rows = {peer.label: _measured(given, peer) for peer in PEERS if given.small or not peer.small_only}
    return {OURS.label: rows.pop(OURS.label), **rows}


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


def _repeat(command: list[str], words: str = "") -> list[Run]:
    return repeat(command, words, budget=BUDGET_S)


def _command(name: str, measure: str, given: Input) -> list[str]:
    return python("native.worker", name, measure, str(given.file), str(given.folder))


def _first_row(row: Row, runs: list[Run]) -> None:
    row.figures["first"] = Figure.of(runs, lambda run: run.wall)
    row.figures["first_peak"] = Figure.of(runs, lambda run: run.peak)


def _agreement(row: Row, given: Input, name: str) -> None:
    if (given.folder / f"{LLVM.name}.answers.json").exists():
        report = run(python("native.agreement", str(given.folder), name)).report
        columns = {"same": "share", "same_path": "path_share", "same_columns": "column_share"}
        row.figures |= {column: Figure(report[key]) for column, key in columns.items() if key in report}


def _checks(given: Input) -> Iterator[str]:
    """What of ours is not llvm-symbolizer's answer to the letter, and what pyelftools says of sampled lines."""
    for title, module in (("Not to the letter as llvm-symbolizer says", "differences"), ("Lines", "rows")):
        say(f"debug file {given.name}: {module}")
        try:
            output = run(python(f"native.{module}", str(given.folder), "ours", str(given.file)), timeout=600).output
        except PeerMissing as error:
            yield f"{title}, {given.letter}: {error}\n"
            continue
        *shown, counts = output.splitlines()
        lines = [f"{count:6,} {kind}" for kind, count in json.loads(counts).items()]
        yield "\n".join([f"{title}, {given.letter}", *lines, *shown]) + "\n"


def _library(label: str, name: str, *, indexed: bool = True) -> Peer:
    """A peer with a Python API; ``name`` is its module in `peers`."""

    def convert(row: Row, given: Input) -> None:
        runs = _repeat(_command(name, "convert", given))
        row.figures["convert"] = Figure.of(runs, _seconds)
        row.figures["convert_peak"] = Figure.of(runs, lambda run: run.peak)
        row.figures["index"] = Figure(runs[0].report["index_size"])

    def first(row: Row, given: Input) -> None:
        runs = _repeat(_command(name, "first", given))
        row.peer = f"{label} {runs[0].report['version']}"
        _first_row(row, runs)
        row.figures["first_inside"] = Figure.of(runs, _seconds)

    def cold(row: Row, given: Input) -> None:
        run(_command(name, "prepare", given))
        bare = Figure.of(_repeat([sys.executable, "-c", ""]), lambda run: run.wall).value
        runs = _repeat(_command(name, "cold", given))
        row.figures["cold"] = Figure.of(runs, _seconds)
        row.figures["cold_process"] = Figure.of(runs, lambda run: run.wall - bare)

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
        _first_row(row, _repeat(tool.command(given.file), asked(addresses_in(given.folder)[:FRAMES])))

    def warm(row: Row, given: Input) -> None:
        tool.program()
        command = python("native.pipes", tool.name, str(given.file), str(given.folder))
        report = run(command, timeout=TIMEOUT_S).report
        row.figures["warm"] = Figure(report["seconds"], report["passes"])
        _agreement(row, given, tool.name)

    return Peer(tool.label, {"first": first, "warm": warm})


def _blazesym(row: Row, given: Input) -> None:
    _first_row(row, _repeat(blazesym_command(given.file, addresses_in(given.folder)[:FRAMES])))


def _gsymutil(row: Row, given: Input) -> None:
    """Converts with two threads; its wall time counts, since it can be asked for nothing inside."""
    program = next(filter(None, map(shutil.which, GSYMUTIL)), None)
    if program is None:
        raise PeerMissing(f"not here: no {GSYMUTIL[0]}")
    index = given.folder / "gsymutil.index"
    runs = _repeat([program, f"--convert={given.file}", f"--out-file={index}", "--num-threads=2"])
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
    Peer("blazesym", {"first": _blazesym}),
    Peer("llvm-gsymutil", {"convert": _gsymutil}),
    _library("our reference backend on pyelftools", "reference", indexed=False),
)
