"""From frames as Android prints them to those of the model, each in its language.

Java is of platform ``java`` and has no address: its dex or odex file and the place in that are in ``data``
(``dex_file``, ``dex_pc``). Native code has its address relative to its image. Where there is no image, as for what the
JIT compiled, the address is absolute if the memory map says where that lies.
"""

import re
from collections.abc import Sequence

from native.crashes.android.frames import AndroidFrame, JavaName
from native.crashes.android.images import AndroidImages, is_file
from native.crashes.android.memory_map import Mapping
from native.crashes.java.frames import PLATFORM, known
from symbolicator.model import Frame, FrameData, FrameStatus, ReportedAddress, Stacktrace

_ANONYMOUS = re.compile(r"<anonymous:(?P<begin>[0-9a-f]{1,16})>\Z")
_UNKNOWN = "<unknown>"
_NO_PATHS = (None, _UNKNOWN)


class FrameMaker:
    """Makes the frames of one report. ``platform``: the event's, which its own frames do not repeat."""

    def __init__(self, images: AndroidImages, mappings: Sequence[Mapping] = (), platform: str = "native") -> None:
        self._images = images
        self._platform = platform
        self._begins: dict[str, int | None] = {}
        for mapping in mappings:
            if mapping.name and mapping.is_executable and not is_file(mapping.name):
                self._begins[mapping.name] = None if mapping.name in self._begins else mapping.begin

    def stacktrace(
        self, frames: Sequence[AndroidFrame], registers: dict[str, ReportedAddress | None] | None = None
    ) -> Stacktrace | None:
        """The stack from caller to callee; addresses are adjusted already."""
        if not frames and not registers:
            return None
        made = tuple(self.frame(frame) for frame in reversed(frames))
        return Stacktrace(frames=made, registers=registers, instruction_addr_adjustment="none")

    def frame(self, raw: AndroidFrame) -> Frame:
        """One frame."""
        java = raw.java
        return self._java(raw, java) if java else self._native(raw)

    def _java(self, raw: AndroidFrame, name: JavaName) -> Frame:
        notes = known(
            dex_file=raw.path, dex_pc=hex(raw.pc), arguments=name.arguments, shared_code=name.is_shared or None
        )
        return Frame(
            platform=self._other(PLATFORM),
            module=name.module,
            function=name.function,
            data=FrameData(function_offset=raw.function_offset, extra=notes),
        )

    def _native(self, raw: AndroidFrame) -> Frame:
        number = self._images.number_of(raw)
        address = raw.pc if number is not None else self._absolute(raw)
        data = FrameData(function_offset=raw.function_offset, status=FrameStatus.AS_IS if raw.is_of_runtime else None)
        return Frame(
            platform=self._other("native"),
            function=raw.function,
            package=raw.path,
            instruction_addr=None if address is None else ReportedAddress(address),
            addr_mode=None if number is None else f"rel:{number}",
            in_app=False if raw.is_of_runtime else None,
            data=None if data == FrameData() else data,
        )

    def _absolute(self, raw: AndroidFrame) -> int | None:
        """The address of code that is in no file; None if the report does not say where that was."""
        if raw.path in _NO_PATHS:
            return raw.pc
        anonymous = _ANONYMOUS.match(str(raw.path))
        begin = int(anonymous["begin"], 16) if anonymous else self._begins.get(str(raw.path))
        return None if begin is None or begin + raw.pc >= 1 << 64 else begin + raw.pc

    def _other(self, platform: str) -> str | None:
        return None if platform == self._platform else platform
