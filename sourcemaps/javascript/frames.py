"""Resolved frames: what a `Resolution` turns a raw frame into."""

import re

from msgspec.structs import replace

from sourcemaps.javascript.context import SourceContext, context_in
from sourcemaps.javascript.dart_names import dart_name, is_dart
from sourcemaps.javascript.function_names import ANONYMOUS, MAX_NAME
from sourcemaps.javascript.in_app import is_in_app
from sourcemaps.javascript.resolution import Resolution
from sourcemaps.javascript.urls import display_name
from symbolicator.model import Frame, FrameStatus
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


def resolved_frame(frame: Frame, resolution: Resolution, callee_token: str | None) -> Frame:
    """The frame at its original position. ``callee_token``: what the code that calls it calls it, if that is known."""
    trail = resolution.trail
    raw = frame.function
    function = function_name(raw, resolution, callee_token)
    source = trail.sources[-1]
    named = replace(
        frame,
        function=function,
        raw_function=frame.raw_function or (raw if raw != function else None),
        filename=None if source is None else display_name(source),
        abs_path=trail.abs_path,
        lineno=trail.position.line0 + 1,
        colno=trail.position.column0 + 1,
        in_app=trail.is_own,
    )
    return with_data(
        with_context(named, resolution.context),
        status=FrameStatus.SYMBOLICATED,
        resolved_with=_NEXT.join(found.resolved_with for found in trail.maps),
        sourcemap=_NEXT.join(found.name for found in trail.maps),
        evidence="source map",
        is_async=_is_async(frame),
    )


def line_frame(frame: Frame, resolution: Resolution) -> Frame:
    """The frame at its original line: column and function are what the report says, which is nothing and the raw name.

    A line may hold several functions, so that the map's name for it would be a guess.
    """
    resolved = resolved_frame(frame, resolution, None)
    named = replace(resolved, function=frame.function, raw_function=frame.raw_function, colno=None)
    return with_data(named, evidence=LINE_ONLY)


def function_name(raw: str | None, resolution: Resolution, callee_token: str | None) -> str | None:
    """The best name there is: the map's function list, the original source, the caller's token, the raw name."""
    name = resolution.listed_function
    enclosing = resolution.enclosing
    is_construction = _plain(raw).startswith(_NEW)
    if name is None and enclosing is not None:
        name = enclosing.function
        if is_construction and enclosing.class_name and not name.startswith(_NEW):
            name = enclosing.class_name
    if name is None and callee_token and _TOKEN.match(callee_token) and callee_token not in _CALLS_BACK:
        name = callee_token[:MAX_NAME]
    if name is None:
        return dart_name(raw) if raw and is_dart(resolution.trail.sources[-1] or "") else raw
    return _NEW + name if is_construction and _may_be_class(name) else name


def _may_be_class(name: str) -> bool:
    """``<global>`` and ``new Cart`` do not take another ``new``; ``<anonymous>`` does."""
    return name == ANONYMOUS or bool(_TOKEN.match(name.rpartition(".")[2]) and not name.startswith("<"))


def _plain(raw: str | None) -> str:
    return (raw or "").removeprefix(_ASYNC)


def _is_async(frame: Frame) -> bool:
    known = frame.data.is_async if frame.data else False
    return known or (frame.function or "").startswith(_ASYNC)


def with_context(frame: Frame, context: SourceContext | None) -> Frame:
    """The frame with source lines, instead of those of the generated file that it may have had."""
    if context is None:
        return replace(frame, pre_context=None, context_line=None, post_context=None)
    return replace(frame, pre_context=context.before, context_line=context.line, post_context=context.after)


def builtin_frame(frame: Frame) -> Frame:
    """A frame of the machinery: as it came, and nobody's own."""
    return with_data(replace(frame, in_app=False), status=FrameStatus.AS_IS, is_async=_is_async(frame))


def plain_frame(frame: Frame, lines: tuple[str, ...]) -> Frame:
    """A frame in a file that nobody generated: its position is the original one."""
    context = context_in(list(lines), (frame.lineno or 0) - 1, max(0, (frame.colno or 1) - 1))
    path = frame.abs_path or frame.filename or ""
    own = is_in_app(path) if frame.in_app is None else frame.in_app
    shown = replace(frame, in_app=own, filename=display_name(path))
    return with_data(
        with_context(shown, context) if context else shown, status=FrameStatus.AS_IS, is_async=_is_async(frame)
    )
