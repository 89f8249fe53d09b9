"""Renders an event as text, most needed first.

The error and where it ran; the trace that crashed, newest call first, with the source of own code; what caused it; the
other threads; what did not resolve and what to do about it; one line that sums up.
"""

from collections.abc import Iterator, Sequence

from symbolicator.model import Event, ExceptionValue, Frame
from symbolicator.render.beside import beside_lines, sections_beside
from symbolicator.render.closing import closing_lines, other_frames
from symbolicator.render.explain import report_lines
from symbolicator.render.heading import context_lines, error_lines
from symbolicator.render.lines import BLANK, Line, Style, fit, indented, line
from symbolicator.render.options import Options
from symbolicator.render.paper import Paper, paper_for
from symbolicator.render.problems import problem_lines
from symbolicator.render.safe import safe
from symbolicator.render.sections import Section, sections_of
from symbolicator.render.suspects import suspect_lines
from symbolicator.render.threads import thread_lines
from symbolicator.render.trace_lines import trace_lines

SOURCES = 3
"""Own frames of a trace that are shown with their source lines."""
MAX_CAUSES = 10
"""Linked exceptions that are shown; in a longer chain the middle is left out, never the root cause."""


def render(event: Event, options: Options) -> Iterator[Line]:
    """The event as lines of at most ``options.columns`` cells, all of it safe to print on a terminal."""
    for spans in _lines(event, options):
        yield fit(spans, options.columns)


def _lines(event: Event, options: Options) -> Iterator[Line]:
    sections = sections_of(event)
    beside = sections_beside(event, sections[0])
    paper = paper_for(event, (*sections, *beside), options)
    yield from _heading(event, sections[0], options)
    yield from _within(sections[0], options)
    yield from _trace(sections[0], paper, sources=SOURCES)
    for section in beside:
        yield from beside_lines(section.trace, paper, sources=SOURCES)
    yield from _causes(sections[1:], paper)
    yield from thread_lines(event, (*sections, *beside), paper)
    if not options.raw:
        yield from _ending((*sections, *beside), paper)


def _heading(event: Event, main: Section, options: Options) -> Iterator[Line]:
    untitled = ExceptionValue(type=event.title or "Report without an error")
    yield from error_lines(main.exception or untitled, options.columns)
    yield from context_lines(event, main, options.columns)


def _within(section: Section, options: Options) -> Iterator[Line]:
    """What caused the error, above the frames of both."""
    for cause in section.within:
        yield BLANK
        yield from _cause_title(cause, options)


def _cause_title(section: Section, options: Options) -> Iterator[Line]:
    prefix = f"{section.relation}: " if section.relation else ""
    yield from error_lines(section.exception or ExceptionValue(), options.columns, prefix)


def _trace(section: Section, paper: Paper, *, sources: int) -> Iterator[Line]:
    if section.trace.steps:
        yield BLANK
        yield from trace_lines(section.trace, paper, sources=sources, shared=section.shared)


def _causes(linked: Sequence[Section], paper: Paper) -> Iterator[Line]:
    hidden = max(0, len(linked) - MAX_CAUSES) if paper.options.folds else 0
    for section in linked[: len(linked) - 1 - hidden]:
        yield from _cause(section, paper, sources=SOURCES if section.within else 1)
    if hidden:
        yield BLANK
        yield line(f"… {hidden:,} more linked exceptions (--no-fold shows them)", Style.DIM)
    for root in linked[-1:]:
        yield from _cause(root, paper, sources=SOURCES)


def _cause(section: Section, paper: Paper, *, sources: int) -> Iterator[Line]:
    yield BLANK
    yield from _cause_title(section, paper.options)
    yield from _apart(section, paper.options)
    yield from _within(section, paper.options)
    yield from _trace(section, paper, sources=sources)


def _apart(section: Section, options: Options) -> Iterator[Line]:
    if section.apart:
        text = f"(shown apart from the trace above: {safe(section.apart, 300)})"
        yield from indented([text], options.columns, Style.NOTE, first="  ", rest="   ")


def _ending(sections: Sequence[Section], paper: Paper) -> Iterator[Line]:
    event, options = paper.event, paper.options
    stacks = frozenset[str]().union(*(section.trace.stacks for section in sections))
    others = other_frames(event, stacks)
    closing = list(closing_lines(_distinct_frames(sections), others, paper.references, options.columns))
    problems = list(problem_lines(event, paper.references, options.columns, everything=options.explain))
    report = list(report_lines(event, options)) if options.explain else []
    for part in (list(suspect_lines(event, options.columns)), problems, report, closing):
        yield from (BLANK, *part) if part else ()


def _distinct_frames(sections: Sequence[Section]) -> list[Frame]:
    """The frames of all sections, those that a cause shares with the one above counted once."""
    own = (section.trace.frames[: len(section.trace.frames) - section.shared] for section in sections)
    return [frame for frames in own for frame in frames]
