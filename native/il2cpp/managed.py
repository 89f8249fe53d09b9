"""Frames of C# that have the address of their native code: Sentry's SDK for Unity adds it to those of an exception.

The SDK gets the addresses from IL2CPP (``il2cpp_native_stack_trace``) and pairs them with the frames by their number
from the oldest call on. Where the two lists differ the pairs are wrong; so an address counts only where the function at
it is what IL2CPP makes of the frame's method.
"""

from collections.abc import Sequence

from native.addresses import image_of
from native.dotnet.frames import PLATFORMS
from native.images import Images
from native.lookups import Lookups
from native.transformer import TRANSFORMER, Run
from symbolicator.model import Event, Frame, Problem, Stacktrace
from symbolicator.model.edit import annotate_frames, platform_of, stacks_of
from symbolicator.protocols import Artifacts, Key


class ManagedFrames:
    """Looks the addresses of such frames up, as those of native frames are."""

    def __init__(self, event: Event) -> None:
        images = Images.of(event)
        self._native = annotate_frames(event, lambda frame: _as_native(event, frame, images))
        pairs = list(zip(stacks_of(event), stacks_of(self._native), strict=True))
        self._twins = {id(stack): twin for (_, stack), (_, twin) in pairs}
        self._has_any = any(
            twin.frames[at] is not frame for (_, stack), (_, twin) in pairs for at, frame in enumerate(stack.frames)
        )
        self._run: Run | None = None
        self._calls: dict[tuple[int, int], Sequence[Frame] | None] = {}

    def needs(self, artifacts: Artifacts) -> frozenset[Key]:
        """The debug files of the images that the addresses lie in."""
        return TRANSFORMER.needs(self._native, artifacts) if self._has_any else frozenset()

    def look_up(self, artifacts: Artifacts) -> None:
        """Finds the functions at all addresses."""
        self._run = Run(Lookups.of(self._native, artifacts), artifacts) if self._has_any else None

    def calls(self, stack: Stacktrace, index: int) -> Sequence[Frame] | None:
        """The native calls at a frame's address, or that frame with the reason why there are none; None if not one."""
        place = (id(stack), index)
        twin = self._twins.get(id(stack), stack)
        if self._run is None or twin.frames[index] is stack.frames[index]:
            return None
        if place not in self._calls:
            self._calls[place] = self._run.resolve(twin, index)
        return self._calls[place]

    def statuses(self) -> dict[int | None, str]:
        """What became of the debug files, by the number of the image."""
        return self._run.statuses() if self._run else {}

    def problems(self) -> list[Problem]:
        """What went wrong."""
        return self._run.problems() if self._run else []


def _as_native(event: Event, frame: Frame, images: Images) -> Frame:
    """The frame with nothing but its address, if it is one whose address lies in an image."""
    is_managed = platform_of(event, frame) in PLATFORMS and frame.function_id is None and frame.status is None
    if not is_managed or frame.instruction_addr is None:
        return frame
    bare = Frame(
        platform="native",
        instruction_addr=frame.instruction_addr,
        addr_mode=frame.addr_mode,
        adjust_instruction_addr=frame.adjust_instruction_addr,
    )
    return bare if image_of(images, bare) else frame
