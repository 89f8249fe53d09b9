"""Native functions that have frames in the runtime's view too, as methods of Ruby that are written in C do.

The first one of a part was called by the runtime's own code, right before the native frames begin. One that was called
by another, by way of the runtime, stands where the native stack leaves the runtime for it::

    runtime        total, each (native), to_s (native)
    native         exec, call_native, each_in_c, call, call_native, to_s_in_c
    together       exec, total, each, call_native, each_in_c, call, call_native, to_s, to_s_in_c

That is known where the native stack leaves the runtime as often as that has native frames. Else, as in an interpreter
without symbols, all of a part stand before its first native frame.
"""

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from msgspec import Struct

from symbolicator.model import Frame


class Split(Struct):
    """Native frames, and the parts of the runtime's stack that begin right after each of them."""

    entries: list[int]
    parts: list[int]
    is_sure: bool

    def add(self, entry: int, part: int, called: Sequence[int], left: Sequence[int]) -> None:
        """A part: ``called`` are its native frames, ``left`` the frames that leave the runtime while it runs."""
        is_equal = len(called) == len(left)
        self.entries += [entry, *(left[1:] if is_equal else ())]
        self.parts += [part, *(called[1:] if is_equal else ())]
        self.is_sure = self.is_sure and (is_equal or (not left and len(called) <= 1))


def split_at_native_calls(
    entries: Sequence[int], parts: Sequence[int], runtime: Sequence[Frame], leaves: Sequence[int]
) -> Split:
    """``leaves``: frames of the native stack that leave the runtime."""
    if not any(map(is_native, runtime)):
        return Split(list(entries), list(parts), is_sure=True)
    newest = sorted(set(leaves) - {at - 1 for at in leaves})
    split = Split([], [], is_sure=True)
    ends = zip([*entries[1:], sys.maxsize], [*parts[1:], len(runtime)], strict=True)
    for entry, part, (next_entry, end) in zip(entries, parts, ends, strict=True):
        called = [at for at in range(part, end) if is_native(runtime[at])]
        left = newest[bisect_right(newest, entry) : bisect_left(newest, next_entry)]
        split.add(entry, part, called, left)
    return split


def is_native(frame: Frame) -> bool:
    """Whether a runtime's frame stands for a native function."""
    return frame.data is not None and frame.data.is_native
