"""The top of a rendering: what went wrong, and where it ran."""

from collections.abc import Iterable, Iterator

from symbolicator.model import Event, ExceptionValue, Thread
from symbolicator.render.lines import Line, Span, Style, cells, cut, indented, line
from symbolicator.render.safe import safe, safe_lines
from symbolicator.render.sections import Section

_HANGS = frozenset({"anr", "apphang", "deadlock", "thread_dump", "watchdog"})
"""Mechanisms."""
_HANG_KINDS = frozenset({"deadlock", "not-responding", "watchdog"})
MAX_MESSAGE_LINES = 12
_MAX_MESSAGE = 4_000
_INDENT = "  "


def error_lines(exception: ExceptionValue, width: int, prefix: str = "") -> Iterator[Line]:
    """Type and message; what a long message has beyond the first lines is counted."""
    name = safe(exception.type or "Error", 200)
    value = (exception.value or "").strip("\n")
    first, *others = safe_lines(value, _MAX_MESSAGE)
    paragraphs = [f"{prefix}{name}: {first}".removesuffix(": "), *_without_blank_runs(others)]
    lines = list(indented(paragraphs, width, Style.MESSAGE, first="", rest=_INDENT))
    yield _with_type(lines[0], len(prefix), len(name))
    yield from lines[1:MAX_MESSAGE_LINES]
    hidden = sum(len(spans[-1].text) for spans in lines[MAX_MESSAGE_LINES:]) + max(0, len(value) - _MAX_MESSAGE)
    if hidden:
        yield (Span(f"{_INDENT}… {hidden:,} more characters", Style.DIM),)


def _without_blank_runs(paragraphs: list[str]) -> Iterator[str]:
    before = "text"
    for paragraph in paragraphs:
        if paragraph.strip() or before.strip():
            yield paragraph
        before = paragraph


def _with_type(first: Line, prefix: int, name: int) -> Line:
    text = "".join(span.text for span in first)
    end = prefix + name
    return (
        Span(text[:prefix], Style.HEADING),
        Span(text[prefix:end], Style.ERROR),
        Span(text[end:], Style.MESSAGE),
    )


def context_lines(event: Event, main: Section, width: int) -> Iterator[Line]:
    """What kind of crash it was, release, where it ran and which thread crashed, as far as the report says."""
    rows: list[str] = []
    for part in (safe(part, 300) for part in _context(event, main) if part):
        if rows and cells(rows[-1]) + cells(part) + 3 <= width:
            rows[-1] += f" · {part}"
        else:
            rows.append(part)
    yield from (line(cut(row, width), Style.CONTEXT) for row in rows)


def _context(event: Event, main: Section) -> Iterator[str]:
    yield _kind(event)
    if event.release:
        yield f"release {event.release}" + (f" (dist {event.dist})" if event.dist else "")
    yield event.environment or ""
    yield from (_named(event, name, *fields) for name, fields in _CONTEXTS)
    yield _handled(main)
    yield _crashed(event, main)


_CONTEXTS = (("runtime", ("name", "version")), ("os", ("name", "version")), ("device", ("model",)))


def _named(event: Event, name: str, *fields: str) -> str:
    context = (event.contexts or {}).get(name)
    if not isinstance(context, dict):
        return ""
    return " ".join(value for value in map(context.get, fields) if isinstance(value, str))


def _kind(event: Event) -> str:
    """What happened, in words that the error's own type and value lack."""
    kind = event.crash_kind
    return kind.words if kind and kind.words and not kind.is_told else ""


def _handled(main: Section) -> str:
    mechanism = main.exception.mechanism if main.exception else None
    if mechanism is None or mechanism.handled is None:
        return ""
    return "handled" if mechanism.handled else "unhandled"


def _crashed(event: Event, main: Section) -> str:
    """Which thread it was; a single one that has no name needs no word."""
    thread = crashed_thread(event, main)
    if thread is None or (len(event.thread_list) == 1 and thread.name is None and thread.id is None):
        return ""
    merged = event.merged
    reason = merged.reason if merged and (merged.crashed_stack or "").startswith("thread/") else None
    hung = _hung(event, main)
    return f"{thread_name(thread)}{'' if hung else ' crashed'}" + (f" ({reason})" if reason and not hung else "")


def _hung(event: Event, main: Section) -> bool:
    """Whether nothing crashed: the report was made because a thread did not go on, or because somebody asked for it."""
    mechanism = main.exception.mechanism if main.exception else None
    by_kind = event.crash_kind is not None and event.crash_kind.id in _HANG_KINDS
    return by_kind or (mechanism is not None and (mechanism.type or "").lower() in _HANGS)


def crashed_thread(event: Event, main: Section) -> Thread | None:
    """The thread that the main trace is of."""
    threads = event.thread_list
    raised = main.exception.thread_id if main.exception else None
    stacks = main.trace.stacks
    shown = (thread for index, thread in enumerate(threads) if f"thread/{index}" in stacks)
    same_id = (thread for thread in threads if raised is not None and thread.id == raised)
    crashed = (thread for thread in threads if thread.crashed)
    return next((thread for group in (shown, same_id, crashed) for thread in group), None)


def thread_name(thread: Thread) -> str:
    """``thread "main"``, ``thread 7``, or just ``thread``."""
    if thread.name:
        return f'thread "{safe(thread.name, 80)}"'
    return "thread" if thread.id is None else f"thread {safe(str(thread.id), 40)}"


def numbered(parts: Iterable[str]) -> str:
    """A list in words: ``a``, ``a and b``, ``a, b and c``."""
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
