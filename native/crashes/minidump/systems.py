"""The systems that minidumps come from."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from symbolicator import _core

System = Literal["windows", "apple", "linux", "other"]

_WINDOWS = range(1, 5)
_APPLE = frozenset({0x8101, 0x8102})
_LINUX = frozenset({0x8201, 0x8203})
_NAMES = {
    0x8000: "Unix", 0x8101: "macOS", 0x8102: "iOS", 0x8201: "Linux", 0x8202: "Solaris", 0x8203: "Android",
    0x8204: "PS3", 0x8205: "NaCl",
}  # fmt: skip


def system_of(dump: "_core.Minidump") -> System:
    """Whose exceptions, images and versions the dump has."""
    platform = dump.system.platform_id if dump.system else 0
    if platform in _WINDOWS:
        return "windows"
    if platform in _APPLE:
        return "apple"
    return "linux" if platform in _LINUX else "other"


def system_name(platform: int) -> str | None:
    """Name of the system; None if the number is unknown."""
    return "Windows" if platform in _WINDOWS else _NAMES.get(platform)
