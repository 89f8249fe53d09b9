"""The one place where reported addresses become lookup addresses.

A stack holds return addresses: each points behind the call that is still running, often into the next line or the next
function. Looked up is an address inside the call. Exact are only the address where the program crashed and the one
where a signal interrupted it. What comes out is relative to the image, whatever it was loaded at.

Source of the rules: the instruction sets' manuals (sizes and alignment of calls) and the behaviour of Sentry's
symbolicator, whose ``instruction_addr_adjustment`` and ``adjust_instruction_addr`` this honours.
"""

import re

from msgspec import Struct

from native.images import Image, Images, base_name
from symbolicator.model import AbsoluteAddress, Event, Frame, LookupAddress, Stacktrace

SIGNAL_FRAMES = frozenset(
    {
        "<signal handler called>",
        "__restore_rt",
        "__restore",
        "_sigtramp",
        "__kernel_rt_sigreturn",
        "__kernel_sigreturn",
    }
)
"""What a signal handler returns to. Its caller was not calling anything: it was interrupted."""

_C_LIBRARY = re.compile(r"(?:libc|libpthread|ld-musl)[.\-]")
_TRAMPOLINE_ALIGNMENT = 16
_POINTERS = ("rip", "eip", "pc", "$rip", "$eip", "$pc")
_CRASH_SIGNALS = frozenset({4, 10, 11})
"""SIGILL, SIGBUS, SIGSEGV: raised by the very instruction."""
_USER_BITS = 48


class _Step(Struct, frozen=True):
    """``alignment`` of instructions and bytes from a return address back ``into_call``."""

    alignment: int
    into_call: int


_STEPS = {
    "x86": _Step(1, 1),
    "arm64": _Step(4, 4),
    "arm": _Step(2, 2),  # Thumb calls have two or four bytes; bit 0 of an address says Thumb
    "mips": _Step(4, 8),  # the instruction behind the call belongs to it
    "wasm": _Step(1, 0),  # engines report where the call is, not where it returns to
}
_FAMILIES = (
    ("arm64", "arm64"),
    ("aarch64", "arm64"),
    ("arm", "arm"),
    ("thumb", "arm"),
    ("mips", "mips"),
    ("wasm", "wasm"),
)


class Located(Struct, frozen=True):
    """Where a frame's address lies. ``relative`` is None while the image's load address is not known.

    ``absolute`` is adjusted like ``relative``, and None where the report has image-relative addresses.
    """

    image: Image
    relative: LookupAddress | None
    absolute: AbsoluteAddress | None


def locate(images: Images, event: Event, stack: Stacktrace, index: int) -> Located | None:
    """Finds the image of the frame at ``index`` (0-based, caller to callee); None if no image covers its address."""
    frame = stack.frames[index]
    if frame.instruction_addr is None:
        return None
    is_relative = bool(frame.addr_mode) and str(frame.addr_mode).startswith("rel:")
    image = image_of(images, frame)
    if image is None:
        return None
    address = inside_call(
        frame.instruction_addr, image.arch, is_return_address=is_return_address(event, stack, index, images)
    )
    if is_relative:
        return Located(image, LookupAddress(address), None)
    absolute = AbsoluteAddress(address)
    if image.address is None:
        return Located(image, None, absolute)
    return Located(image, LookupAddress(max(address - image.address, 0)), absolute)


def lookup_address(images: Images, event: Event, stack: Stacktrace, index: int) -> AbsoluteAddress | None:
    """The absolute address to look up for a frame in no image; None if it has none."""
    frame = stack.frames[index]
    if frame.instruction_addr is None or (frame.addr_mode or "abs") != "abs":
        return None
    arch = next((image.arch for image in images.all if image.arch), None)
    is_return = is_return_address(event, stack, index, images)
    return AbsoluteAddress(inside_call(frame.instruction_addr, arch, is_return_address=is_return))


