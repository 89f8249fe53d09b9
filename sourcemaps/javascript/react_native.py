"""React Native: which bundle a frame is in, and where in that bundle's map its position is.

===================================  ==================================================================================
frame                                place that the map is asked for
===================================  ==================================================================================
``index.android.bundle:1:N``         as it stands; with Hermes N is an offset in the bytecode
``123.js:l:c``                       module 123 of a RAM bundle: ``l`` counts from where the module starts
``seg-2.js:l:c``                     segment 2 of a split bundle, a map of its own inside the map
``seg-2_123.js:l:c``                 module 123 of that segment
no file, ``l:c``                     the bundle (React Native leaves its name out of some lists)
function id and offset               Hermes' list of a crashed process: bytes from the start of a function
===================================  ==================================================================================

Module files say nothing about the bundle that they are of: `bundle_of` looks it up in the rest of the event.

Source: metro-symbolicate (``x_facebook_offsets``, ``x_facebook_segments``, ``x_hermes_function_offsets``); Hermes,
Runtime::crashWriteCallStack; React Native's ModuleRegistry and parseErrorStack.
"""

import re
from collections.abc import Iterator
from typing import TypeGuard, cast

from msgspec import Struct

from sourcemaps.javascript.places import Place0
from sourcemaps.javascript.urls import base_name
from sourcemaps.protocol import SourceIndex
from symbolicator.model import Event, Frame
from symbolicator.model.edit import stacks_of

SOURCE_MAP_IMAGE = "sourcemap"
HERMES_FUNCTION, HERMES_SEGMENT = "hermes_function_id", "hermes_segment_id"
"""In ``Frame.data`` beside ``function_offset``: where Hermes says that a crashed process was."""

_MODULE = re.compile(
    r"(?:app:/{1,3}|address at )?"
    r"(?:(?P<module>[0-9]{1,9})|seg-(?P<segment>[0-9]{1,9})(?:_(?P<local>[0-9]{1,9}))?)\.js\Z"
)
_BUNDLE = re.compile(r"\.(?:js)?bundle(?:\Z|[?#]|//&)|\.hbc\Z")
_OPTIONS = re.compile(r"//&[^/]*\Z")
_MAX_COLUMN = 2**31 - 1
_MAX_ID = 2**32 - 1
_CONVENTIONAL = {"android": "index.android.bundle", "ios": "main.jsbundle", "ipados": "main.jsbundle"}
"""What React Native's builds call the bundle, by operating system."""


class ModuleFile(Struct, frozen=True):
    """A file name that stands for a piece of a bundle. ``module``: None for the segment's own code."""

    segment: int
    module: int | None


def module_file(path: str) -> ModuleFile | None:
    """What ``123.js``, ``seg-2.js`` or ``seg-2_123.js`` stands for; None for every other name."""
    match = _MODULE.match(path)
    if match is None:
        return None
    if match["module"] is not None:
        return ModuleFile(0, int(match["module"]))
    return ModuleFile(int(match["segment"]), None if match["local"] is None else int(match["local"]))


def bundle_of(event: Event) -> str | None:
    """The one bundle that the event's module files can be of: an image's, a frame's, or what such apps call theirs.

    None where the event is not React Native's beyond doubt, or names several bundles.
    """
    images = (image.code_file for image in event.images if image.type == SOURCE_MAP_IMAGE)
    named = {base_name(path): path for path in map(without_options, _bundles(images))}
    named = named or {base_name(path): path for path in map(without_options, _bundles(_paths(event)))}
    if named:
        return next(iter(named.values())) if len(named) == 1 else None
    return _CONVENTIONAL.get(_system(event)) if is_react_native(event) else None


def is_react_native(event: Event) -> bool:
    """Whether the SDK or the report's reader says so."""
    contexts = event.contexts or {}
    runtime = contexts.get("runtime")
    name = runtime.get("name") if isinstance(runtime, dict) else None
    return isinstance(contexts.get("react_native_context"), dict) or name == "react-native"


def generated_file(frame: Frame, bundle: str | None) -> str | None:
    """The file whose map resolves the frame. ``bundle``: what `bundle_of` says."""
    path = frame.abs_path or frame.filename or None
    if path is None or (bundle and module_file(path)):
        return bundle if frame.lineno is not None or is_crash_frame(frame) else None
    return without_options(path)


def without_options(path: str) -> str:
    """The URL without what Metro's server writes where a query would be: ``index.bundle//&platform=ios&dev=false``."""
    return _OPTIONS.sub("", path)


def generated_place(frame: Frame, index: SourceIndex | None, *, of_bundle: bool, column_base: int = 1) -> Place0 | None:
    """Where the map is to be asked for the frame; None where the frame has no place, or the map not that piece.

    ``index`` is that of the frame's map, None while it is not known. ``of_bundle``: whether that is a bundle's map
    rather than the map of the very file that the frame names (webpack calls chunks ``123.js`` too). ``column_base``:
    what the frame's columns count from (`columns.column_base`).
    """
    if is_crash_frame(frame):
        return _in_function(frame, index)
    line1, column = frame.lineno, frame.colno
    if line1 is None or column is None or line1 < 1 or not column_base <= column <= _MAX_COLUMN:
        return None
    first_line0 = _first_line0(frame.abs_path or frame.filename or "", index) if of_bundle else 0
    return None if first_line0 is None else (first_line0 + line1 - 1, column - column_base)


def _first_line0(path: str, index: SourceIndex | None) -> int | None:
    """Line of the bundle's map at which the frame's file starts."""
    file = module_file(path)
    if file is None:
        return 0
    if index is None:
        return None
    if file.module is None:
        return index.segment_line0(file.segment)
    return index.module_line0(file.segment, file.module)


def is_crash_frame(frame: Frame) -> bool:
    """Whether its place is Hermes' function id and offset."""
    return bool(frame.data and HERMES_FUNCTION in frame.data.extra)


def _in_function(frame: Frame, index: SourceIndex | None) -> Place0 | None:
    """``SegmentID`` is the map's line, the sum of both offsets its column."""
    data = frame.data
    if data is None or data.function_offset is None or index is None:
        return None
    segment, function = (data.extra.get(key, 0) for key in (HERMES_SEGMENT, HERMES_FUNCTION))
    if not _is_id(segment) or not _is_id(function):
        return None
    start = index.function_offset(segment, function)
    offset = -1 if start is None else start + data.function_offset
    file = module_file(frame.abs_path or frame.filename or "")
    first_line0 = (index.segment_line0(file.segment) or 0) if file else segment
    return (first_line0, offset) if 0 <= offset <= _MAX_COLUMN else None


def _is_id(value: object) -> TypeGuard[int]:
    """Events may hold anything: ids are 32 bits wide."""
    return isinstance(value, int) and 0 <= value <= _MAX_ID


def _bundles(paths: Iterator[str | None]) -> list[str]:
    return [path for path in paths if path and _BUNDLE.search(path[-400:])]


def _paths(event: Event) -> Iterator[str | None]:
    return (frame.abs_path or frame.filename for _, stack in stacks_of(event) for frame in stack.frames)


def _system(event: Event) -> str:
    system = (event.contexts or {}).get("os")
    name = cast("object", system.get("name")) if isinstance(system, dict) else None
    return name.lower() if isinstance(name, str) else "android"
