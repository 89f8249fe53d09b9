"""Time and memory against the size of the DWARF, as an SVG file that any browser shows.

Both axes are logarithmic: the files differ by two orders of magnitude, and a factor between two peers is a distance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from pathlib import Path
from xml.sax.saxutils import escape

from tests.benchmarks.native.bars import Measured

WIDTH, HEIGHT = 1120, 900
PANEL_WIDTH, PANEL_HEIGHT = 400, 320
LEFT, TOP = 70, 70
GAP_X, GAP_Y = 90, 110
LEGEND_X = LEFT + 2 * PANEL_WIDTH + GAP_X + 20

COLOURS = {
    "ours": "#d62728",
    "symbolic": "#1f77b4",
    "crate addr2line": "#2ca02c",
    "blazesym": "#9467bd",
    "llvm-symbolizer": "#ff7f0e",
    "GNU addr2line": "#7f7f7f",
    "llvm-gsymutil": "#8c564b",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram. ``scale`` turns the figure ``key`` into what the title says."""

    title: str
    key: str
    unit: str
    scale: float
    column: int
    row: int

    @property
    def left(self) -> int:
        return LEFT + self.column * (PANEL_WIDTH + GAP_X)

    @property
    def top(self) -> int:
        return TOP + self.row * (PANEL_HEIGHT + GAP_Y)


PANELS = (
    Panel("Debug file to index: time", "convert", "s", 1.0, 0, 0),
    Panel("Debug file to index: peak memory", "convert_peak", "MB", 1e-6, 1, 0),
    Panel("First trace without an index: time of the process", "first", "s", 1.0, 0, 1),
    Panel("First trace without an index: peak memory", "first_peak", "MB", 1e-6, 1, 1),
)


@dataclass(frozen=True, slots=True)
class Axis:
    """From the first to the last of ``ticks`` over ``length`` pixels from ``start`` on; negative: upwards."""

    ticks: Sequence[float]
    start: float
    length: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, length: float) -> "Axis":
        """With ticks at 1, 2 and 5 of each decade, and a little room on both sides."""
        low, high = min(values) / 1.1, max(values) * 1.1
        ticks = [step * 10.0**power for power in range(floor(log10(low)), ceil(log10(high)) + 1) for step in (1, 2, 5)]
        first = max(index for index, tick in enumerate(ticks) if tick <= low)
        last = min(index for index, tick in enumerate(ticks) if tick >= high)
        return cls(ticks[first : last + 1], start, length)

    def at(self, value: float) -> float:
        low, high = log10(self.ticks[0]), log10(self.ticks[-1])
        return self.start + (log10(value) - low) / (high - low) * self.length


def write(path: Path, measured: Sequence[Measured]) -> None:
    """Nothing is written where nothing was measured."""
    files = sorted((one for one in measured if not one.given.small), key=lambda one: one.given.dwarf_bytes)
    if files:
        path.write_text("\n".join(_document(files)) + "\n", encoding="utf-8")


def _document(files: Sequence[Measured]) -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    yield "<style>text { font-family: sans-serif; font-size: 12px; fill: #222222 }</style>"
    for panel in PANELS:
        yield from _panel(panel, files)
    yield from _legend()
    yield "</svg>"


def _panel(panel: Panel, files: Sequence[Measured]) -> Iterator[str]:
    series = {label: list(_points(panel, label, files)) for label in COLOURS}
    values = [value for points in series.values() for _, value in points]
    yield _text(panel.left, panel.top - 26, f"{panel.title}, {panel.unit}", "start", 15)
    if not values:
        return
    across = Axis.over([one.given.dwarf_bytes / 1e6 for one in files], panel.left, PANEL_WIDTH)
    up = Axis.over(values, panel.top + PANEL_HEIGHT, -PANEL_HEIGHT)
    yield from _frame(panel, across, up, files)
    for label, points in series.items():
        yield from _line([(across.at(size), up.at(value)) for size, value in points], COLOURS[label], label == "ours")


def _points(panel: Panel, label: str, files: Sequence[Measured]) -> Iterator[tuple[float, float]]:
    """Megabytes of DWARF and the figure, of each file in which it was measured."""
    for one in files:
        value = one.value(label, panel.key)
        if value:
            yield one.given.dwarf_bytes / 1e6, value * panel.scale


def _frame(panel: Panel, across: Axis, up: Axis, files: Sequence[Measured]) -> Iterator[str]:
    bottom, right = panel.top + PANEL_HEIGHT, panel.left + PANEL_WIDTH
    for tick in across.ticks:
        x = across.at(tick)
        yield _stroke((x, panel.top), (x, bottom), "#e4e4e4", 1)
        yield _text(x, bottom + 16, f"{tick:g}", "middle")
    for tick in up.ticks:
        y = up.at(tick)
        yield _stroke((panel.left, y), (right, y), "#e4e4e4", 1)
        yield _text(panel.left - 6, y + 4, f"{tick:g}", "end")
    yield _stroke((panel.left, bottom), (right, bottom), "#222222", 1)
    yield _stroke((panel.left, panel.top), (panel.left, bottom), "#222222", 1)
    yield _text((panel.left + right) / 2, bottom + 36, "DWARF, uncompressed, MB", "middle")
    for one in files:
        yield _text(across.at(one.given.dwarf_bytes / 1e6), panel.top - 6, one.given.letter, "middle")


def _line(points: Sequence[tuple[float, float]], colour: str, thick: bool) -> Iterator[str]:  # noqa: FBT001 - private
    for start, end in pairwise(points):
        yield _stroke(start, end, colour, 3 if thick else 1.5)
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4.5 if thick else 3}" fill="{colour}"/>'


def _legend() -> Iterator[str]:
    for row, (label, colour) in enumerate(COLOURS.items()):
        y = TOP + 12 + row * 24
        yield from _line([(LEGEND_X, y), (LEGEND_X + 26, y)], colour, label == "ours")
        yield _text(LEGEND_X + 36, y + 4, label, "start")
    below = TOP + 12 + len(COLOURS) * 24 + 16
    for row, words in enumerate(("S libc, G templates,", "M libjvm, K vmlinux,", "L ceph-osd")):
        yield _text(LEGEND_X, below + row * 17, words, "start")


def _stroke(start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, words: str, anchor: str, size: int = 12) -> str:
    style = f'style="font-size: {size}px"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {style}>{escape(words)}</text>'
