"""The threads beside the crashed one: a count, or each with its stack; equal stacks are shown once."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.model import Event, Thread
from symbolicator.render.beside import beside_lines, traces_beside
from symbolicator.render.heading import crashed_thread, numbered, thread_name
from symbolicator.render.lines import BLANK, Line, Style, indented, line
from symbolicator.render.locks import blockers
from symbolicator.render.paper import Paper
from symbolicator.render.safe import safe
from symbolicator.render.sections import Section
from symbolicator.render.trace_lines import trace_lines
from symbolicator.render.traces import Trace, identity, stack_trace

_MAX_NAMES = 4


class Group(Struct, frozen=True):
    """Threads that stand in the same place."""

    threads: tuple[Thread, ...]
    trace: Trace
    beside: tuple[Trace, ...]
    """Further stacks of theirs."""


def other_threads(event: Event, sections: Sequence[Section]) -> list[tuple[str, Thread]]:
    """Every thread whose stack no section shows, crashed ones first, with the name of its stack."""
    crashed = crashed_thread(event, sections[0])
    shown = frozenset[str]().union(*(section.trace.stacks for section in sections))
    named = ((f"thread/{index}", thread) for index, thread in enumerate(event.thread_list))
    others = [
        (name, thread) for name, thread in named if name not in shown and (thread is not crashed or thread.stacktrace)
    ]
    return sorted(others, key=lambda item: not item[1].crashed)


def thread_lines(event: Event, sections: Sequence[Section], paper: Paper) -> Iterator[Line]:
    """The other threads as the options ask for them; always those that keep the crashed one waiting."""
    others = other_threads(event, sections)
    in_the_way = blockers(event, crashed_thread(event, sections[0]))
    shown = others if paper.options.threads else [item for item in others if item[1] in in_the_way]
    for group in _groups(event, shown):
        yield BLANK
        title = _title(group, in_the_way)
        yield from indented([title], paper.options.columns, Style.HEADING, first="", rest="  ")
        yield from _stack(group, paper)
    left = len(others) - len(shown)
    if left:
        yield BLANK
        count = "1 other thread" if left == 1 else f"{left:,} other threads"
        yield line(f"{count} (--threads shows {'it' if left == 1 else 'them'})", Style.DIM)


def _stack(group: Group, paper: Paper) -> Iterator[Line]:
    if group.trace.steps:
        yield from trace_lines(group.trace, paper, sources=0, hide_all=True)
    else:
        yield line("    no stack", Style.DIM)
    for trace in group.beside:
        yield from beside_lines(trace, paper, sources=0)


def _groups(event: Event, threads: list[tuple[str, Thread]]) -> list[Group]:
    """Threads with the same calls and the same state, in the order of the first of them."""
    groups: dict[object, Group] = {}
    for name, thread in threads:
        trace = stack_trace(name, thread.stacktrace) if thread.stacktrace else Trace()
        beside = traces_beside(event, thread)
        calls = tuple(identity(frame) for one in (trace, *beside) for frame in one.frames)
        known = groups.get(key := (thread.state, thread.crashed, len(trace.frames), calls))
        groups[key] = replace(known, threads=(*known.threads, thread)) if known else Group((thread,), trace, beside)
    return list(groups.values())


def _title(group: Group, in_the_way: Sequence[Thread]) -> str:
    """``thread "logger" (id 7, waiting)`` or ``3 threads (waiting): "a", "b" and "c"``."""
    first, *others = group.threads
    waited_for = "holds what is waited for" if first in in_the_way else ""
    state = ["crashed" if first.crashed else "", safe(first.state or "", 40), waited_for]
    if not others:
        number = f"id {first.id}" if first.name and first.id is not None else ""
        return thread_name(first) + _in_brackets([safe(number, 40), *state])
    names = [thread_name(thread).removeprefix("thread ") for thread in group.threads[:_MAX_NAMES]]
    if len(group.threads) > _MAX_NAMES:
        names.append(f"{len(group.threads) - _MAX_NAMES:,} more")
    return f"{len(group.threads):,} threads{_in_brackets(state)}: {numbered(names)}"


def _in_brackets(parts: list[str]) -> str:
    known = [part for part in parts if part]
    return f" ({', '.join(known)})" if known else ""
