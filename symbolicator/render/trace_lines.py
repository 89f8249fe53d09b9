"""The lines of one trace: own calls in front with their source, libraries behind, everything counted."""

from collections.abc import Iterator, Sequence

from symbolicator.model import Seam
from symbolicator.render.calls import Call, describe
from symbolicator.render.language_names import language_name
from symbolicator.render.lines import BLANK, Line, Span, Style, cells, cut, indented, line
from symbolicator.render.paper import Paper
from symbolicator.render.problems import mark
from symbolicator.render.rows import Folded, Joint, Row, Shown, machinery_of, rows_of
from symbolicator.render.safe import safe
from symbolicator.render.shorten import shorten_function, shorten_path
from symbolicator.render.source import source_block
from symbolicator.render.traces import Step, Trace

OWN_INDENT = "  "
LIBRARY_INDENT = "    "
_BELOW = "      "
_MAX_COLUMN = 28
"""Functions up to this width share a column for their places."""
_AROUND_FIRST = 3
_AROUND = 2
_RELATIONS = {"R1": "two views of one stack", "R2": "asked for earlier", "R3": "cause chain"}
_CALLS = {"R2": " earlier, asynchronously", "R3": ""}
"""What is added where one language called another."""


def trace_lines(trace: Trace, paper: Paper, *, sources: int, shared: int = 0, hide_all: bool = False) -> Iterator[Line]:
    """Renders a trace; the first ``sources`` own frames come with their source lines.

    ``shared``: how many of its oldest frames are only counted, because the trace above has them too. ``hide_all``: fold
    libraries even where there is no own frame to bring forward.
    """
    own = trace.part(0, len(trace.steps) - shared) if shared else trace
    rows = rows_of(own, fold=paper.options.folds, hide_all=hide_all)
    if shared:
        rows.append(Folded((), f"{shared:,} frames shared with the trace above"))
    layout = _Layout(paper, trace, rows)
    around = _around(rows, sources)
    told: set[tuple[str, ...]] = set()
    for position, row in enumerate(rows):
        match row:
            case Shown():
                yield from layout.shown(row)
                yield from layout.source(row.step, around.get(position, 0), last=position == len(rows) - 1)
            case Folded():
                yield layout.folded(row)
            case Joint() if row.seam.label or _told(row.seam) not in told:
                told.add(_told(row.seam))
                yield layout.joint(_joint_text(row.seam, rows, position, paper))


def _around(rows: list[Row], sources: int) -> dict[int, int]:
    """How many lines around the failing one to show, by position of the row."""
    shown = [(position, row) for position, row in enumerate(rows) if isinstance(row, Shown)]
    own = [position for position, row in shown if row.own and not machinery_of(row.step.frame)]
    own = own or [position for position, _ in shown[:1]]
    return {position: _AROUND if order else _AROUND_FIRST for order, position in enumerate(own[:sources])}


