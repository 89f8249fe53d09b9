"""Which frames are native ones, and which of those need nothing."""

from native.addresses import SIGNAL_FRAMES
from native.images import Image
from native.system_code import is_system_image
from symbolicator.model import Event, Frame, FrameStatus
from symbolicator.model.edit import platform_of

NATIVE_PLATFORMS = frozenset({"native", "c", "cpp", "c++", "rust", "cocoa", "objc", "swift"})


def is_own(event: Event, frame: Frame) -> bool:
    """Whether the frame is native and nobody took it yet. Another language's frame may have an address too."""
    if frame.status is not None:
        return False
    platform = platform_of(event, frame)
    if platform is None:
        return frame.instruction_addr is not None
    return platform in NATIVE_PLATFORMS


def is_read_as_is(event: Event, frame: Frame) -> bool:
    """Whether the reader already called a native frame readable without saying whose code it is."""
    is_native = platform_of(event, frame) in NATIVE_PLATFORMS
    return is_native and frame.status is FrameStatus.AS_IS and frame.in_app is None


def is_readable(frame: Frame, image: Image | None) -> bool:
    """Whether it came readable: with its line, or a system library's (debug files for which are rare) with its name."""
    if not frame.function:
        return False
    if frame.function in SIGNAL_FRAMES or (frame.lineno and (frame.filename or frame.abs_path)):
        return True
    if is_system_image(frame.package or (image.path if image else None)):
        return True
    return frame.instruction_addr is None
