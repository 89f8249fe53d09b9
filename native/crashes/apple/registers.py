"""Registers in the names of Sentry's payload."""

from collections.abc import Iterable

_MASK = (1 << 64) - 1
_RENAMED = {"x29": "fp", "x30": "lr", "ip": "r12", "rfl": "rflags", "efl": "eflags"}
_MAX = 128


def named(values: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Registers by name. Some reporters write them as signed numbers."""
    found: dict[str, int] = {}
    for name, value in values:
        if len(found) >= _MAX:
            break
        found[_RENAMED.get(name.lower(), name.lower())] = value & _MASK
    return found
