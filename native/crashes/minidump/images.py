"""Loaded and unloaded images."""

from typing import TYPE_CHECKING

from native.crashes.minidump.systems import system_of
from symbolicator.model import JSON, AbsoluteAddress, DebugImage

if TYPE_CHECKING:
    from symbolicator import _core

_TYPES = {"windows": "pe", "apple": "macho", "linux": "elf", "other": None}


def image_of(dump: "_core.Minidump", module: "_core.MinidumpModule") -> DebugImage:
    """The image of the model."""
    return DebugImage(
        type=_TYPES[system_of(dump)],
        code_file=module.name or None,
        code_id=module.code_id,
        debug_id=module.debug_id,
        debug_file=module.debug_file,
        arch=(dump.system.arch if dump.system else None) or None,
        image_addr=AbsoluteAddress(module.base),
        image_size=module.size or None,
        extra={"version": module.version} if module.version else {},
    )


def unloaded_images(dump: "_core.Minidump") -> list[JSON]:
    """Images that were loaded once, in the words of Sentry's payload: code that is gone may have been called."""
    return [
        {
            "code_file": module.name,
            "code_id": module.code_id,
            "image_addr": hex(module.base),
            "image_size": module.size,
        }
        for module in dump.unloaded_modules
    ]
