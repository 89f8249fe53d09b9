"""From frames as reports print them to frames of the model, with the images that they lie in."""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from native.crashes.apple.report import MAX_IMAGES, PrintedImage
from native.crashes.raw_frames import RawFrame
from native.mangling import is_mangled, readable
from symbolicator.model import AbsoluteAddress, DebugImage, Frame, FrameData, FrameStatus, ReportedAddress

REDACTED = "<redacted>"
"""What stands for the names of local functions in stripped system libraries."""
_LIMIT = 1 << 64


class ImageTable:
    """The images of a report: those it lists, and those that only frames name, with the address they begin at."""

    def __init__(self, listed: Sequence[PrintedImage], frames: Iterable[RawFrame]) -> None:
        self._listed = listed[:MAX_IMAGES]
        self._ranges = sorted(_range(index, one.image) for index, one in enumerate(self._listed) if _has_place(one))
        self._by_name: dict[str, DebugImage] = {}
        for one in self._listed:
            if one.name:
                self._by_name.setdefault(one.name, one.image)
        self._named = self._only_named(frames)

    @property
    def images(self) -> tuple[DebugImage, ...]:
        """All of them, the listed ones first."""
        return (*(_marked(one) for one in self._listed), *self._named.values())

    def frame(self, raw: RawFrame) -> Frame:
        """The frame of the model."""
        holder = self._holder(raw) or self._named.get(raw.image or "")
        held = holder or self._by_name.get(raw.image or "")
        name = None if raw.function == REDACTED else raw.function
        mangled = name if name and is_mangled(name) else None
        return Frame(
            function=(readable(mangled) if mangled else None) or name,
            symbol=mangled,
            package=(held.code_file if held else None) or raw.image,
            filename=raw.file,
            abs_path=raw.file,
            lineno=raw.line1,
            colno=raw.column1,
            instruction_addr=_address(raw.address),
            image_addr=holder.image_addr if holder else None,
            symbol_addr=_symbol_address(raw) if name else None,
            adjust_instruction_addr=raw.adjust,
            data=_data(raw, is_placed=held is not None or raw.image_offset is not None),
        )

    def _holder(self, raw: RawFrame) -> DebugImage | None:
        """The listed image that covers the frame's address; a return address may be one past its end."""
        if raw.address is None:
            return None
        index = bisect_right(self._ranges, (raw.address, sys.maxsize, 0)) - 1
        start, end, number = self._ranges[index] if index >= 0 else (0, -1, 0)
        return self._listed[number].image if start <= raw.address <= end else None

    def _only_named(self, frames: Iterable[RawFrame]) -> dict[str, DebugImage]:
        found: dict[str, DebugImage] = {}
        for raw in frames:
            base = _base(raw)
            if raw.image and base and raw.image not in found and raw.image not in self._by_name:
                if self._holder(raw) or len(found) >= MAX_IMAGES:
                    continue
                found[raw.image] = DebugImage(type="macho", code_file=raw.image, image_addr=AbsoluteAddress(base))
        return found


def _base(raw: RawFrame) -> int | None:
    if raw.address is None or raw.image_offset is None:
        return None
    base = raw.address - raw.image_offset
    return base if base > 0 else None


def _has_place(one: PrintedImage) -> bool:
    return bool(one.image.image_addr and one.image.image_size)


def _range(index: int, image: DebugImage) -> tuple[int, int, int]:
    start = image.image_addr or 0
    return start, start + (image.image_size or 0), index


def _marked(one: PrintedImage) -> DebugImage:
    """The image with the report's own mark: it is in no field of Sentry's payload."""
    if not one.is_own:
        return one.image
    return replace(one.image, extra={**one.image.extra, "is_own": True})


def _address(value: int | None) -> ReportedAddress | None:
    return ReportedAddress(value) if value is not None and 0 <= value < _LIMIT else None


def _symbol_address(raw: RawFrame) -> AbsoluteAddress | None:
    if raw.address is None or raw.function_offset is None or raw.inlined:
        return None
    start = raw.address - raw.function_offset
    return AbsoluteAddress(start) if 0 <= start < _LIMIT else None


def _data(raw: RawFrame, *, is_placed: bool) -> FrameData | None:
    """A frame with its line needs nothing; one with a name in an image that nobody knows can have nothing more."""
    is_final = bool(raw.file and raw.line1) or bool(raw.function and raw.function != REDACTED and not is_placed)
    data = FrameData(
        status=FrameStatus.AS_IS if is_final else None,
        inlined=raw.inlined,
        function_offset=raw.function_offset if raw.function else None,
        machinery=raw.machinery,
        async_call=raw.async_call,
        extra=raw.notes,
    )
    return None if data == FrameData() else data