def image_of(images: Images, frame: Frame) -> Image | None:
    """The image that a frame's address lies in, or else the one that it names and that nobody knows the place of."""
    if frame.addr_mode and frame.addr_mode.startswith("rel:"):
        return images.referred_to(frame.addr_mode)
    if frame.instruction_addr is None:
        return images.of_package(frame.package) if frame.package else None
    covering = images.at(_plain(frame.instruction_addr))
    if covering is not None or not frame.package:
        return covering
    named = images.of_package(frame.package)
    return named if named and not named.address else None


def inside_call(address: int, arch: str | None, *, is_return_address: bool) -> int:
    """The address to look up: aligned to an instruction, and inside the call if it is where a call returns to.

    ``arch`` is Sentry's name of the processor; where it is unknown one byte back is right too, as every call is longer.
    """
    step = _STEPS.get(_family(arch), _STEPS["x86"])
    plain = _plain(address) & -step.alignment
    return max(plain - step.into_call, 0) if is_return_address else plain


def is_return_address(event: Event, stack: Stacktrace, index: int, images: Images) -> bool:
    """Whether the frame's address is where a call returns to."""
    frame = stack.frames[index]
    if frame.adjust_instruction_addr is not None:
        return frame.adjust_instruction_addr
    if stack.instruction_addr_adjustment == "none" or is_signal_frame(stack, index, images):
        return False
    if index + 1 < len(stack.frames):
        return not is_signal_frame(stack, index + 1, images)
    if stack.instruction_addr_adjustment == "all":
        return True
    return stack.instruction_addr_adjustment != "all_but_first" and _lost_its_first_frame(event, stack)


def _lost_its_first_frame(event: Event, stack: Stacktrace) -> bool:
    """Whether the innermost frame is not the one that crashed.

    So it is where others say how they are to be read and the stack does not, or where the machine was elsewhere when
    the signal came, because the reporter cut its own handler off.
    """
    is_said = any(frame.adjust_instruction_addr is not None for frame in stack.frames)
    if is_said and stack.instruction_addr_adjustment is None:
        return True
    pointer = next((value for name in _POINTERS if (value := (stack.registers or {}).get(name)) is not None), None)
    return (
        pointer is not None and crash_signal(event) in _CRASH_SIGNALS and pointer != stack.frames[-1].instruction_addr
    )


def crash_signal(event: Event) -> int | None:
    """Number of the signal that ended the process, as a mechanism says."""
    for exception in event.exceptions:
        meta = exception.mechanism.meta if exception.mechanism else None
        signal = meta.get("signal") if meta else None
        number = signal.get("number") if isinstance(signal, dict) else None
        if isinstance(number, int):
            return number
    return None


def is_signal_frame(stack: Stacktrace, index: int, images: Images) -> bool:
    """Whether the frame is what a signal handler returns to: by its name, or for want of one by its place.

    glibc's has no name in the library's symbol table. It is where its own code begins, so aligned, and no caller
    outside the library could have called a function that has no name.
    """
    frame = stack.frames[index]
    if frame.function:
        return frame.function in SIGNAL_FRAMES
    if frame.instruction_addr is None or frame.instruction_addr % _TRAMPOLINE_ALIGNMENT or index == 0:
        return False
    own, caller = (_library(images, stack.frames[at]) for at in (index, index - 1))
    return bool(own and _C_LIBRARY.match(base_name(own)) and caller and own != caller)


def _library(images: Images, frame: Frame) -> str | None:
    image = None if frame.package else image_of(images, frame)
    return frame.package or (image.path if image else None)


def _family(arch: str | None) -> str:
    name = (arch or "").lower()
    return next((family for start, family in _FAMILIES if name.startswith(start)), "x86")


def _plain(address: int) -> int:
    """Without what ARM keeps in the upper bits of pointers (authentication codes, tags); kernel addresses stay."""
    is_user = not address >> 55 & 1
    return address & ((1 << _USER_BITS) - 1) if is_user else address
