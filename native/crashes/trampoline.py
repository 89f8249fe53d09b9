"""Where a signal interrupted the program, in a backtrace that the signal's handler took.

The handler was called by the kernel, by way of a trampoline in libc (``__restore_rt``). The frame below the trampoline
is not one of a call: its address is the very instruction that failed, and no return address. libc has no dynamic symbol
for the trampoline, so a backtrace shows just one more frame of libc. It is taken for the trampoline where nothing else
it could be is left:

- its name is printed, or
- the text says that a signal was handled, the newest frames are not libc's, exactly one frame of libc without a symbol
  follows, and then the program again (a callback out of libc, as by ``qsort``, has several frames or a symbol), or
- likewise, but libc goes on with ``raise`` or ``abort`` further down: the signal was raised inside libc.

Otherwise every address stays a return address. Source: backtrace(3), glibc's sysdeps/unix/sysv/linux restorers.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from native.crashes.raw_frames import RawFrame

MACHINERY = "signal handling"
_RESTORERS = frozenset(
    {"__restore_rt", "__restore", "__kernel_rt_sigreturn", "__kernel_sigreturn", "__default_rt_sa_restorer"}
    | {"_sigtramp"}  # of Apple's systems
)
_RAISING = frozenset({"raise", "gsignal", "abort", "pthread_kill", "__pthread_kill", "__assert_fail", "tgkill"})
_LIBC = re.compile(r"(?:libc|libpthread|ld|ld-linux[\w-]*|ld-musl[\w-]*)(?:-[0-9][^/]*|\.so[^/]*|\.musl[^/]*)\Z")


def mark_interruption(frames: Sequence[RawFrame], *, signalled: bool) -> list[RawFrame]:
    """The frames (newest first) with the handler's marked as machinery, and the interrupted one as exact."""
    trampoline = _named(frames)
    why = "the frame above it is the signal trampoline by name"
    if trampoline is None and signalled:
        trampoline = _by_elimination(frames)
        why = "the frame above it can only be the signal trampoline"
    if trampoline is None:
        return list(frames)
    return [_marked(frame, index - trampoline, why) for index, frame in enumerate(frames)]


def _marked(frame: RawFrame, below: int, why: str) -> RawFrame:
    """``below``: how many calls older than the trampoline, whose own address is exact too: where it starts."""
    if below == 1:
        return replace(frame, adjust=False, notes={**frame.notes, "exact_address": why})
    if below > 1:
        return frame
    return replace(frame, machinery=MACHINERY, adjust=False if below == 0 else frame.adjust)


def _named(frames: Sequence[RawFrame]) -> int | None:
    return next((index for index, frame in enumerate(frames[:-1]) if frame.function in _RESTORERS), None)


def _by_elimination(frames: Sequence[RawFrame]) -> int | None:
    first = next((index for index, frame in enumerate(frames) if _in_libc(frame)), None)
    if not first or frames[first].function is not None:
        return None
    rest = next((index for index in range(first, len(frames)) if not _in_libc(frames[index])), len(frames))
    raised = any(frame.function in _RAISING for frame in frames[first + 1 : rest])
    single = rest == first + 1 and rest < len(frames)
    return first if single or raised else None


def _in_libc(frame: RawFrame) -> bool:
    return bool(frame.image and _LIBC.search(frame.image.rsplit("/", 1)[-1]))
