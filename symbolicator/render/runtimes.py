"""A thread as a language's runtime sees it: the interpreter's frames, below the native ones of the same thread."""

from collections.abc import Iterator

from symbolicator.model import Event, Thread
from symbolicator.render.heading import crashed_thread
from symbolicator.render.lines import BLANK, Line, Style, line
from symbolicator.render.paper import Paper
from symbolicator.render.safe import safe
from symbolicator.render.sections import Section
from symbolicator.render.trace_lines import trace_lines
from symbolicator.render.traces import Trace, stack_trace

_NAMES = {
    "csharp": "C#", "dart": "Dart", "java": "Java", "javascript": "JavaScript", "node": "JavaScript",
    "python": "Python", "ruby": "Ruby",
}  # fmt: skip


def runtime_trace(event: Event, thread: Thread) -> Trace:
    """The runtime's frames of a thread; empty where there are none."""
    at = next((index for index, one in enumerate(event.thread_list) if one is thread), None)
    if at is None or thread.vm_stacktrace is None:
        return Trace()
    return stack_trace(f"thread/{at}/vm", thread.vm_stacktrace)


def runtime_sections(event: Event, main: Section) -> tuple[Section, ...]:
    """The runtime's frames of the thread that the main trace is of, where that does not show them itself."""
    thread = crashed_thread(event, main)
    trace = runtime_trace(event, thread) if thread else Trace()
    return (Section(None, trace),) if trace.steps and not trace.stacks & main.trace.stacks else ()


def runtime_lines(trace: Trace, paper: Paper, *, sources: int) -> Iterator[Line]:
    """The frames below a line that says whose they are."""
    platform = paper.platform(trace.frames[0]) or ""
    yield BLANK
    yield line(f"The same thread in {_NAMES.get(platform) or safe(platform, 12)}{_why(trace, paper)}:", Style.HEADING)
    yield BLANK
    yield from trace_lines(trace, paper, sources=sources)


def _why(trace: Trace, paper: Paper) -> str:
    """Why the frames stand apart from the native ones."""
    apart = paper.event.merged.apart if paper.event.merged else ()
    return next((f", apart as {safe(one.reason, 200)}" for one in apart if one.stack in trace.stacks), "")
