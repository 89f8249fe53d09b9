"""Frames as the line parsers make them."""

import re

from sourcemaps.javascript.stacktext.location import Location
from symbolicator.model import JSON, AsyncCall, Frame, FrameData, ReportedAddress

WASM = "native"
"""Platform of frames in WebAssembly, as Sentry has it: ``instruction_addr`` is the byte offset in the module file."""
WASM_IMAGE = "wasm"
"""Type of the image that such a module is."""
WASM_INDEX = "wasm_function_index"
"""In ``Frame.data``: what the engine says of the function, 0-based, imports first."""

_WASM_PLACE = re.compile(r"(?:\A|:)wasm-function\[([0-9]{1,10})\](?::0x([0-9a-fA-F]{1,16}))?\Z")
_WASM_WINDOW = 48
_UNNAMED_WASM = re.compile(r"(?:\(null\)|[0-9]{1,10})\Z")
_UNKNOWN_MODULE = "<?>"


def script_frame(
    function: str | None,
    location: Location,
    *,
    async_call: AsyncCall | None = None,
    notes: dict[str, JSON] | None = None,
) -> Frame:
    """A frame with a position in a script. ``notes`` go into ``data`` beside the fields that the model names."""
    return Frame(
        function=function,
        filename=location.url or None,
        abs_path=location.url or None,
        lineno=location.line1,
        colno=location.column1,
        data=_data(async_call, notes),
    )


def builtin_frame(
    function: str | None,
    place: str | None,
    *,
    async_call: AsyncCall | None = None,
    notes: dict[str, JSON] | None = None,
) -> Frame:
    """A frame of the engine's own (``native``, ``<anonymous>``, ``[native code]``): it has no file."""
    return Frame(function=function, filename=place, data=_data(async_call, notes))


def wasm_frame(function: str | None, location: str, *, async_call: AsyncCall | None = None) -> Frame | None:
    """A frame at ``url:wasm-function[index]:0xoffset`` (WebAssembly Web API, "Conventions"); None if it is none.

    JavaScriptCore leaves the offset out, and says ``<?>`` for the module: the name is all there is then.
    """
    match = _WASM_PLACE.search(location, max(0, len(location) - _WASM_WINDOW))
    if match is None:
        return None
    module = location[: match.start()]
    url = None if module in ("", _UNKNOWN_MODULE) else module
    named = None if function is None or _UNNAMED_WASM.match(function) else function
    return Frame(
        platform=WASM,
        function=named or f"wasm-function[{match[1]}]",
        filename=url,
        abs_path=url,
        package=url,
        instruction_addr=ReportedAddress(int(match[2], 16)) if match[2] else None,
        data=_data(async_call, {WASM_INDEX: int(match[1])}),
    )


def _data(async_call: AsyncCall | None, notes: dict[str, JSON] | None) -> FrameData | None:
    return FrameData(async_call=async_call, extra=notes or {}) if async_call or notes else None
