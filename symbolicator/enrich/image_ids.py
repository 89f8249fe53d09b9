"""Which image a resolved frame lies in, by what the frame says itself; its ids lead to files of the same build.

>>> ImageIds(event).of(frame)
(('debug_id', '7e803fc9-dc1d-c1fe-05a7-cbd7a12c6f28'),)
"""

from symbolicator.model import DebugImage, Event, Frame
from symbolicator.model.debug_ids import normal_debug_id


class ImageIds:
    """The ids of an event's images."""

    def __init__(self, event: Event) -> None:
        self._images = event.images
        self._by_address = {image.image_addr: image for image in reversed(event.images) if image.image_addr}
        paths = ((path, image) for image in event.images for path in (image.code_file, image.debug_file) if path)
        self._by_path: dict[str, DebugImage] = {}
        for path, image in paths:
            self._by_path.setdefault(path, image)

    def of(self, frame: Frame) -> tuple[tuple[str, str], ...]:
        """By what and under which value files of the frame's image are found; empty if nothing tells the image."""
        image = self._referred_to(frame) or (self._by_address.get(frame.image_addr) if frame.image_addr else None)
        image = image or self._by_path.get(frame.package or "")
        if image is None:
            return ()
        debug_id = image.debug_id or image.uuid
        ids = (
            ("debug_id", debug_id and normal_debug_id(debug_id)),
            ("code_id", image.code_id and image.code_id.lower()),
        )
        return tuple((by, value) for by, value in ids if value)

    def of_jvm(self) -> tuple[tuple[str, str], ...]:
        """The ids of all source bundles of Java and Kotlin: their frames lie in no image (type ``jvm``)."""
        ids = (image.debug_id or image.uuid for image in self._images if image.type == "jvm")
        return tuple(("debug_id", normal_debug_id(debug_id)) for debug_id in ids if debug_id)

    def _referred_to(self, frame: Frame) -> DebugImage | None:
        index = (frame.addr_mode or "").removeprefix("rel:")
        is_index = index.isascii() and index.isdecimal() and len(index) < len(str(2**31))
        return self._images[int(index)] if is_index and int(index) < len(self._images) else None
