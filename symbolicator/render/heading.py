"""The top of a rendering: what went wrong, and where it ran."""

from collections.abc import Iterable, Iterator

from symbolicator.model import JSON, Event, ExceptionValue, Thread
from symbolicator.render.lines import Line, Span, Style, indented
from symbolicator.render.safe import safe, safe_lines
from symbolicator.render.traces import Trace

MAX_MESSAGE_LINES = 12
_MAX_MESSAGE = 4_000
_INDENT = "  "


def error_lines(exception: ExceptionValue, width: int, prefix: str = "") -> Iterator[Line]:
    """Type and message; what a long message has beyond the first lines is counted."""
    name = safe(exception.type or "Error", 200)
    value = exception.value or ""
    paragraphs = safe_lines(value.strip("\n"), _MAX_MESSAGE)
    first = f"{prefix}{name}: {paragraphs[0]}".removesuffix(": ")
    lines = list(indented([first, *paragraphs[1:]], width, Style.MESSAGE, first="", rest=_INDENT))
    yield _with_type(lines[0], len(prefix), len(name))
    yield from lines[1:MAX_MESSAGE_LINES]
    yield from _rest(lines[MAX_MESSAGE_LINES:], len(value) - _MAX_MESSAGE)


def _with_type(first: Line, prefix: int, name: int) -> Line:
    text = "".join(span.text for span in first)
    end = prefix + name
    return (
        Span(text[:prefix], Style.HEADING),
        Span(text[prefix:end], Style.ERROR),
        Span(text[end:], Style.MESSAGE),
    )


def _rest(lines: list[Line], characters: int) -> Iterator[Line]:
    if not lines and characters <= 0:
        return
    counts = [f"{len(lines):,} more lines"] if lines else []
    counts += [f"{characters:,} more characters"] if characters > 0 else []
    yield (Span(f"{_INDENT}… {' and '.join(counts)}", Style.DIM),)


def context_lines(event: Event, trace: Trace, width: int) -> Iterator[Line]:
    """Release, environment, where it ran and which thread crashed, as far as the report says."""
    known = [safe(part, 300) for part in _context(event, trace) if part]
    if known:
        yield from indented([" · ".join(known)], width, Style.CONTEXT, first="", rest=_INDENT)


def _context(event: Event, trace: Trace) -> Iterator[str]:
    if event.release:
        yield f"release {event.release}" + (f" (dist {event.dist})" if event.dist else "")
    yield event.environment or ""
    yield from (_named(event, name, *fields) for name, fields in _CONTEXTS)
    yield _handled(event)
    yield _crashed(event, trace)


_CONTEXTS = (("runtime", ("name", "version")), ("os", ("name", "version")), ("device", ("model",)))


def _named(event: Event, name: str, *fields: str) -> str:
    context: JSON = (event.contexts or {}).get(name)
    if not isinstance(context, dict):
        return ""
    return " ".join(value for value in map(context.get, fields) if isinstance(value, str))


def _handled(event: Event) -> str:
    mechanism = event.exceptions[-1].mechanism if event.exceptions else None
    if mechanism is None or mechanism.handled is None:
        return ""
    return "handled" if mechanism.handled else "unhandled"


def _crashed(event: Event, trace: Trace) -> str:
    thread = crashed_thread(event, trace)
    reason = event.merged.reason if event.merged else None
    if thread is None:
        return ""
    return f"{thread_name(thread)} crashed" + (f" ({reason})" if reason else "")


def crashed_thread(event: Event, trace: Trace) -> Thread | None:
    """The thread that the main trace is of."""
    threads = event.thread_list
    raised = event.exceptions[-1].thread_id if event.exceptions else None
    shown = (thread for index, thread in enumerate(threads) if f"thread/{index}" in trace.stacks)
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
