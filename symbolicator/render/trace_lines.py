"""The lines of one trace: own calls in front with their source, libraries behind, everything counted."""

from collections.abc import Iterator
from dataclasses import dataclass

from symbolicator.model import Event, Seam
from symbolicator.model.edit import platform_of
from symbolicator.render.calls import describe, language_of
from symbolicator.render.explain import Explainer
from symbolicator.render.lines import BLANK, Line, Span, Style, cells, cut, line
from symbolicator.render.options import Options
from symbolicator.render.problems import References, mark
from symbolicator.render.rows import Folded, Joint, Row, Shown, rows_of
from symbolicator.render.safe import safe
from symbolicator.render.shorten import shorten_function, shorten_path
from symbolicator.render.source import source_block
from symbolicator.render.traces import Step, Trace

OWN_INDENT = "  "
LIBRARY_INDENT = "    "
_MAX_COLUMN = 28
"""Functions up to this width share a column for their places."""
_AROUND_FIRST = 3
_AROUND = 2
_RELATIONS = {"R1": "one stack, two views", "R2": "asynchronous", "R3": "cause chain"}


@dataclass(frozen=True, slots=True)
class Paper:
    """What all traces of one rendering share."""

    event: Event
    options: Options
    references: References
    explainer: Explainer | None


def trace_lines(trace: Trace, paper: Paper, *, sources: int, hide_all: bool = False) -> Iterator[Line]:
    """Renders a trace; the first ``sources`` own frames come with their source lines."""
    rows = rows_of(trace, fold=paper.options.folds, hide_all=hide_all)
    layout = _Layout(paper, rows)
    around = {row.step: _AROUND for row in _with_source(rows)[:sources]}
    if around:
        around[next(iter(around))] = _AROUND_FIRST
    for number, row in enumerate(rows):
        last = number == len(rows) - 1
        yield from layout.row(row, around.get(row.step, 0) if isinstance(row, Shown) else 0, last=last)
