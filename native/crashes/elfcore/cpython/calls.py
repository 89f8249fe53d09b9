"""The chain of a thread's frames, and which of them C called.

Calls from Python to Python need no C stack: one run of the interpreter's loop serves several frames. Each run has a
record on the native stack: a frame of its own before the first one that it runs, a shim, since 3.12; a ``_PyCFrame``
before. So it is known which frames belong to which native frame.

Source: CPython's Include/internal/pycore_frame.h (pycore_interpframe_structs.h since 3.14), Include/cpython/pystate.h.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from native.crashes.elfcore.cpython.layouts import Layout
from native.crashes.elfcore.cpython.objects import Objects

MAX_DEPTH: Final = 1_000
"""Frames of one thread, the newest ones."""
_FIRST_SHIM = 3
"""Owners of frames from here on are C's: ``FRAME_OWNED_BY_CSTACK``, ``FRAME_OWNED_BY_INTERPRETER``."""
_WORD = 8


class Call(Struct, frozen=True):
    """A frame by its address. ``is_entry``: C called it. ``record``: where its run's record is on the native stack."""

    frame: int
    is_entry: bool
    record: int | None


def calls_of(objects: Objects, at: Layout, thread: int) -> tuple[list[Call], bool]:
    """The calls of a thread's state, newest first, and whether these are all."""
    first: int | None = thread
    for offset in at.thread_frame:
        first = objects.word(first + offset) if first else None
    chain = list(islice(_chain(objects, at, first), 2 * MAX_DEPTH + 1))
    is_whole = len(chain) <= 2 * MAX_DEPTH
    if at.frame_entry is None:
        return list(_by_shims(objects, at, chain, is_whole=is_whole))[::-1], is_whole
    run = objects.word(thread + at.thread_frame[0])
    return list(_by_flags(objects, at.frame_entry, at.thread_frame[1], chain, run)), is_whole


def _chain(objects: Objects, at: Layout, frame: int | None) -> Iterator[int]:
    """Addresses of frames, newest first; it ends where it would go round."""
    seen = set[int]()
    while frame and frame not in seen:
        seen.add(frame)
        yield frame
        frame = objects.word(frame + at.frame_previous)


def _by_shims(objects: Objects, at: Layout, chain: Sequence[int], *, is_whole: bool) -> Iterator[Call]:
    """Oldest first: a shim is older than the frames of its run."""
    is_entry, record = is_whole, None
    for frame in reversed(chain):
        owner = objects.byte(frame + at.frame_owner)
        if owner is not None and owner >= _FIRST_SHIM:
            is_entry, record = True, frame
        else:
            yield Call(frame, is_entry, record)
            is_entry = False


def _by_flags(objects: Objects, entry: int, current: int, chain: Sequence[int], run: int | None) -> Iterator[Call]:
    """Newest first: the flag is on the oldest frame of a run. ``run``: the newest run's record.

    A record is linked to the next older one behind the frame that is ``current`` in it.
    """
    for frame in chain:
        is_entry = bool(objects.byte(frame + entry))
        yield Call(frame, is_entry, run)
        if is_entry and run:
            run = objects.word(run + current + _WORD)
