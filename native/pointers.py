"""What a 64-bit ARM processor keeps in the upper bits of pointers besides the address: signatures and tags.

A signature (pointer authentication code) takes every bit above the width of addresses, but bit 55, which tells the
kernel's addresses from the program's. How wide addresses are is configured: 39 bits on iOS and much of Android, 47 or
48 elsewhere. So the width is taken from where the images lie. An address without anything above bit 47 is left alone:
a jump to a wild address must not become one into an image. No other processor has anything there.

Source: Arm Architecture Reference Manual, D8.10 (PAC field); Linux, ``Documentation/arch/arm64``,
``pointer-authentication.rst`` and ``tagged-pointers.rst``.
"""

from collections.abc import Iterable

from msgspec import Struct

_KERNEL_BIT = 1 << 55
_MIN_BITS, _MAX_BITS = 39, 48
_ABOVE = ~((1 << _MAX_BITS) - 1) & (1 << 64) - 1
"""Upper bits that are all equal in an address."""


class Pointers(Struct, frozen=True):
    """How the pointers of a process are read. ``bits``: width of its own addresses.

    ``are_signed``: whether its processor may sign pointers; None if it is not known.
    """

    bits: int = _MAX_BITS
    are_signed: bool | None = None

    @staticmethod
    def of(archs: Iterable[str | None], ends: Iterable[int]) -> "Pointers":
        """Those of a process by the processors that its images are for, and where its images end."""
        known = {arch.startswith(("arm64", "aarch64")) for arch in archs if arch}
        mapped = (end.bit_length() for end in ends if end <= 1 << _MAX_BITS)
        return Pointers(max(min(max(mapped, default=_MAX_BITS), _MAX_BITS), _MIN_BITS), any(known) if known else None)

    def address_in(self, pointer: int) -> int:
        """The address that a pointer holds; of a pointer without signature itself."""
        if self.are_signed is False or pointer & _ABOVE in (0, _ABOVE) or pointer >> 64:
            return pointer
        return pointer | _ABOVE if pointer & _KERNEL_BIT else pointer & ((1 << self.bits) - 1)
