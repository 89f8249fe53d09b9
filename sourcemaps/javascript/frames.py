"""Resolved frames: what a `Resolution` turns a raw frame into."""

import re

from msgspec.structs import replace

from sourcemaps.javascript.async_calls import async_call_of
from sourcemaps.javascript.context import SourceContext, context_in
from sourcemaps.javascript.dart_names import dart_name, is_dart
from sourcemaps.javascript.function_names import ANONYMOUS, MAX_NAME
from sourcemaps.javascript.resolution import Calls, Resolution
from sourcemaps.javascript.urls import display_name
from symbolicator.model import AsyncCall, Frame, FrameStatus
from symbolicator.model.edit import with_data

LINE_ONLY = "source map, by line alone"
"""Evidence of a frame whose report had no column."""
_ASYNC = "async "
_NEW = "new "
_NEXT = " → "
"""Between the maps of a chain."""
_CALLS_BACK = frozenset(
    {"all", "apply", "bind", "call", "catch", "every", "filter", "finally", "find", "flatMap", "forEach", "from", "map"}
    | {"nextTick", "queueMicrotask", "reduce", "replace", "setInterval", "setTimeout", "some", "sort", "then"}
)
"""Built-in functions that call what they are given: engines leave them out, the name is not the callee's."""
_TOKEN = re.compile(r"[^\W\d][\w$]*\Z|\$[\w$]*\Z")


def resolved_frames(frame: Frame, calls: Calls, callee_token: str | None) -> tuple[Frame, ...]:
    """The calls at the frame's position, outermost first, in place of the frame.

    ``callee_token``: what the code that calls the frame calls it, if that is known.
    """
    *inlined, outermost = calls
    inner = (_inlined_frame(frame, call) for call in reversed(inlined))
    return resolved_frame(frame, outermost, callee_token), *inner


def resolved_frame(frame: Frame, call: Resolution, callee_token: str | None) -> Frame:
    """The frame at its original position."""
    raw = frame.function
    function = function_name(raw, call, callee_token)
    named = replace(frame, function=function, raw_function=frame.raw_function or (raw if raw != function else None))
    return with_data(_placed(named, call), async_call=async_call(frame))


def _inlined_frame(frame: Frame, call: Resolution) -> Frame:
    """A call that the bundle has no function for any more: the raw frame's name is that of the function around it."""
    named = replace(frame, function=function_name(None, call, None), raw_function=None)
    return with_data(_placed(named, call), inlined=True, async_call=async_call(frame))


def _placed(frame: Frame, call: Resolution) -> Frame:
    trail = call.trail
    source = trail.sources[-1]
    placed = replace(
        frame,
        filename=None if source is None else display_name(source),
        abs_path=trail.abs_path,
        lineno=trail.position.line0 + 1,
        colno=trail.position.column0 + 1,
        in_app=None if trail.other_by is None else False,
    )
    return with_data(
        with_context(placed, call.context),
        in_app_rule=trail.other_by,
        status=FrameStatus.SYMBOLICATED,
        resolved_with=_NEXT.join(found.resolved_with for found in trail.maps),
        sourcemap=_NEXT.join(found.name for found in trail.maps),
        evidence="source map",
    )


def line_frame(frame: Frame, call: Resolution) -> Frame:
    """The frame at its original line: column and function are what the report says, which is nothing and the raw name.

    A line may hold several functions, so that the map's name for it would be a guess.
    """
    return with_data(replace(_placed(frame, call), colno=None), evidence=LINE_ONLY, async_call=async_call(frame))


def function_name(raw: str | None, call: Resolution, callee_token: str | None) -> str | None:
    """The best name there is, for a frame that the engine calls ``raw``.

    In this order: the map's scopes (as far as the original source does not know better), its list of functions, the
    original source, the generated file's own functions, the caller's token, the raw name.
    """
    is_construction = _plain(raw).startswith(_NEW)
    name = _scope_name(raw, call) or call.listed_function or _enclosing_name(call, is_construction) or call.recovered
    if name is None and callee_token and _TOKEN.match(callee_token) and callee_token not in _CALLS_BACK:
        name = callee_token[:MAX_NAME]
    if name is None:
        return dart_name(raw) if raw and is_dart(call.trail.sources[-1] or "") else raw
    return _NEW + name if is_construction and _may_be_class(name) else name


def _scope_name(raw: str | None, call: Resolution) -> str | None:
    """What the map's scopes call the function, unless the original source says something else.

    swc 1.16 writes the names that its minifier gave; so a name that the engine saw as well is not believed either
    where the source has none.
    """
    if call.scope is None:
        return None
    written = call.enclosing.function if call.enclosing else None
    if written not in (None, ANONYMOUS):
        return None
    name = ANONYMOUS if call.scope.top_level else call.scope.function
    is_minified = written and name == _plain(raw).rpartition(".")[2]
    return None if is_minified or not name else name[:MAX_NAME]


def _enclosing_name(call: Resolution, is_construction: bool) -> str | None:  # noqa: FBT001 - private
    """By the original source; a class stands for the constructor that it does not write."""
    if call.enclosing is None:
        return None
    name, class_name = call.enclosing.function, call.enclosing.class_name
    return class_name if is_construction and class_name and not name.startswith(_NEW) else name


def _may_be_class(name: str) -> bool:
    """``<global>`` and ``new Cart`` do not take another ``new``; ``<anonymous>`` does."""
    return name == ANONYMOUS or bool(_TOKEN.match(name.rpartition(".")[2]) and not name.startswith("<"))


def _plain(raw: str | None) -> str:
    return (raw or "").removeprefix(_ASYNC)


def async_call(frame: Frame) -> AsyncCall | None:
    """Whether and how the frame was resumed or called back: as its reader told, or else by its name."""
    known = frame.data.async_call if frame.data else None
    return known or async_call_of(frame.function or "")


def with_context(frame: Frame, context: SourceContext | None) -> Frame:
    """The frame with source lines, instead of those of the generated file that it may have had."""
    if context is None:
        return replace(frame, pre_context=None, context_line=None, post_context=None)
    return replace(frame, pre_context=context.before, context_line=context.line, post_context=context.after)


def builtin_frame(frame: Frame) -> Frame:
    """A frame of the machinery: as it came, and nobody's own."""
    return with_data(replace(frame, in_app=False), status=FrameStatus.AS_IS, async_call=async_call(frame))


def plain_frame(frame: Frame, lines: tuple[str, ...]) -> Frame:
    """A frame in a file that nobody generated: its position is the original one."""
    context = context_in(list(lines), (frame.lineno or 0) - 1, max(0, (frame.colno or 1) - 1))
    path = frame.abs_path or frame.filename or ""
    shown = replace(frame, filename=display_name(path))
    return with_data(
        with_context(shown, context) if context else shown, status=FrameStatus.AS_IS, async_call=async_call(frame)
    )
