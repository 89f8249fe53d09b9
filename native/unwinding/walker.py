"""Opens the files of the images that a stack refers to, and walks the stacks of an event with them.

::

    with Walker.opened(event, images, artifacts) as walker:
        frames = walker.walk(thread)
"""

from collections.abc import Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from native.images import Image, Images
from native.placement import base_by_headers
from native.protocol import DebugFileSummary
from native.unwinding.files import UnwindFile, damage, found_files
from native.unwinding.frames import WalkedFrame
from native.unwinding.references import places_of
from native.unwinding.threads import is_address
from symbolicator.errors import MalformedArtifact
from symbolicator.model import StackMemory
from symbolicator.protocols import Artifacts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from symbolicator import _core

    _Placed = tuple[int, int, int, tuple[_core.UnwindInfo, ...]]
    """Start, size in bytes, where the lowest segment lies, files."""

MAX_FRAMES = 256
_WRAP = 1 << 64


class UnwindingOf(Struct, frozen=True):
    """What an image's files have to say. ``status``: as ``unwind_status`` has it. ``why``: what is wrong with them."""

    status: str
    infos: tuple["_core.UnwindInfo", ...] = ()
    headers: tuple[DebugFileSummary, ...] = ()
    why: str = ""


class Walker(Struct, frozen=True):
    """The images of an event with their files, open."""

    files: Mapping[Image, UnwindingOf]
    places: "tuple[_Placed, ...]"

    @staticmethod
    @contextmanager
    def opened(images: Images, used: frozenset[Image], artifacts: Artifacts) -> "Iterator[Walker]":
        """With the files of the images that are used; of the others only the places are known."""
        with ExitStack() as stack:
            files = {image: _opened(image, artifacts, stack) for image in images.all if image in used}
            yield Walker(files, tuple(_places(images, files)))

    def walk(self, arch: str, registers: Mapping[str, int], memory: StackMemory | None) -> list[WalkedFrame]:
        """The frames of a thread, newest first."""
        from symbolicator import _core  # noqa: PLC0415 - optional by design

        known = [(piece.address, piece.data) for piece in memory.pieces if is_address(piece.address)] if memory else []
        rows = _core.walk_stack(arch, registers, known, self.places, MAX_FRAMES)
        return [WalkedFrame(*row) for row in rows]


def _opened(image: Image, artifacts: Artifacts, stack: ExitStack) -> UnwindingOf:
    damaged = damage(image, artifacts)
    why = damaged.why if damaged else ""
    opened = []
    for file in found_files(image, artifacts):
        try:
            opened += _of_image(file, image, stack)
        except MalformedArtifact as error:
            why = str(error)
    if opened:
        return UnwindingOf("found", tuple(info for _, info in opened), tuple(headers for headers, _ in opened))
    return UnwindingOf("malformed" if why else "missing", why=why)


def _of_image(file: UnwindFile, image: Image, stack: ExitStack) -> "list[tuple[DebugFileSummary, _core.UnwindInfo]]":
    headers = file.headers(image)
    return [(headers, stack.enter_context(file.opened(headers)))] if headers else []


def _places(images: Images, files: Mapping[Image, UnwindingOf]) -> "Iterator[_Placed]":
    for start, size, image in places_of(images):
        file = files.get(image)
        base = _base(image, file) if file and file.infos else None
        yield start, size, start if base is None else base, file.infos if file and base is not None else ()


def _base(image: Image, file: UnwindingOf) -> int | None:
    segments = next((headers.segments for headers in file.headers if headers.segments), ())
    base = base_by_headers(image, file.infos[0].load_address, segments)
    return base.address % _WRAP if base and base.address is not None else None
