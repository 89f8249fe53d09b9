"""The crashed program's own files, where the report says that they lie, if it crashed on this machine.

Who resolves a core of yesterday has everything on the disk already. Files are taken by their ids alone, so that a
report from elsewhere finds nothing wrong here; an image without an id is not looked for. A report may be anybody's:
only regular files outside of what the kernel makes up are opened, and what is no debug file is not read any further.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from symbolicator.model import DebugImage, Event

MAX_IMAGES = 2_000
_MADE_UP = ("/proc/", "/sys/", "/dev/", "/net/")
"""Folders whose files the kernel or an automounter makes as they are asked for."""
_BUILD_ID = re.compile(r"[0-9a-f]{16,64}\Z")
_DEBUG_FOLDERS = (Path("/usr/lib/debug/.build-id"),)
"""Where distributions install debug files by build id (gdb's ``debug-file-directory``)."""


def local_files(event: Event) -> tuple[Path, ...]:
    """The files on this machine that the event's images may be, and the debug files that the system has for them."""
    known = (image for image in event.images[:MAX_IMAGES] if image.code_id or image.debug_id)
    return tuple(dict.fromkeys(path for image in known for path in _candidates(image) if _is_file(path)))


def _candidates(image: DebugImage) -> Iterator[Path]:
    name = image.code_file or ""
    if name.startswith("/") and not name.startswith(_MADE_UP) and "\0" not in name:
        yield Path(name)
    code_id = (image.code_id or "").lower()
    if _BUILD_ID.match(code_id):
        yield from (folder / code_id[:2] / f"{code_id[2:]}.debug" for folder in _DEBUG_FOLDERS)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
