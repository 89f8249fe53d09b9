"""Registers by the names of Sentry's payload; debuggerd has its own for some."""

from collections.abc import Mapping

from symbolicator.model import ReportedAddress

_NAMES = {
    "arm64": {"x29": "fp", "x30": "lr", "pst": "cpsr"},
    "arm": {"sl": "r10", "fp": "r11", "ip": "r12", "pst": "cpsr"},
}


def named_registers(registers: Mapping[str, int], arch: str | None) -> dict[str, ReportedAddress | None] | None:
    """The registers of a thread; None if the report has none."""
    names = _NAMES.get(arch or "", {})
    return {names.get(name, name): ReportedAddress(value) for name, value in registers.items()} or None
