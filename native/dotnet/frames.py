"""Which frames are of .NET, and where in their assembly: the row of the method and the IL offset in it.

Source: Sentry's RFC 13 and what its SDK for .NET sends. ``instruction_addr`` is what ``StackFrame.GetILOffset`` says,
which lies inside the call that is running: nothing is to be subtracted from it. ``function_id`` is the method's token.
"""

from msgspec.structs import replace

from native.images import Image, Images
from symbolicator import plugins
from symbolicator.model import Event, Frame, LookupAddress
from symbolicator.model.edit import platform_of

IMAGE_TYPES = frozenset({"pe_dotnet", "portable_pdb", "portable-pe"})
"""``pe_dotnet`` is what the SDK says; the others are earlier spellings of the same."""
PLATFORMS = frozenset({"csharp", "dotnet", "vb", "fsharp"})
_OFFSET_BITS = 32
_METHOD_TABLE = 0x06
_ROW_BITS = 24
MAX_OFFSET = 1 << 29


def is_own(event: Event, frame: Frame) -> bool:
    """Whether a frame is one of .NET and nobody took it yet."""
    return frame.status is None and frame.function_id is not None and platform_of(event, frame) in {*PLATFORMS, None}


def is_readable(frame: Frame) -> bool:
    """Whether the SDK had the PDB at hand: then the frame has its line."""
    return bool(frame.function and frame.lineno)


def image_of(images: Images, frame: Frame) -> Image | None:
    """The assembly of a frame."""
    mode = frame.addr_mode or ""
    image = images.referred_to(mode) if mode.startswith("rel:") else None
    return image if image and image.type in IMAGE_TYPES else None


def address_of(frame: Frame) -> LookupAddress | None:
    """Where the frame is in the index of its assembly; None if its numbers make no sense."""
    token, offset = frame.function_id or 0, frame.instruction_addr or 0
    row, table = token & (1 << _ROW_BITS) - 1, token >> _ROW_BITS
    if not row or table not in (0, _METHOD_TABLE) or not 0 <= offset < MAX_OFFSET:
        return None
    return LookupAddress(row << _OFFSET_BITS | offset)


def is_system(image: Image | None, frame: Frame) -> bool:
    """Whether code is .NET's own: nobody is expected to have debug files for it."""
    placed = frame if frame.package or image is None else replace(frame, package=image.name)
    return plugins.frame_rules("csharp").is_system(placed)
