"""Which images a stack can lead through: those that its registers or any word of its memory point into.

Only their files are asked for: a process has hundreds of libraries loaded, and a thread is in a few of them.
"""

from collections.abc import Sequence

from native.images import MAX_UNSIZED, Image, Images
from native.unwinding.threads import is_address, registers_of
from symbolicator.model import Thread


def places_of(images: Images) -> list[tuple[int, int, Image]]:
    """Start and size of every image that has a place, ascending; one without a size reaches to the next."""
    placed = sorted(filter(_has_place, images.all), key=lambda image: image.address or 0)
    starts = [int(image.address or 0) for image in placed]
    following = [*starts[1:], starts[-1] + MAX_UNSIZED] if starts else []
    return [
        (start, image.size or min(end - start, MAX_UNSIZED), image)
        for start, end, image in zip(starts, following, placed, strict=True)
    ]


def _has_place(image: Image) -> bool:
    start, size = image.address or 0, image.size or 0
    return start > 0 and size >= 0 and is_address(start + size)


def referred_images(images: Images, threads: Sequence[Thread], arch: str | None) -> frozenset[Image]:
    """The images that threads refer to. Needs the compiled core."""
    from symbolicator import _core  # noqa: PLC0415 - optional by design

    places = places_of(images)
    memory = [piece.data for thread in threads if thread.stack_memory for piece in thread.stack_memory.pieces]
    spans = [(start, size) for start, size, _ in places]
    registers = [value for thread in threads for value in registers_of(thread).values()]
    found = _core.images_on_stacks(arch or "x86_64", memory, registers, spans)
    return frozenset(places[index][2] for index in found)
