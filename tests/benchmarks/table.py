"""Plain text tables: a row a peer, a column a measure, beside each figure how it compares with ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.fresh import RUNS, Figure


@dataclass(frozen=True, slots=True)
class Column:
    """A measure. ``scale`` multiplies the figure (seconds to milliseconds), ``compared`` asks for the ratio to ours."""

    key: str
    heading: str
    digits: int
    scale: float = 1.0
    compared: bool = True


@dataclass(slots=True)
class Row:
    """What was measured of one peer, and what could not be."""

    peer: str
    figures: dict[str, Figure] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def render(title: str, columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """The table as text. The first row is ours: ratios are the row's figure divided by ours."""
    ours = rows[0].figures if rows else {}
    grid = [["", *(column.heading for column in columns)]]
    grid += [[row.peer, *(_cell(column, row.figures, ours) for column in columns)] for row in rows]
    notes = [f"  {row.peer}: {note}" for row in rows for note in dict.fromkeys(row.notes)]
    return "\n".join([title, *aligned(grid), *notes]) + "\n"


def _cell(column: Column, figures: Mapping[str, Figure], ours: Mapping[str, Figure]) -> str:
    figure = figures.get(column.key)
    if figure is None:
        return "-"
    text = f"{figure.value * column.scale:,.{column.digits}f}" + ("*" if figure.runs < RUNS else "")
    if not column.compared:
        return text
    return f"{text} {_ratio(figure, ours.get(column.key)):>6}"


def _ratio(figure: Figure, ours: Figure | None) -> str:
    if ours is None or not ours.value:
        return ""
    ratio = figure.value / ours.value
    return f"{ratio:.2f}×" if ratio < 9.95 else f"{ratio:,.0f}×"  # noqa: RUF001 - the sign is meant


def aligned(grid: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    return ["  ".join(_padded(cells, widths)).rstrip() for cells in grid]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
