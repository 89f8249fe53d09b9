"""A frame as the core finds it."""

from collections.abc import Mapping

from msgspec import Struct


class WalkedFrame(Struct, frozen=True):
    """A frame. ``is_interrupted``: the address is no return address. ``trust``: as in Sentry's payload."""

    address: int
    trust: str
    is_interrupted: bool
    registers: Mapping[str, int]
