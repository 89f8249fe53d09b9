"""The one place where reported addresses become lookup addresses.

A stack holds return addresses: each points behind the call that is still running, often into the next line or the next
function. Looked up is an address inside the call. Exact are only the address where the program crashed and the one
where a signal interrupted it. From there `native.placement` finds what lies at that address in the image's file.

Sources of the rules: the instruction sets' manuals (sizes and alignment of calls) and the behaviour of Sentry's
symbolicator, whose ``instruction_addr_adjustment`` and ``adjust_instruction_addr`` this honours.
"""

import re

from msgspec import Struct

from native.images import Image, Images, base_name
from symbolicator.model import AbsoluteAddress, Event, Frame, Stacktrace

SIGNAL_FRAMES = frozenset(
    {
        "<signal handler called>",
        "__restore_rt",
        "__restore",
        "__default_rt_sa_restorer",
        "__default_sa_restorer",
        "__kernel_rt_sigreturn",
        "__kernel_sigreturn",
        "__kernel_sigtramp32",
        "__kernel_sigtramp_rt32",
        "__kernel_sigtramp_rt64",
        "__vdso_rt_sigreturn",
        "_sigtramp",
        "KiUserExceptionDispatcher",
    }
)
"""What a signal handler returns to: libc's, the kernel's vdso, macOS's and Windows's.

Its caller was not calling anything: it was interrupted.
"""

_C_LIBRARY = re.compile(r"(?:libc|libpthread|ld-musl)[.\-]")
_TRAMPOLINE_ALIGNMENT = 16
_POINTERS = ("rip", "eip", "pc", "srr0", "nip")
"""Registers that hold the address of the instruction, by the names of Sentry's payload and the kernel."""
_CRASH_SIGNALS = frozenset({4, 7, 10, 11})
"""SIGILL, SIGBUS (7 on Linux, 10 elsewhere), SIGSEGV: raised by the very instruction."""
_CRASH_SIGNAL_NAMES = frozenset({"SIGILL", "SIGBUS", "SIGSEGV"})


class _Step(Struct, frozen=True):
    """``alignment`` of instructions and bytes from a return address back ``into_call``."""

    alignment: int
    into_call: int


_STEPS = {
    "x86": _Step(1, 1),
    "arm64": _Step(4, 4),
    "arm": _Step(2, 2),  # Thumb calls have two or four bytes; bit 0 of an address says Thumb
    "mips": _Step(4, 8),  # the instruction behind the call belongs to it
    "riscv": _Step(2, 2),  # calls have four bytes, or two where they are compressed
    "ppc": _Step(4, 4),
    "s390": _Step(2, 2),  # calls have two, four or six bytes
    "sparc": _Step(4, 8),  # as on MIPS
    "loongarch": _Step(4, 4),
    "wasm": _Step(1, 0),  # engines report where the call is, not where it returns to
}
"""Sources: the psABI and the instruction set manual of each; Sentry's symbolicator for x86, arm, arm64 and mips."""
_FAMILIES = (
    ("arm64", "arm64"),
    ("aarch64", "arm64"),
    ("arm", "arm"),
    ("thumb", "arm"),
    ("mips", "mips"),
    ("riscv", "riscv"),
    ("ppc", "ppc"),
    ("powerpc", "ppc"),
    ("s390", "s390"),
    ("sparc", "sparc"),
    ("loongarch", "loongarch"),
    ("wasm", "wasm"),
)


class Located(Struct, frozen=True):
    """Where a frame's address lies.

    ``reported``: absolute or relative to the image, without signature, not yet adjusted.
    """

    image: Image
    reported: int
    is_relative: bool
    is_return_address: bool

    def inside_call(self, arch: str | None = None) -> int:
        """The address to look up. ``arch``: the processor that the image's file is for, where the report has none."""
        return inside_call(self.reported, self.image.arch or arch, is_return_address=self.is_return_address)


