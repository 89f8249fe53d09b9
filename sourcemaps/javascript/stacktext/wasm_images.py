"""WebAssembly modules of a stack as images: a byte offset means nothing without the file that it counts in."""

from msgspec.structs import replace

from sourcemaps.javascript.stacktext.frames import WASM, WASM_IMAGE
from symbolicator.model import DebugImage, DebugMeta, Event, ExceptionValue, Frame


def with_wasm_images(event: Event) -> Event:
    """Lists each module once and makes its frames relative to it (``addr_mode`` ``rel:N``)."""
    modules: dict[str, int] = {}
    values = tuple(_relative(value, modules) for value in event.exceptions)
    if event.exception is None or not modules:
        return event
    images = tuple(DebugImage(type=WASM_IMAGE, code_file=module) for module in modules)
    return replace(event, exception=replace(event.exception, values=values), debug_meta=DebugMeta(images=images))


def _relative(value: ExceptionValue, modules: dict[str, int]) -> ExceptionValue:
    if value.stacktrace is None:
        return value
    frames = tuple(_relative_frame(frame, modules) for frame in value.stacktrace.frames)
    return replace(value, stacktrace=replace(value.stacktrace, frames=frames))


def _relative_frame(frame: Frame, modules: dict[str, int]) -> Frame:
    if frame.platform != WASM or frame.package is None:
        return frame
    return replace(frame, addr_mode=f"rel:{modules.setdefault(frame.package, len(modules))}")
