"""What the project asks of itself beside what is reached: a row a demand, a column a debug file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.native.inputs import Input
from tests.benchmarks.table import Row, aligned


@dataclass(frozen=True, slots=True)
class Measured:
    """The rows of one debug file by the labels of the peers."""

    given: Input
    rows: Mapping[str, Row]

    def value(self, label: str, key: str) -> float | None:
        """A figure; None if it was not measured."""
        figure = self.rows[label].figures.get(key) if label in self.rows else None
        return figure.value if figure else None

    def ratio(self, label: str, key: str) -> float | None:
        """How many times ours a peer's figure is; None if one was not measured."""
        theirs, ours = self.value(label, key), self.value("ours", key)
        return theirs / ours if theirs and ours else None


@dataclass(frozen=True, slots=True)
class Bar:
    """A demand. ``bars``: the least (or, ``most``: the greatest) value by the letter of the debug file."""

    text: str
    bars: Mapping[str, float]
    reached: Callable[[Measured], float | None]
    digits: int = 2
    most: bool = False

    def cell(self, measured: Measured) -> str:
        """Reached and asked for; an exclamation mark where it falls short."""
        value, bar = self.reached(measured), self.bars.get(measured.given.letter)
        if value is None:
            return "-"
        text = f"{value:,.{self.digits}f}"
        if bar is None:
            return text
        fine = value <= bar if self.most else value >= bar
        return f"{'' if fine else '! '}{text} ({'≤' if self.most else '≥'} {bar:,.6g})"


def _times(peer: str, key: str) -> Callable[[Measured], float | None]:
    return lambda measured: measured.ratio(peer, key)


def _ours(key: str, scale: float = 1.0) -> Callable[[Measured], float | None]:
    def value(measured: Measured) -> float | None:
        found = measured.value("ours", key)
        return None if found is None else found * scale

    return value


def _first_inside(measured: Measured) -> float | None:
    """Peers are programs that start at once; of ours the part inside, to see what the interpreter's start makes up."""
    theirs, ours = measured.value("crate addr2line", "first"), measured.value("ours", "first_inside")
    return theirs / ours if theirs and ours else None


def _lookups(measured: Measured) -> float | None:
    seconds = measured.value("ours", "warm")
    return 1 / seconds if seconds else None


def _everywhere(bar: float) -> dict[str, float]:
    return dict.fromkeys("SGMKL", bar)


FASTER = {"S": 1.0, "G": 1.0, "M": 2.0, "K": 1.0, "L": 2.0}
BARS = (
    Bar("file to index: times faster than symbolic", {"S": 1, "M": 3, "K": 3, "L": 4}, _times("symbolic", "convert")),
    Bar("its memory: symbolic's, times ours", _everywhere(1), _times("symbolic", "convert_peak")),
    Bar("index: symbolic's size, times ours", _everywhere(1), _times("symbolic", "index")),
    Bar("first trace, the process: times faster than addr2line's crate", FASTER, _times("crate addr2line", "first")),
    Bar("first trace, inside ours: times faster than addr2line's crate", {}, _first_inside),
    Bar("with index, in the core: ms", _everywhere(1), _ours("cold", 1e3), most=True),
    Bar("with index, process above a bare interpreter: ms", _everywhere(40), _ours("cold_process", 1e3), most=True),
    Bar("lookups a second", _everywhere(300_000), _lookups, digits=0),
    Bar("same chains as llvm-symbolizer: %", _everywhere(99.9), _ours("same", 1e2)),
)


def table(measured: Sequence[Measured]) -> str:
    """As text; the fixture, for which nothing is asked, is left out."""
    real = [one for one in measured if not one.given.small]
    return "\n".join(["What is reached (and asked for; ! where it falls short)", *aligned(list(_grid(real)))]) + "\n"


def _grid(measured: Sequence[Measured]) -> Iterator[list[str]]:
    yield ["", *(one.given.letter for one in measured)]
    for bar in BARS:
        yield [bar.text, *map(bar.cell, measured)]