def locate(images: Images, event: Event, stack: Stacktrace, index: int) -> Located | None:
    """Finds the image of the frame at ``index`` (0-based, caller to callee); None if no image covers its address."""
    frame = stack.frames[index]
    if frame.instruction_addr is None:
        return None
    is_return = is_return_address(event, stack, index, images)
    image = image_of(images, frame, is_return_address=is_return)
    if image is None:
        return None
    is_relative = _is_relative(frame)
    reported = int(frame.instruction_addr) if is_relative else images.address_in(frame.instruction_addr)
    return Located(image, reported, is_relative, is_return)


def lookup_address(images: Images, event: Event, stack: Stacktrace, index: int) -> AbsoluteAddress | None:
    """The absolute address to look up for a frame in no image; None if it has none."""
    frame = stack.frames[index]
    if frame.instruction_addr is None or (frame.addr_mode or "abs") != "abs":
        return None
    arch = next((image.arch for image in images.all if image.arch), None)
    is_return = is_return_address(event, stack, index, images)
    plain = images.address_in(frame.instruction_addr)
    return AbsoluteAddress(inside_call(plain, arch, is_return_address=is_return))


def _is_relative(frame: Frame) -> bool:
    return (frame.addr_mode or "").startswith("rel:")


def image_of(images: Images, frame: Frame, *, is_return_address: bool = False) -> Image | None:
    """The image that a frame's address lies in, or else the one that it names and that nobody knows the place of.

    A call that never returns can be an image's last instruction, and then its return address lies behind the image.
    """
    if _is_relative(frame):
        return images.referred_to(str(frame.addr_mode))
    if frame.instruction_addr is None:
        return images.of_package(frame.package) if frame.package else None
    address = images.address_in(frame.instruction_addr)
    covering = (images.at(address - 1) if is_return_address else None) or images.at(address)
    if covering is not None or not frame.package:
        return covering
    named = images.of_package(frame.package)
    return named if named and not named.address else None


def inside_call(address: int, arch: str | None, *, is_return_address: bool) -> int:
    """The address to look up: aligned to an instruction, and inside the call if it is where a call returns to.

    ``arch`` is Sentry's name of the processor; where it is unknown one byte back is right too, as every call is longer.
    """
    step = _STEPS.get(_family(arch), _STEPS["x86"])
    aligned = address & -step.alignment
    return max(aligned - step.into_call, 0) if is_return_address else aligned


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
    return stack.instruction_addr_adjustment != "all_but_first" and _lost_its_first_frame(event, stack, images)


def _lost_its_first_frame(event: Event, stack: Stacktrace, images: Images) -> bool:
    """Whether the innermost frame is not the one that crashed.

    So it is where others say how they are to be read and the stack does not, or where the machine was elsewhere when
    the signal came, because the reporter cut its own handler off.
    """
    if any(frame.adjust_instruction_addr is not None for frame in stack.frames):
        return True
    return is_crash_signal(event) and _is_elsewhere(stack, images)


def _is_elsewhere(stack: Stacktrace, images: Images) -> bool:
    """Whether the instruction register holds another address than the innermost frame has."""
    registers = {name.lower().removeprefix("$"): value for name, value in (stack.registers or {}).items()}
    pointer = next((value for name in _POINTERS if (value := registers.get(name)) is not None), None)
    reported = stack.frames[-1].instruction_addr
    if pointer is None or reported is None:
        return False
    here, there = images.address_in(reported), images.address_in(pointer)
    image = images.at(here)
    arch = image.arch if image else None
    return inside_call(here, arch, is_return_address=False) != inside_call(there, arch, is_return_address=False)


def is_crash_signal(event: Event) -> bool:
    """Whether the process ended by a signal that the very instruction raised, as a mechanism says."""
    for exception in event.exceptions:
        meta = exception.mechanism.meta if exception.mechanism else None
        signal = meta.get("signal") if meta else None
        if isinstance(signal, dict) and (signal.get("name") or signal.get("number")):
            name, number = signal.get("name"), signal.get("number")
            return name in _CRASH_SIGNAL_NAMES if isinstance(name, str) and name else number in _CRASH_SIGNALS
    return False


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
