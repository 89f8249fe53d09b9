"""Stacks that belong to a thread and are no part of its trace: as a runtime sees it, and who asked for what it does."""

from collections.abc import Iterator, Mapping

from symbolicator.model import Event, Thread
from symbolicator.model.edit import stacks_of
from symbolicator.render.heading import crashed_thread
from symbolicator.render.language_names import language_name
from symbolicator.render.lines import BLANK, Line, Style, indented
from symbolicator.render.paper import Paper
from symbolicator.render.safe import safe
from symbolicator.render.sections import Section
from symbolicator.render.trace_lines import trace_lines
from symbolicator.render.traces import Trace, stack_trace

_TITLES: Mapping[str, str] = {"vm": "The same thread in {}", "caller": "Asked for earlier by {}"}
_NATIVE = "The same thread in native code"


def traces_beside(event: Event, thread: Thread) -> tuple[Trace, ...]:
    """The further stacks of a thread."""
    at = next((index for index, one in enumerate(event.thread_list) if one is thread), None)
    stacks = dict(stacks_of(event)) if thread.vm_stacktrace or thread.caller else {}
    names = (f"thread/{at}/{kind}" for kind in _TITLES)
    return tuple(stack_trace(name, stacks[name]) for name in names if name in stacks and stacks[name].frames)


def sections_beside(event: Event, main: Section) -> tuple[Section, ...]:
    """Those of the thread that the main trace is of which that does not show itself, its own stack among them."""
    thread = crashed_thread(event, main)
    traces = (*_native_apart(event, thread), *traces_beside(event, thread)) if thread else ()
    return tuple(Section(None, trace) for trace in traces if not trace.stacks & main.trace.stacks)


def _native_apart(event: Event, thread: Thread) -> tuple[Trace, ...]:
    """The thread's own stack where it is no part of the trace of the exception that it raised, and belongs to it."""
    name = next((f"thread/{at}" for at, one in enumerate(event.thread_list) if one is thread), "")
    is_apart = event.merged is not None and any(one.stack == name for one in event.merged.apart)
    return (stack_trace(name, thread.stacktrace),) if is_apart and thread.stacktrace else ()


def beside_lines(trace: Trace, paper: Paper, *, sources: int) -> Iterator[Line]:
    """The frames below a line that says whose they are."""
    language = language_name(paper.platform(trace.frames[0]))
    kind = trace.steps[0].stack.rpartition("/")[2]
    title = _label(trace, paper) or _TITLES.get(kind, _NATIVE).format(language)
    yield BLANK
    text = f"{title}{_why(trace, paper)}:"
    yield from indented([text], paper.options.columns, Style.HEADING, first="", rest="  ")
    yield BLANK
    yield from trace_lines(trace, paper, sources=sources)


def _label(trace: Trace, paper: Paper) -> str:
    """What the report says of a caller."""
    _, index, kind = trace.steps[0].stack.split("/")
    caller = paper.event.thread_list[int(index)].caller if kind == "caller" else None
    label = safe((caller.label if caller else None) or "", 200)
    return label[:1].upper() + label[1:]


def _why(trace: Trace, paper: Paper) -> str:
    """Why the frames stand apart from the native ones."""
    apart = paper.event.merged.apart if paper.event.merged else ()
    return next((f", apart as {safe(one.reason, 200)}" for one in apart if one.stack in trace.stacks), "")
