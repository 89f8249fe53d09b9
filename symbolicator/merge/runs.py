"""Frames of two stacks of one thread, put in the order in which they were called."""

from msgspec import Struct


class Run(Struct, frozen=True):
    """Frames ``start`` to ``end`` (exclusive) of the native stack, or of the runtime's."""

    start: int
    end: int
    is_runtime: bool = False
