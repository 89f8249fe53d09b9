"""The images of a report, and what the frames' addresses are relative to.

Texts name an image and an offset in it (``/lib/libfoo.so+0x1234``). Beside an absolute address that gives where the
image was loaded: all its frames have to agree, else nothing is claimed but the offsets themselves.

The offset counts from the load bias. A bias of 0 means that the image sits where its own headers say (an executable
that is not position independent): the address is then the file's own, and the address that it was loaded at is not in
the text. Such an image says ``load_bias: 0`` and has no ``image_addr``.
"""

import sys
from bisect import bisect_right
from collections.abc import Iterable

from msgspec import Struct, field

from native.crashes.raw_frames import RawFrame
from native.images import LOAD_BIAS
from symbolicator.model import (
    AbsoluteAddress,
    DebugImage,
    Frame,
    FrameData,
    FrameStatus,
    ReportedAddress,
)


class _Seen(Struct):
    """What the frames say about one image."""

    position: int
    biases: set[int] = field(default_factory=set)
    build_id: str | None = None
    arch: str | None = None

    @property
    def bias(self) -> int | None:
        """The load bias that all frames agree on."""
        only = next(iter(self.biases)) if len(self.biases) == 1 else None
        return only if only is not None and only >= 0 else None


class ImageTable:
    """The images that frames name; ``known`` are those that the report lists itself."""

    def __init__(self, frames: Iterable[RawFrame], known: Iterable[DebugImage] = (), *, relative: bool = False) -> None:
        self._seen: dict[str, _Seen] = {}
        self._known = {image.code_file: image for image in known if image.code_file}
        self._ranges = sorted(_range(image) for image in self._known.values() if image.image_addr is not None)
        self._relative = relative
        for path in self._known:
            self._seen[path] = _Seen(len(self._seen))
        for frame in frames:
            self._note(frame)

    def _note(self, frame: RawFrame) -> None:
        if frame.image is None or self._holder(frame):
            return
        seen = self._seen.setdefault(frame.image, _Seen(len(self._seen)))
        seen.build_id = seen.build_id or frame.build_id
        seen.arch = seen.arch or frame.arch
        if frame.address is not None and frame.image_offset is not None:
            seen.biases.add(frame.address - frame.image_offset)

    @property
    def images(self) -> tuple[DebugImage, ...]:
        """The images in the order in which the report names them."""
        return tuple(self._known.get(path) or self._image(path, seen) for path, seen in self._seen.items())

    @staticmethod
    def _image(path: str, seen: _Seen) -> DebugImage:
        return DebugImage(
            type="elf",
            code_file=path,
            code_id=seen.build_id,
            arch=seen.arch,
            image_addr=AbsoluteAddress(seen.bias) if seen.bias else None,
            extra={LOAD_BIAS: 0} if seen.bias == 0 else {},
        )

    def frame(self, raw: RawFrame) -> Frame:
        """The frame of the model: its address absolute, or relative to its image where the text says just that."""
        address, mode = self._address(raw)
        held = self._holder(raw)
        return Frame(
            function=raw.function,
            package=raw.image or (held.code_file if held else None),
            filename=raw.file,
            abs_path=raw.file,
            lineno=raw.line1,
            colno=raw.column1,
            instruction_addr=None if address is None else ReportedAddress(address),
            addr_mode=mode,
            adjust_instruction_addr=raw.adjust,
            image_addr=(held.image_addr if held else self._base(raw)) if mode is None else None,
            data=_data(raw),
            extra={"vars": raw.variables} if raw.variables else {},
        )

    def _holder(self, raw: RawFrame) -> DebugImage | None:
        """The listed image whose bytes hold the frame's absolute address."""
        address = -1 if raw.address is None else raw.address
        index = bisect_right(self._ranges, (address, sys.maxsize, "")) - 1
        start, end, path = self._ranges[index] if index >= 0 else (0, 0, "")
        return self._known[path] if start <= address < end else None

    def _base(self, raw: RawFrame) -> AbsoluteAddress | None:
        known, seen = self._known.get(raw.image or ""), self._seen.get(raw.image or "")
        bias = seen.bias if seen else None
        return known.image_addr if known else AbsoluteAddress(bias) if bias else None

    def _address(self, raw: RawFrame) -> tuple[int | None, str | None]:
        seen = self._seen.get(raw.image or "")
        if seen is None or raw.image_offset is None or self._is_absolute(raw, seen):
            return raw.address, None
        return raw.image_offset, f"rel:{seen.position}"

    def _is_absolute(self, raw: RawFrame, seen: _Seen) -> bool:
        """Whether the absolute address is the better one of the two that the text has."""
        if raw.address is None or seen.bias == 0:
            return raw.address is not None
        return not self._relative and (seen.bias is not None or self._holder(raw) is not None)


def _range(image: DebugImage) -> tuple[int, int, str]:
    start = image.image_addr or 0
    return start, start + (image.image_size or 0), image.code_file or ""


def _data(raw: RawFrame) -> FrameData | None:
    data = FrameData(
        status=FrameStatus.AS_IS if raw.file and raw.line1 else None,
        inlined=raw.inlined,
        function_offset=raw.function_offset,
        machinery=raw.machinery,
        async_call=raw.async_call,
        extra=raw.notes,
    )
    return None if data == FrameData() else data
