"""Which mapping files a Java report belongs to, by what R8 writes into its frames."""

from collections.abc import Iterable

from native.crashes.java.frames import R8_MAP_ID
from symbolicator.model import DebugImage, Frame

PROGUARD = "proguard"
"""Type of an image that stands for a mapping file of ProGuard or R8."""
_MAX_IMAGES = 100


def mapping_images(frames: Iterable[Frame]) -> tuple[DebugImage, ...]:
    """One image a map id (``r8-map-id-…`` as the file name), in the order of the frames."""
    ids: dict[str, None] = {}
    for frame in frames:
        match = R8_MAP_ID.match(frame.filename or "")
        if match and len(ids) < _MAX_IMAGES:
            ids.setdefault(match["id"])
    return tuple(DebugImage(type=PROGUARD, debug_id=one) for one in ids)