class _Layout:
    """Places the parts of a line so that no line is too wide and short names share a column."""

    def __init__(self, paper: Paper, trace: Trace, rows: list[Row]) -> None:
        self._paper = paper
        self._width = paper.options.columns
        self._tag_width = max((cells(paper.tag(frame)) for frame in trace.frames), default=0)
        self._column = max((self._natural(row) for row in rows if isinstance(row, Shown)), default=0)

    def _natural(self, row: Shown) -> int:
        """Where the place would start, if that is within the shared column."""
        frame = row.step.frame
        function = describe(frame, self._paper.platform(frame)).function
        width = len(self._margin(row)) + cells(function)
        return width if width <= _MAX_COLUMN else 0

    def _margin(self, row: Shown) -> str:
        tag = self._paper.tag(row.step.frame).ljust(self._tag_width)
        return (OWN_INDENT if row.own else LIBRARY_INDENT) + tag

    def shown(self, row: Shown) -> Iterator[Line]:
        """The frame's own line, and how it was resolved if that is wanted."""
        frame = row.step.frame
        call = describe(frame, self._paper.platform(frame))
        marks = mark(self._paper.references.to([frame]))
        yield from self._call(row, call, f"  {marks}" if marks else "")
        yield from self._below(self._paper.matches.note(frame))
        if self._paper.explainer:
            yield from self._paper.explainer.lines(row.step, self._width)

    def _call(self, row: Shown, call: Call, marks: str) -> Iterator[Line]:
        """The call on one line; long notes go below rather than take the room of its name."""
        margin = self._margin(row)
        room = self._width - len(margin) - cells(marks)
        notes = f"  ({'; '.join(call.notes)})" if call.notes else ""
        wanted = min(cells(call.function) + 2 + cells(call.place), room * 2 // 3)
        beside = notes if room - cells(notes) >= wanted else ""
        function, place = self._share(call.function, call.place, room - cells(beside), len(margin))
        styles = (Style.OWN, Style.LOCATION) if row.own else (Style.LIBRARY, Style.LIBRARY)
        yield (
            Span(margin, Style.TAG),
            *map(Span, (function, place), styles),
            Span(beside, Style.NOTE),
            Span(marks, Style.REFERENCE),
        )
        if not beside:
            yield from self._below(call.notes)

    def _below(self, notes: Sequence[str]) -> Iterator[Line]:
        if notes:
            text = f"({'; '.join(notes)})"
            yield from indented([text], self._width, Style.NOTE, first=_BELOW, rest=f"{_BELOW} ")

    def _share(self, function: str, place: str, room: int, margin: int) -> tuple[str, str]:
        """Cuts function and place to ``room`` cells; the place, which says more, keeps at least half of it."""
        if not function or not place:
            return shorten_function(function, room), shorten_path(place, room)
        place = shorten_path(place, max(room // 2, room - cells(function) - 2))
        function = shorten_function(function, room - cells(place) - 2)
        padding = min(self._column - margin, room - cells(place) - 2) - cells(function)
        return function + " " * max(0, padding) + "  ", place

    def source(self, step: Step, around: int, *, last: bool) -> Iterator[Line]:
        """The frame's source lines, set off from what follows."""
        platform = self._paper.platform(step.frame)
        lines = list(source_block(step.frame, platform, around, self._width)) if around else []
        yield from lines
        if lines and not last:
            yield BLANK

    def folded(self, row: Folded) -> Line:
        """How many frames are behind the line, and the problems that they have."""
        marks = mark(self._paper.references.to(step.frame for step in row.steps))
        text = cut(f"{LIBRARY_INDENT}… {row.text}", self._width - len(marks) - 2)
        return (Span(text, Style.DIM), Span(f"  {marks}" if marks else "", Style.REFERENCE))

    def joint(self, text: str) -> Line:
        """A thin line that says why the trace goes on in another place."""
        return line(f"{OWN_INDENT}── {cut(safe(text), self._width - 8)} ──", Style.SEAM)


def _told(seam: Seam) -> tuple[str, ...]:
    """What is said once: a crossing that repeats is explained where it was last made."""
    return (seam.relation, seam.rule, seam.evidence)


def _joint_text(seam: Seam, rows: Sequence[Row], position: int, paper: Paper) -> str:
    """What a line between two parts says."""
    if seam.label:
        return seam.label
    newer = [step for one in rows[max(0, position - 1) : position] for step in one.steps][-1:]
    older = [step for one in rows[position + 1 : position + 2] for step in one.steps][:1]
    return _seam_text(seam, *(language_name(paper.platform(step.frame)) for step in (*older, *newer)))


def _seam_text(seam: Seam, *languages: str) -> str:
    """``languages``: of the caller and of what it called, where there are both."""
    relation = _RELATIONS.get(seam.relation, seam.relation)
    if seam.relation in _CALLS and len(set(languages)) > 1:
        caller, called = languages
        relation = f"{caller} called {called}{_CALLS[seam.relation]}"
    certainty = "" if seam.relation == "R2" and seam.confidence >= 1 else f" ({seam.confidence:.0%} sure)"
    return f"{relation}: {seam.evidence}{certainty}"
