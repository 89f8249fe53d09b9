"""The modules that mono's frames name by their version ids, as images: a debug file is found by what an image says."""

from msgspec.structs import replace

from native.dotnet.mvid import MVID
from symbolicator.model import DebugImage, ExceptionValue, Frame


class Modules:
    """Collects them, each once; ``placed`` makes frames relative to them."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    @property
    def images(self) -> tuple[DebugImage, ...]:
        """The modules in the order in which frames name them."""
        return tuple(DebugImage(type="pe_dotnet", extra={MVID: mvid}) for mvid in self._places)

    def placed(self, value: ExceptionValue) -> ExceptionValue:
        """The exception with its frames relative to their modules."""
        if value.stacktrace is None:
            return value
        frames = tuple(map(self._placed, value.stacktrace.frames))
        return replace(value, stacktrace=replace(value.stacktrace, frames=frames))

    def _placed(self, frame: Frame) -> Frame:
        mvid = frame.data.extra.get(MVID) if frame.data else None
        if not isinstance(mvid, str):
            return frame
        return replace(frame, addr_mode=f"rel:{self._places.setdefault(mvid, len(self._places))}")
